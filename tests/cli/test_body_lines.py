"""A body that is no event stream is shown as what it is, and drives no terminal."""

from __future__ import annotations

import json
import re

import click
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from inspector.cli import cli
from inspector.cli._body_lines import body_lines
from inspector.cli._event_lines import Look
from inspector.recording.bundled import bundled_recording

MESSAGE = {
    "type": "message",
    "content": [{"type": "text", "text": "A text that is longer than a line of the terminal. " * 5}],
    "usage": {"input_tokens": 10, "tiers": [], "none": None},
}
EVIL = "\x1b[2J\u202e\x9b[red]"


def lines(body, **look):
    return list(body_lines(body if isinstance(body, bytes) else json.dumps(body).encode(), Look(**look)))


def test_json_is_laid_out_and_says_the_same():
    assert json.loads("\n".join(lines(MESSAGE))) == MESSAGE


@pytest.mark.parametrize("width", [40, 80])
def test_json_is_broken_at_words(width):
    shown = lines(MESSAGE, width=width)
    assert max(map(cell_len, shown)) <= width
    assert json.loads(re.sub(r"\n +(?=\w)", " ", "\n".join(shown))) == MESSAGE


@pytest.mark.parametrize("body", [MESSAGE, b"<html>\n <p>hi</p>\n</html>\n"], ids=["JSON", "HTML"])
def test_colour_changes_no_text(body):
    plain = lines(body, width=60)
    assert [click.unstyle(line).rstrip() for line in lines(body, width=60, color=True)] == plain
    assert any("\x1b[" in line for line in lines(body, width=60, color=True))


def test_a_page_keeps_its_lines():
    assert lines(b"<html>\n\n\t<p>hi</p>\r\n</html>\n") == ["  <html>", "", "      <p>hi</p>", "  </html>"]


@pytest.mark.parametrize(
    "body", [{EVIL: EVIL}, EVIL.encode(), b"\xff\xfe" + EVIL.encode()], ids=["JSON", "text", "bytes"]
)
def test_nothing_drives_a_terminal(body):
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", "".join(lines(body, width=80)))


def test_a_secret_is_masked():
    assert "sk-ant-api03" not in "".join(lines({"api_key": "x" * 20, "text": "sk-ant-api03-" + "Ab3" * 30}))


def test_what_is_no_text_is_one_line():
    assert lines(b"\x1f\x8b\0\0rest") == ["  8 bytes that are no text"]


@pytest.mark.parametrize(
    "body", [b"[" * 1000 + b"]" * 1000, b'{"a":"' + b"x" * 500_000 + b'"}', b"<p>" * 200_000]
)
def test_deep_and_huge_bodies_are_shown(body):
    assert max(map(cell_len, lines(body, width=80))) <= 80


def show(*options, **more):
    return CliRunner().invoke(cli, ["show", *options], **more)


ANSWER = (
    b"HTTP/1.1 200 OK\ncontent-type: application/json\n\n"
    + json.dumps({**MESSAGE, "stop_reason": "end_turn"}).encode()
)


def test_a_message_that_is_no_stream_is_shown_and_is_no_problem():
    result = show("-", input=ANSWER)
    assert '    "type": "message",' in result.stdout
    assert "problem" not in result.stdout
    assert [line.split() for line in result.stdout.splitlines()[-3:]] == [
        ["body", str(len(ANSWER) - 48), "bytes"],
        ["stop", "end_turn"],
        ["usage", "10", "in"],
    ]


def test_an_error_keeps_its_error():
    text = show(str(bundled_recording("error_429"))).stdout
    assert '      "type": "rate_limit_error",' in text
    assert "      error  rate_limit_error: This request" in text
    assert "    problem  the API answered with status 429" in text


def test_a_page_instead_of_a_stream_is_shown_and_is_a_problem():
    text = show(str(bundled_recording("broken/html"))).stdout
    assert "\n  <h1>Welcome aboard</h1>\n" in text
    assert "    problem  the body is not an event stream (text/html" in text


def test_unfolded_its_pieces_are_rows():
    text = show("--unfold", str(bundled_recording("broken/html"))).stdout
    assert re.search(r"0\.049 \+0\.049  \(body\) +<!doctype html>\\n<html>", text)


def test_a_body_of_many_megabytes_is_shown_in_parts():
    page = b"<p>" + b"many words " * 200_000
    text = show("-", input=b"HTTP/1.1 200 OK\ncontent-type: text/html\n\n" + page).stdout
    assert text.count("many words") == 200_000
