"""A body without an event: what it is, and whether it is what its request asked for."""

from __future__ import annotations

import pytest

from inspector.recording import Request
from inspector.views.plain_body import PlainBody


def of(*pieces):
    made = PlainBody()
    for piece in pieces:
        made.add(piece)
    return made


def test_it_is_read_as_far_as_it_has_come():
    made = of(b'{"type":"mess')
    assert (made.json, made.message) == (None, {})
    made.add(b'age","id":"m"}')
    assert made.message == {"type": "message", "id": "m"}


def test_one_that_is_too_long_is_not_read():
    assert of(b"1", b" " * 2_000_000).raw_bytes == b"1"


@pytest.mark.parametrize(
    "text, kind",
    [
        (b'{"type":"error","error":{"type":"overloaded_error"}}', "overloaded_error"),
        (b'{"error":{"code":404}}', None),
        (b'{"error":"no"}', None),
        (b"<html>", None),
    ],
)
def test_only_the_apis_errors_have_a_type(text, kind):
    assert of(text).error_type == kind


@pytest.mark.parametrize(
    "text, begins",
    [(b"event: x", True), (b"\n\xef\xbb\xbf: hm", False), (b"\xef\xbb\xbfdata:", True), (b"{", False)],
)
def test_an_event_stream_begins_with_a_field_or_a_comment(text, begins):
    assert of(text).begins_as_stream is begins


COUNT = "https://api.anthropic.com/v1/messages/count_tokens"


@pytest.mark.parametrize(
    "request_, text, answers",
    [
        (Request("POST", COUNT, body=b"{}"), b'{"input_tokens":3}', True),
        (Request("POST", COUNT, body=b"{}"), b"<html>", False),
        (Request("POST", COUNT, body=b"{}"), b'{"error":"no"}', False),
        (Request("POST", COUNT, body=b'{"stream":true}'), b'{"type":"message"}', False),
        (Request("POST", COUNT), b'{"type":"message"}', True),
        (Request("POST", COUNT), b'{"input_tokens":3}', False),
        (Request("HEAD", "https://api.anthropic.com/v1/x"), b"", True),
        (Request("GET", "https://a/page"), b"<html>", True),
    ],
)
def test_an_answer_is_what_was_requested(request_, text, answers):
    assert of(text).answers(request_) is answers
