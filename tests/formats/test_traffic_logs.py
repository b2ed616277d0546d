"""What claude-trace and claude-tap write, line by line."""

from __future__ import annotations

import json

import pytest
from streams import GOOD, recording

from inspector import load_all
from inspector.recording import Absent

EVENTS = [event.data for event in recording(GOOD).events()]
REQUEST = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
SSE = {"Content-Type": "text/event-stream; charset=utf-8", "request-id": "req_1"}


def trace_line(**response):
    url = "https://api.anthropic.com/v1/messages"
    sent = {"timestamp": 1700000000.0, "method": "POST", "url": url, "headers": {}, "body": REQUEST}
    answer = {"timestamp": 1700000000.5, "status_code": 200, "headers": SSE, **response}
    return {"request": sent, "response": answer, "logged_at": "2023-11-14T22:13:22.000Z"}


def tap_line(**response):
    return {
        "timestamp": "2023-11-14T22:13:22+00:00",
        "turn": 1,
        "duration_ms": 2000,
        "request": {"method": "POST", "path": "/v1/messages", "headers": {}, "body": REQUEST},
        "response": {"status": 200, "headers": SSE, "body": None, **response},
        "upstream_base_url": "https://api.anthropic.com",
    }


@pytest.fixture
def read(tmp_path):
    def load(*lines):
        file = tmp_path / "log.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return load_all(file)

    return load


def test_claude_trace_keeps_the_text_of_the_stream(read):
    first, second = read(trace_line(body_raw=GOOD.decode()), trace_line(body_raw=GOOD.decode()))
    assert first.body == second.body == GOOD
    assert (first.response.t, first.head.at) == (0.5, "2023-11-14T22:13:20.000000Z")
    assert first.request.json() == REQUEST
    assert first.head.absent == {Absent.TIMES, Absent.READS, Absent.END}


def test_claude_tap_keeps_the_events_if_it_is_asked_to(read):
    events = [{"event": event["type"], "data": event} for event in EVENTS]
    (made,) = read(tap_line(sse_events=events))
    assert [event.data for event in made.events()] == EVENTS
    assert made.head.at == "2023-11-14T22:13:20.000000Z"
    assert Absent.FRAMING in made.head.absent and Absent.EVENTS not in made.head.absent


def test_claude_tap_without_events_has_the_message(read):
    message = recording(GOOD).message()
    (made,) = read(tap_line(body=message))
    assert made.message()["content"] == message["content"]
    assert Absent.EVENTS in made.head.absent


def test_claude_taps_compact_file_has_all_records(tmp_path):
    file = tmp_path / "trace.compact.json"
    events = [{"event": event["type"], "data": event} for event in EVENTS]
    lines = [tap_line(sse_events=events)] * 3
    file.write_text(json.dumps({"__claude_tap_compact_trace__": {"version": 1}, "records": lines}))
    assert len(load_all(file)) == 3


def test_an_error_is_its_body(read):
    error = {"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down"}}
    for line in (
        trace_line(status_code=429, body=error, headers={"content-type": "application/json"}),
        tap_line(status=429, body=error, headers={"Content-Type": "application/json"}),
    ):
        (made,) = read(line)
        assert made.response.status == 429
        assert json.loads(made.body) == error


def test_a_request_without_a_response_is_one(read):
    made = read(trace_line(body_raw=GOOD.decode()), {**trace_line(), "response": None})
    assert made[1].response is None
