"""The player's answers as prepared responses: what is made once, and what is not kept."""

from __future__ import annotations

import pytest
from conftest import ROOT
from http_wire import received
from small_recordings import large_lines

from inspector import load
from inspector.play.pace import Pace
from inspector.play.player import Player
from inspector.play.received import IncomingRequest
from inspector.play.sources import sources
from inspector.serve.answers import Answers
from inspector.serve.requests import ParsedRequest
from inspector.serve.responses import Finish

HELLO = ROOT / "recordings" / "hello.jsonl"
TOOL_USE = ROOT / "recordings" / "tool_use.jsonl"


def answers(*recordings, **options):
    return Answers(Player(sources(recordings or [HELLO]), **options), Pace())


def ask(
    path="/v1/messages", body=b'{"stream":true}', method="POST", name=None, http_1_0=False, keep_alive=True
):
    headers = [(b"x-inspector-recording", name)] if name else []
    return ParsedRequest(IncomingRequest(method, path, body, headers), http_1_0, keep_alive)


@pytest.mark.parametrize("body", [b'{"stream":true}', b"{}"], ids=["stream", "message"])
def test_the_same_response_is_prepared_once(body):
    playing = answers(loop=True)
    (_, first), (_, second) = (playing.answer(ask(body=body)) for _ in range(2))
    assert first is second


def test_each_way_to_end_a_connection_has_its_response():
    playing = answers(loop=True)
    assert playing.answer(ask())[1].finish is Finish.KEEP
    assert playing.answer(ask(keep_alive=False))[1].finish is Finish.CLOSE
    assert b"chunked" not in playing.answer(ask(http_1_0=True))[1].wire


@pytest.mark.parametrize("path", ["/v1/models", "/else"])
def test_what_is_made_for_one_request_ends_the_connection_too(path):
    response = answers().answer(ask(path, b"", "GET", keep_alive=False))[1]
    assert response.finish is Finish.CLOSE
    assert b"\r\nconnection: close\r\n" in response.wire


@pytest.mark.parametrize("path", ["/", "/v1/models", "/else"])
def test_the_response_to_head_has_no_body(path):
    _, response = answers().answer(ask(path, b"", "HEAD"))
    assert received(response.wire, closed=False, method="HEAD")[1:] == ([], True)
    assert response.finish is Finish.KEEP


def test_warm_prepares_every_response_and_uses_nothing_up():
    player = Player(sources([HELLO, TOOL_USE]))
    playing = Answers(player, Pace())
    playing.warm()
    assert player.unused == [str(HELLO), str(TOOL_USE)]
    prepared = playing.answer(ask())[1]
    assert b"".join(received(prepared.wire, closed=False)[1]) == load(HELLO).body


def test_the_responses_that_are_kept_are_bounded(monkeypatch):
    monkeypatch.setattr("inspector.serve.answers._KEPT", 10_000)
    playing = answers(HELLO, TOOL_USE, match="name")
    first = playing.answer(ask(name=b"hello"))[1]
    assert playing.answer(ask(name=b"hello"))[1] is first
    playing.answer(ask(name=b"tool_use"))
    assert playing.answer(ask(name=b"hello"))[1] is not first


def test_a_file_that_is_broken_in_the_middle_is_an_error_that_says_so(tmp_path):
    lines = large_lines()[1]
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"".join(lines[:500]) + b"no line of a recording\n" + b"".join(lines[500:]))
    answer, response = answers(file).answer(ask())
    assert (answer.recording, response.status) == (None, 500)
    assert answer.miss.startswith(f"inspector: a recording cannot be played: {file}:501: ")
