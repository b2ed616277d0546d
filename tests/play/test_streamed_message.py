"""The stream that is made of a recorded whole message."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_recordings import small

from inspector import check, load
from inspector.play.streamed_message import answers_no_stream, streamed_message
from inspector.play.whole_message import whole_message
from inspector.recording import Request
from inspector.recording.bundled import bundled_recording


@pytest.mark.parametrize(
    "name",
    [
        "hello",
        "tool_use",
        "tools_parallel",
        "thinking",
        "redacted_thinking",
        "web_search",
        "refusal",
        "code_execution",
        "stop_sequence",
    ],
)
def test_its_events_add_up_to_the_message_and_keep_the_protocol(name):
    message = whole_message(load(bundled_recording(name)))
    stream = streamed_message(message)
    assert stream.message() == message.message()
    assert [each for each in check(stream) if each.severity == "error"] == []


def test_it_says_that_its_events_are_made_up_and_comes_when_the_message_came():
    message = whole_message(load(bundled_recording("hello")))
    stream = streamed_message(message)
    headers = stream.response.headers
    assert (headers["x-inspector-made-up"], "content-length" in headers) == ("stream", False)
    assert headers["content-type"].startswith("text/event-stream")
    assert {block.t for block in stream.blocks} == {message.blocks[0].t}
    assert stream.end == message.end


@pytest.mark.parametrize(
    "recording",
    [load(bundled_recording("hello")), small(b"{}"), small(b"<html>"), small(), small(b"{}", status=529)],
    ids=["stream", "no message", "html", "empty", "error"],
)
def test_what_is_no_whole_message_stays_as_it_is(recording):
    assert streamed_message(recording) is recording


@pytest.mark.parametrize(
    ("body", "answers"),
    [(b"{}", True), (b'{"stream":false}', True), (b'{"stream":true}', False), (None, True), (b"[]", True)],
)
def test_json_that_answered_a_request_for_a_stream_is_played_as_it_is(body, answers):
    message = whole_message(load(bundled_recording("hello")))
    assert answers_no_stream(replace(message.head, request=Request(body=body))) is answers
    assert not answers_no_stream(replace(load(bundled_recording("hello")).head, request=Request(body=body)))
