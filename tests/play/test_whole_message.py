"""The whole message that answers a request for no stream."""

from __future__ import annotations

import pytest
from small_recordings import START, STOP, small, stream

from inspector import End, Ending, Recording, load
from inspector.http_library import exception_for
from inspector.play.whole_message import whole_message
from inspector.recording.bundled import bundled_recording


def test_a_message_comes_when_the_stream_would_have_ended():
    whole = whole_message(stream(START, STOP))
    assert whole.message() == START["message"]
    assert whole.response.t == 9.0
    assert whole.end == End(9.0, Ending.COMPLETE)
    assert whole.response.headers["request-id"] == "req_small"
    assert whole.response.headers["content-type"] == "application/json"
    assert whole.response.headers["content-length"] == str(len(whole.body))


def test_the_headers_of_the_stream_itself_are_left_out():
    recording = load(bundled_recording("web_fetch"))
    assert {"content-encoding", "cache-control"} <= set(recording.response.headers)
    kept = set(whole_message(recording).response.headers)
    assert not {"content-encoding", "cache-control", "transfer-encoding"} & kept


@pytest.mark.parametrize(
    "kind, status",
    [("overloaded_error", 529), ("rate_limit_error", 429), ("api_error", 500), ("new_error", 500)],
)
def test_an_error_event_becomes_the_response_it_would_have_been(kind, status):
    error = {"type": "error", "error": {"type": kind, "message": "m"}}
    whole = whole_message(stream(START, error))
    assert whole.response.status == status
    assert whole.body == b'{"type":"error","error":{"type":"%b","message":"m"}}' % kind.encode()


@pytest.mark.parametrize(
    "end, raised",
    [
        ("cut", "RemoteProtocolError"),
        ("reset", "ReadError"),
        ("timeout", "ReadTimeout"),
        ("abandoned", "RemoteProtocolError"),
        (None, "RemoteProtocolError"),
    ],
)
@pytest.mark.parametrize("error", [None, "ReadTimeout: it said so"])
def test_a_broken_stream_becomes_a_request_without_a_response(library, end, raised, error):
    recording = stream(START, end=end, error=error)
    whole = whole_message(recording)
    assert (whole.response, whole.blocks) == (None, ())
    assert whole.end.how == (end or "cut")
    assert whole.end.t == (9.0 if end else recording.blocks[-1].t)
    expected = raised if error is None or end is None else "ReadTimeout"
    assert type(exception_for(library, whole.end, whole.head, "")).__name__ == expected


@pytest.mark.parametrize(
    "recording",
    [
        small(b"<html>"),
        small(b"{}", status=529),
        small(),
        stream({"type": "ping"}),
        Recording(stream(START).head.__class__("", stream(START).request), (), End(1.0, Ending.RESET)),
    ],
    ids=["html", "error", "empty", "no message", "no response"],
)
def test_what_is_no_stream_of_a_message_stays_as_it_is(recording):
    assert whole_message(recording) is recording
