"""Faults of order: events that are missing, doubled, misplaced, unknown, an error, or of another message."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from edited import edit, load, payloads, types

from inspector import faults
from inspector.errors import UsageError
from inspector.recording import Ending, TimedBlock


@pytest.mark.parametrize(
    ("fault", "how", "wait"),
    [
        ("error-event", Ending.COMPLETE, 0),
        ("error-event=api_error,close=fin", Ending.CUT, 0),
        ("error-event=api_error,close=open", Ending.TIMEOUT, 600),
        ("error-unnamed", Ending.COMPLETE, 0),
    ],
)
def test_an_error_ends_the_stream(fault, how, wait):
    at = list(load("hello").events())[23]
    edited = edit("hello", fault)
    assert types(edited)[:-1] == types(load("hello"))[:23]
    assert edited.end.how is how
    assert edited.end.t == pytest.approx(at.t + wait, abs=1e-5)


def test_an_error_event_is_the_apis_own():
    *_, last = edit("hello", "error-event=rate_limit_error,message=Slow").events()
    request_id = load("hello").response.headers["request-id"]
    error = {"details": None, "type": "rate_limit_error", "message": "Slow"}
    assert (last.name, last.data) == ("error", {"type": "error", "error": error, "request_id": request_id})


@pytest.mark.parametrize("shape", ["anthropic", "openai", "vllm", "text"])
def test_an_error_without_a_name_is_the_last_event(shape):
    *_, last = edit("hello", f"error-unnamed={shape}").events()
    assert last.name is None
    assert last.valid is (shape != "text")
    assert b"overloaded" in last.block.data


def test_an_unnamed_error_may_have_a_name():
    *_, last = edit("hello", "error-unnamed=openai,event=message").events()
    assert (last.name, last.data["error"]["code"]) == ("message", 503)


def test_events_are_missing():
    assert types(edit("hello", "drop@type:ping")) == [each for each in types(load("hello")) if each != "ping"]


def test_events_come_more_than_once():
    assert types(edit("hello", "dup=2@type:ping")).count("ping") == 3


@pytest.mark.parametrize(
    ("fault", "order"), [("swap@ev:3", [1, 2, 4, 3, 5]), ("swap@ev:2,with=5", [1, 5, 3, 4, 2])]
)
def test_two_events_change_places(fault, order):
    before = [event.block.raw_bytes for event in load("hello").events()]
    after = [event.block.raw_bytes for event in edit("hello", fault).events()]
    assert after[:5] == [before[number - 1] for number in order]
    assert after[5:] == before[5:]


def test_an_event_that_moves_comes_with_the_event_behind_it():
    edited = edit("hello", "move=30@type:ping")
    assert types(edited).index("ping") == 28
    assert list(edited.events())[28].t == list(load("hello").events())[29].t


def test_a_second_answer_follows_in_its_own_time():
    before, edited = load("hello"), edit("hello", "splice-retry")
    assert types(edited) == types(before)[:23] + types(before)
    ids = [payload["message"]["id"] for payload in payloads(edited, "message_start")]
    assert len(set(ids)) == 2 and len(ids[0]) == len(ids[1])
    assert edited.end.t == pytest.approx(list(before.events())[23].t + before.end.t - before.response.t)


def test_another_recording_may_follow():
    paths = []

    def read(path):
        paths.append(path)
        return load("broken/cut_text")

    edited = edit("hello", "concat,second=other.jsonl", load=read)
    assert paths == ["other.jsonl"]
    assert edited.body == load("hello").body + load("broken/cut_text").body
    assert edited.end.how is Ending.CUT


@pytest.mark.parametrize(
    ("fault", "number", "type_", "payload"),
    [
        ("inject-unknown@ev:3", 3, "brand_new", {"type": "brand_new", "note": "new"}),
        (
            "inject-unknown=delta,name=x@ev:5",
            5,
            "content_block_delta",
            {"type": "content_block_delta", "index": 0, "delta": {"type": "x", "note": "new"}},
        ),
        (
            "inject-unknown=block",
            45,
            "content_block_start",
            {
                "type": "content_block_start",
                "index": 1,
                "content_block": {"type": "brand_new", "note": "new"},
            },
        ),
    ],
)
def test_something_unknown_comes(fault, number, type_, payload):
    event = list(edit("hello", fault).events())[number - 1]
    assert (event.type, json.loads(event.block.data)) == (type_, payload)


def test_a_message_without_an_id_has_no_copy_with_another_id():
    with pytest.raises(UsageError, match="its message has no id to change"):
        edit("hello", ["start-fields=id", "splice-retry"])


@pytest.mark.parametrize("data", [b"[1]", b"7", b'{"message": [1]}'])
def test_a_retry_cannot_be_spliced_into_a_message_without_an_id(data):
    stop = TimedBlock(2.0, "message_stop", b'{"type":"message_stop"}')
    recording = replace(load("hello"), blocks=(TimedBlock(1.0, "message_start", data), stop))
    with pytest.raises(UsageError, match="cannot be applied"):
        faults.apply(recording, "splice-retry")
