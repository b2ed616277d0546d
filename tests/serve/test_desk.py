"""What answers a request."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT
from test_responses import made, received

from inspector import Head, Recording, Request, UsageError
from inspector.play.matching import Asked
from inspector.play.sources import sources
from inspector.serve.desk import Desk
from inspector.serve.responses import Finish, Pace

HELLO = ROOT / "recordings" / "hello.jsonl"
STREAM = b'{"stream":true}'


def desk(*recordings, match="order", **options):
    return Desk(list(sources(recordings or [HELLO])), Pace(), match, **options)


def ask(path="/v1/messages", body=STREAM, method="POST", name=None):
    return Asked(method, path, body, name)


def seen(reply):
    response, body, _ = received(reply.answer.wire)
    return response.status_code, b"".join(body)


def told(reply):
    status, body = seen(reply)
    return status, json.loads(body)["error"]["message"]


def other(url, body=b"{}", method="GET"):
    recording = made((1.0, body))
    return Recording(Head("", Request(method, url), recording.response), recording.blocks, recording.end)


def test_a_stream_is_the_recording():
    reply = desk().answer(ask())
    assert reply.recording == str(HELLO)
    assert seen(reply)[1].startswith(b"event: message_start\n")


@pytest.mark.parametrize("body", [b"{}", b'{"stream":false}', b'{"stream":"true"}'])
def test_without_a_stream_it_is_the_message(body):
    status, message = seen(desk().answer(ask(body=body)))
    assert (status, json.loads(message)["usage"]["output_tokens"]) == (200, 65)


@pytest.mark.parametrize("body", [b"", b"not json", b"[]"])
def test_a_body_that_is_no_request_gets_what_was_recorded(body):
    assert seen(desk().answer(ask(body=body)))[1].startswith(b"event: message_start\n")


def test_the_same_answer_is_made_once():
    served = desk(loop=True)
    assert served.answer(ask()).answer is served.answer(ask()).answer
    assert served.answer(ask(), keeps=False).answer.finish is Finish.CLOSE


def test_by_body_a_message_is_found_for_a_stream_too():
    body = json.loads(next(sources([HELLO])).head.request.body)
    del body["stream"]
    reply = desk(match="body").answer(ask(body=json.dumps(body).encode()))
    assert reply.recording == str(HELLO)
    missed = desk(match="body").answer(ask(body=json.dumps({**body, "model": "x"}).encode()))
    assert 'where body.model is "claude-haiku-4-5", asked was "x".' in missed.miss
    assert "stream" not in missed.miss


def test_a_path_that_nobody_knows():
    reply = desk().answer(ask("/v2/else"))
    words = (
        "inspector: nothing is served at POST /v2/else; known are /v1/messages. "
        "Point the client's base URL here without a path."
    )
    assert (told(reply), reply.miss) == ((404, words), words)
    assert b"x-should-retry: false\r\n" in reply.answer.wire


def test_a_path_without_its_v1_is_told_what_the_client_wants():
    reply = desk().answer(ask("/messages"))
    assert reply.answer.status == 404
    assert reply.miss.endswith("This client puts no /v1 before its paths: let its base URL end in /v1.")


def test_a_gateways_path_is_known_by_its_end():
    assert desk().answer(ask("/anthropic/v1/messages?beta=true")).recording


def test_any_recorded_path_is_served():
    served = desk(other("https://x/health", b"fine"), other("https://x/v1/files", b"files"))
    assert seen(served.answer(ask("/health", b"", "GET"))) == (200, b"fine")
    assert seen(served.answer(ask("/v1/files", b"", "HEAD"))) == (200, b"")
    assert seen(served.answer(ask("/v1/files", b"", "GET"))) == (200, b"files")


def test_tokens_are_counted_by_estimate_where_no_recording_does():
    status, body = seen(desk().answer(ask("/v1/messages/count_tokens", b"x" * 400)))
    assert (status, json.loads(body)) == (200, {"input_tokens": 100})
    recorded = desk(other("https://x/v1/messages/count_tokens", b'{"input_tokens":7}', "POST"))
    assert seen(recorded.answer(ask("/v1/messages/count_tokens"))) == (200, b'{"input_tokens":7}')


def test_the_models_are_those_of_the_recordings():
    served = desk()
    status, body = seen(served.answer(ask("/v1/models?limit=5", b"", "GET")))
    assert (status, [model["id"] for model in json.loads(body)["data"]]) == (200, ["claude-haiku-4-5"])
    assert seen(served.answer(ask("/v1/models/claude-haiku-4-5", b"", "GET")))[0] == 200
    assert seen(served.answer(ask("/v1/models/other", b"", "GET")))[0] == 404
    assert served.answer(ask()).recording  # nothing was used up


@pytest.mark.parametrize(
    "path, status", [("/", 200), ("/v1/models", 200), ("/v1/messages", 405), ("/else", 404)]
)
def test_head_is_a_head_and_uses_nothing_up(path, status):
    served = desk()
    reply = served.answer(ask(path, b"", "HEAD"))
    assert reply.answer.wire.startswith(b"HTTP/1.1 %d " % status)
    assert reply.answer.wire.endswith(b"\r\n\r\n")
    assert reply.miss is None
    assert served.answer(ask()).recording


def test_an_edit_is_given_each_play_and_its_number():
    given = []

    def edit(recording, number):
        given.append((recording.source, number))
        return made((1.0, b"edited")) if number == 2 else recording

    served = desk(loop=True, edit=edit)
    bodies = [seen(served.answer(ask()))[1] for _ in range(3)]
    served.answer(ask("/v1/models", b"", "GET"))
    assert given == [(str(HELLO), 1), (str(HELLO), 2), (str(HELLO), 3)]
    assert bodies[1] == b"edited"
    assert bodies[0] == bodies[2] != b"edited"


def test_an_edit_that_does_not_fit_is_told_to_the_client():
    def edit(recording, number):
        raise UsageError("there is no event 99")

    assert told(desk(edit=edit).answer(ask())) == (
        500,
        f"inspector: {HELLO} cannot be played: there is no event 99",
    )


def test_warm_makes_every_answer_and_uses_nothing_up():
    served = desk(HELLO, ROOT / "recordings" / "tool_use.jsonl")
    served.warm()
    assert served.answer(ask()).recording == str(HELLO)


def test_the_answers_that_are_kept_are_bounded(monkeypatch):
    monkeypatch.setattr("inspector.serve.desk._KEPT", 10_000)
    served = desk(HELLO, ROOT / "recordings" / "tool_use.jsonl", loop=True, match="name")
    first = served.answer(ask(name="hello")).answer
    assert served.answer(ask(name="hello")).answer is first
    served.answer(ask(name="tool_use"))
    assert served.answer(ask(name="hello")).answer is not first
