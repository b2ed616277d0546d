"""The timeline says what arrived in words a person can use."""

from __future__ import annotations

import json

import pytest

from inspector.recording import End, Ending, Head, Recording, Request, Response, TimedBlock
from inspector.views.summary import Summary, summary
from inspector.views.timeline import Timeline, Tone


def block(t, name, raw=b"", **data):
    return TimedBlock(t, name, json.dumps({"type": name, **data}).encode(), raw)


def rows(*blocks, **options):
    return list(Timeline(**options).rows(blocks))


def test_rows_are_numbered_and_timed():
    one, two, three = rows(block(0.5, "ping"), TimedBlock(0.75, None, None, b": hi\n\n"), block(1.0, "ping"))
    assert [(r.number, r.t, r.gap) for r in (one, two, three)] == [
        (1, 0.5, 0.5),
        (None, 0.75, 0.25),
        (2, 1.0, 0.25),
    ]


@pytest.mark.parametrize(
    "delta, kind, content, tone",
    [
        ({"type": "text_delta", "text": " Hi"}, "text", " Hi", Tone.TEXT),
        ({"type": "thinking_delta", "thinking": "Hm"}, "thinking", "Hm", Tone.THINKING),
        ({"type": "input_json_delta", "partial_json": '{"a'}, "input_json", '{"a', Tone.JSON),
        ({"type": "signature_delta", "signature": "abc="}, "signature", "4 characters", Tone.QUIET),
        ({"type": "compaction_delta", "content": "So far"}, "compaction", "So far", Tone.TEXT),
        (
            {
                "type": "citations_delta",
                "citation": {"type": "char_location", "cited_text": "x", "title": "T"},
            },
            "citations",
            "char_location · T · “x”",
            Tone.FACT,
        ),
        ({"type": "new_delta", "glow": 1}, "new", '{"type":"new_delta","glow":1}', Tone.ODD),
        ({"type": "text_delta"}, "text", '{"type":"text_delta"}', Tone.ODD),
    ],
    ids=lambda value: value.get("type") if isinstance(value, dict) else None,
)
def test_a_delta_shows_its_content(delta, kind, content, tone):
    (row,) = rows(block(1, "content_block_delta", index=2, delta=delta))
    assert (row.block, row.kind, row.content, row.tone) == (2, kind, content, tone)


def tool(*pieces):
    return [
        block(1, "content_block_start", index=0, content_block={"type": "tool_use", "name": "f", "id": "t"}),
        *[
            block(
                1, "content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": piece}
            )
            for piece in pieces
        ],
        block(1, "content_block_stop", index=0),
    ]


def test_a_tools_input_is_shown_whole_when_it_stops():
    assert rows(*tool('{"a":', "1}"))[-1].content == '{"a":1}'


def test_a_tools_input_that_is_cut_is_said_to_be():
    row = rows(*tool('{"a":'))[-1]
    assert (row.content, row.tone) == ('input is not whole JSON: {"a":', Tone.ERROR)


@pytest.mark.parametrize(
    "odd, name, words",
    [
        (TimedBlock(1, None, None, b": keepalive\n\n"), "(comment)", "keepalive"),
        (TimedBlock(1, None, None, b"\n"), "(blank)", ""),
        (TimedBlock(1, None, None, b"event: x\n\n"), "(no event)", "event: x"),
        (TimedBlock(1, None, None, b"event: x\ndata: {"), "(unfinished)", "event: x\ndata: {"),
        (TimedBlock(1, None, b'{"type":"ping"}', b'data: {"type":"ping"}\n\n'), "(unnamed)", "SDKs skip it"),
        (TimedBlock(1, "ping", b"{oops"), "ping", "not JSON: {oops"),
        (TimedBlock(1, "ping", b"3"), "ping", "not an object: 3"),
        (block(1, "brand_new", glow=1), "brand_new", '"glow":1'),
        (TimedBlock(1, "ping", b'{"type":"message_stop"}'), "ping", "the payload's type is message_stop"),
        (block(1, "error", error={"type": "api_error", "message": "Sorry"}), "error", "api_error: Sorry"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_an_sdk_hides_or_drops_is_told(odd, name, words):
    (row,) = rows(odd)
    assert row.name == name
    assert words in row.content


def test_a_body_that_is_no_stream_is_a_body():
    (row,) = rows(TimedBlock(1, None, None, b"<html>\n"), stream=False)
    assert (row.name, row.content) == ("(body)", "<html>")


@pytest.mark.parametrize("payload", ["null", "[]", '{"type":3}', '{"type":"content_block_delta"}', "{}"])
@pytest.mark.parametrize(
    "name", ["message_start", "content_block_delta", "content_block_stop", "error", "ping"]
)
def test_nothing_a_stream_says_is_too_odd_to_show(name, payload):
    assert len(rows(TimedBlock(1, name, payload.encode()))) == 1
    Summary().add(TimedBlock(1, name, payload.encode()))


HEAD = Head("", Request(), Response(0.1, 200, {"content-type": "text/event-stream"}))
USAGE = {"usage": {"input_tokens": 3, "output_tokens": 1}}
WHOLE = [
    block(0.2, "message_start", message={"stop_reason": None, **USAGE}),
    block(0.2, "ping"),
    block(0.5, "content_block_delta", index=0, delta={"type": "text_delta", "text": "Hi"}),
    block(0.6, "message_delta", delta={"stop_reason": "max_tokens"}, usage={"output_tokens": 9}),
    block(0.6, "message_stop"),
]


def test_the_summary_of_a_whole_answer():
    read = summary(Recording(HEAD, tuple(WHOLE), End(0.7, Ending.COMPLETE)))
    assert (read.events, read.pings, read.reads) == (5, 1, 3)
    assert (read.first_event, read.first_text) == (0.2, 0.5)
    assert read.usage_words == "3 in, 9 out"
    assert read.stop_reason == "max_tokens"
    assert "cut off" in read.warning
    assert read.problems == []
    assert read.size == sum(len(b.raw_bytes) for b in WHOLE)


@pytest.mark.parametrize(
    "blocks, end, words",
    [
        (WHOLE[:-1], Ending.COMPLETE, "without message_stop"),
        (WHOLE, Ending.CUT, "closed before the end"),
        (WHOLE, Ending.RESET, "was reset"),
        (WHOLE, Ending.TIMEOUT, "gave up waiting"),
        (WHOLE, Ending.ABANDONED, "reader stopped"),
        (WHOLE, None, "without an end"),
        ([], Ending.COMPLETE, "is empty"),
        ([TimedBlock(1, None, None, b"<html>")], Ending.COMPLETE, "no event stream"),
        (
            [*WHOLE[:1], block(1, "error", error={"type": "a", "message": "b"})],
            Ending.COMPLETE,
            "an error: a: b",
        ),
    ],
)
def test_what_is_not_a_whole_answer_is_a_problem(blocks, end, words):
    recording = Recording(HEAD, tuple(blocks), end and End(2, end))
    (problem,) = summary(recording).problems
    assert words in problem
