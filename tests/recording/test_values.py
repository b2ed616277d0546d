"""What a recording says is a pure reading of what it holds."""

from __future__ import annotations

import dataclasses
import json

import pytest

from inspector import sse
from inspector.recording import (
    Head,
    Recorder,
    Recording,
    Request,
    Response,
    TimedBlock,
    chunks,
    dump_block,
    events,
    parse_line,
)
from inspector.recording.values import timed_block

BODY = (
    b'\xef\xbb\xbfevent: message_start\ndata: {"type":"message_start","message":{"content":[]}}\n\n'
    b": note\n\n"
    b'event: ping\ndata: {"type": "ping"}\n\n'
    b"data: [DONE]\n\n"
    b"event: odd\r\ndata: 7\r\n\r\n"
    b"event: tail\ndata: {"
)


def recorded(body):
    recorder = Recorder()
    return Recording(Head("", Request(), Response(0.5)), (*recorder.feed([(1.0, body)]), *recorder.close()))


def test_the_body_is_the_bytes_of_the_blocks():
    assert recorded(BODY).body == BODY


def test_the_events_are_what_the_stream_dispatches():
    listed = [(e.number, e.t, e.name, e.data, e.valid, e.type) for e in recorded(BODY).events()]
    assert listed == [
        (
            1,
            1.0,
            "message_start",
            {"type": "message_start", "message": {"content": []}},
            True,
            "message_start",
        ),
        (2, 1.0, "ping", {"type": "ping"}, True, "ping"),
        (3, 1.0, None, None, False, None),
        (4, 1.0, "odd", 7, True, "odd"),
    ]


def test_the_offset_of_an_event_is_the_first_byte_of_its_block():
    recording = recorded(BODY)
    for event in recording.events():
        raw = event.block.raw_bytes
        assert recording.body[event.offset : event.offset + len(raw)] == raw
    assert [event.offset for event in recording.events()][1] == BODY.index(b"event: ping")


@pytest.mark.parametrize(
    "name, data, kind",
    [
        pytest.param("a", b'{"type":"b"}', "b", id="the payload's before the name"),
        pytest.param("a", b"{}", "a", id="the name where the payload has none"),
        pytest.param("a", b'{"type":[1]}', "a", id="a type that is no text"),
        pytest.param("a", b"[]", "a", id="no object"),
        pytest.param("a", b"nope", "a", id="no JSON"),
        pytest.param(None, b"nope", None, id="nothing"),
    ],
)
def test_the_type_of_an_event(name, data, kind):
    (event,) = events([TimedBlock(0.0, name, data)])
    assert event.type == kind


@pytest.mark.parametrize(
    "block, raw",
    [
        (TimedBlock(0.0, "a", b"1"), b"event: a\ndata: 1\n\n"),
        (TimedBlock(0.0, "é", b"", b""), "event: é\ndata: \n\n".encode()),
        (TimedBlock(0.0, "a", b"1", b"data:1\nevent:a\n\n"), b"data:1\nevent:a\n\n"),
        (TimedBlock(0.0, None, None, b": c\n\n"), b": c\n\n"),
        (TimedBlock(0.0, None, None), b""),
    ],
)
def test_the_bytes_of_a_block(block, raw):
    assert block.raw_bytes == raw
    assert block.size == len(raw)


@pytest.mark.parametrize(
    "raw",
    [b"event: a\ndata: 1\n\n", b"event: a\xff\ndata: 1\n\n", b"data: 1\r\n\r\n", b": note\n\n", b"\xff"],
)
def test_a_block_with_a_time_has_the_bytes_it_had(raw):
    block = timed_block(sse.parse(raw), 2.5, ((1, 1.0),), {"note": 1})
    assert (block.t, block.cuts, block.extra, block.raw_bytes) == (2.5, ((1, 1.0),), {"note": 1}, raw)
    assert parse_line(dump_block(block)) == block


@pytest.mark.parametrize(
    "extra, timed",
    [
        (None, True),
        ({}, True),
        ({"note": 1}, True),
        ({"untimed": True}, False),
        ({"untimed": True, "faults": []}, False),
        ({"untimed": False}, True),
        ({"untimed": None}, True),
        ({"untimed": 1}, True),
        ({"untimed": "no"}, True),
    ],
)
def test_times_are_real_unless_the_head_says_that_they_are_not(extra, timed):
    assert Head("", Request(), extra=extra).timed is timed


def test_the_chunks_are_as_the_blocks_say():
    blocks = [
        TimedBlock(1.0, None, None, b"aa"),
        TimedBlock(1.0, None, None, b"bb"),
        TimedBlock(4.0, None, None, b"ccccc", ((1, 1.0), (3, 3.0))),
        TimedBlock(5.0, None, None, b"d"),
        TimedBlock(2.0, None, None, b"e"),
    ]
    assert list(chunks(blocks)) == [(1.0, b"aabbc"), (3.0, b"cc"), (4.0, b"cc"), (5.0, b"d"), (2.0, b"e")]


@pytest.mark.parametrize(
    "cuts",
    [((9, 1.0),), ((3, 1.0), (1, 2.0)), ((0, 1.0),), ((2, 1.0), (2, 1.0))],
    ids=["beyond", "back", "zero", "twice"],
)
def test_cuts_that_make_no_sense_lose_no_byte(cuts):
    block = TimedBlock(3.0, None, None, b"abcd", cuts)
    assert b"".join(piece for _, piece in chunks([block, block])) == b"abcd" * 2


def test_nothing_has_no_chunks():
    assert list(chunks([])) == []
    assert list(chunks([TimedBlock(0.0, None, None)])) == []


MESSAGE = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "hi"}]}


@pytest.mark.parametrize(
    "body, message",
    [
        pytest.param(BODY, {"content": []}, id="a stream"),
        pytest.param(json.dumps(MESSAGE, indent=2).encode(), MESSAGE, id="a message as one JSON body"),
        pytest.param(
            json.dumps(MESSAGE).replace(", ", ",\n\n").encode(), MESSAGE, id="the same with blank lines"
        ),
        pytest.param(b'{"type":"error"}', None, id="an error as one JSON body"),
        pytest.param(b"[1]", None, id="other JSON"),
        pytest.param(b"<html>", None, id="a page"),
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"event: ping\ndata: {}\n\n", None, id="a stream without a start"),
    ],
)
def test_the_message(body, message):
    assert recorded(body).message() == message


def test_reading_a_recording_changes_nothing_in_it():
    recording = recorded(BODY)
    first = recording.message()
    first["content"].append("mine")
    assert recording.message() == {"content": []}
    assert recording == recorded(BODY)


@pytest.mark.parametrize(
    "body, value", [(b'{"a":1}', {"a": 1}), (b"no", None), (None, None), (b"\xff", None)]
)
def test_the_json_of_a_request(body, value):
    assert Request(body=body).json() == value


def test_a_recording_names_its_parts():
    recording = recorded(b"")
    assert (recording.request, recording.response) == (recording.head.request, recording.head.response)


def test_where_a_recording_comes_from_is_no_part_of_what_it_is():
    recording = recorded(BODY)
    assert dataclasses.replace(recording, source="x.jsonl", torn=True) == recording


@pytest.mark.parametrize(
    "value", [recorded(b""), Request(), Response(0.0), Head("", Request())], ids=lambda v: type(v).__name__
)
def test_values_do_not_change(value):
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        setattr(value, dataclasses.fields(value)[0].name, None)
