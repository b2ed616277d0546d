"""The timeline shows what arrived, also what an SDK hides or drops."""

from __future__ import annotations

import json

import hypothesis
import pytest
from hypothesis import strategies as st

from inspector.protocol import BLOCK_TYPES, DELTA_TEXT, EVENT_TYPES
from inspector.recording import TimedBlock
from inspector.views.summary import Summary
from inspector.views.timeline import BODY, Timeline, Tone, usage_text


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
    ("delta", "kind", "content", "tone"),
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


def test_the_input_of_a_tool_is_shown_whole_at_its_end():
    assert rows(*tool('{"a":', "1}"))[-1].content == '{"a":1}'


def test_a_tools_input_that_is_no_json_is_an_error():
    row = rows(*tool('{"a":'))[-1]
    assert (row.content, row.tone) == ('input is not valid JSON: {"a":', Tone.ERROR)


@pytest.mark.parametrize(
    ("odd", "name", "text"),
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
def test_what_an_sdk_hides_or_drops_is_shown(odd, name, text):
    (row,) = rows(odd)
    assert row.name == name
    assert text in row.content


def test_a_body_that_is_no_stream_is_a_body():
    (row,) = rows(TimedBlock(1, None, None, b"<html>\n"), stream=False)
    assert (row.name, row.content) == ("(body)", "<html>")


@pytest.mark.parametrize(
    ("start", "content"),
    [
        ({"type": "text", "text": "a"}, "a"),
        ({"type": "thinking", "thinking": "a"}, "a"),
        ({"type": "tool_use", "name": "f", "id": "t", "input": {}}, "f · t"),
        (
            {"type": "mcp_tool_use", "server_name": "s", "name": "f", "id": "t", "input": {"a": 1}},
            's · f · t · {"a":1}',
        ),
        ({"type": "redacted_thinking", "data": "abc"}, "3 characters"),
        ({"type": "fallback"}, ""),
        ({"type": "new", "x": 1}, '{"x":1}'),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else None,
)
def test_the_start_of_a_block_shows_what_it_has_already(start, content):
    (row,) = rows(block(1, "content_block_start", index=4, content_block=start))
    assert (row.block, row.kind, row.content, row.tone) == (4, start["type"], content, Tone.FACT)


@pytest.mark.parametrize(
    ("event", "content"),
    [
        (block(1, "message_start", message={"model": "m", "id": "i", "content": []}), "m · i"),
        (block(1, "message_start", message={"content": [{}]}), "already has 1 content block"),
        (block(1, "message_start", message={"content": [{}, {}]}), "already has 2 content blocks"),
        (
            block(1, "message_delta", delta={"stop_reason": "stop_sequence", "stop_sequence": "END"}),
            'stop_sequence · "END"',
        ),
        (block(1, "message_delta", delta={}, usage={"output_tokens": 1234}), "1,234 out"),
        (block(1, "message_stop"), ""),
        (block(1, "ping", extra=1), '{"extra":1}'),
    ],
)
def test_the_events_around_the_content_show_their_facts(event, content):
    (row,) = rows(event)
    assert (row.block, row.content) == (None, content)


def test_a_row_is_selected_by_each_of_its_types():
    *_, delta, stop = rows(*tool("{}"))
    assert delta.types == {"content_block_delta", "input_json_delta", "tool_use"}
    assert stop.types == {"content_block_stop", "tool_use"}


@pytest.mark.parametrize(
    ("usage", "text"),
    [
        ({"input_tokens": 25, "output_tokens": 12}, "25 in, 12 out"),
        ({"input_tokens": 0, "cache_read_input_tokens": 1024}, "0 in, 1,024 from cache"),
        ({"cache_creation_input_tokens": 7, "cache_read_input_tokens": 0}, "7 to cache"),
        ({"input_tokens": None, "output_tokens": "12"}, ""),
        ({}, ""),
    ],
)
def test_a_usage_shows_its_counts(usage, text):
    assert usage_text(usage) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
PAYLOADS = JSON | st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(EVENT_TYPES)) | JSON},
    optional={
        "index": st.integers(0, 1) | JSON,
        "delta": JSON
        | st.fixed_dictionaries({"type": st.sampled_from(sorted(DELTA_TEXT)) | JSON, "stop_reason": JSON}),
        "content_block": JSON | st.fixed_dictionaries({"type": st.sampled_from(sorted(BLOCK_TYPES)) | JSON}),
        "message": JSON | st.fixed_dictionaries({"content": JSON, "usage": JSON, "stop_reason": JSON}),
        "usage": JSON,
        "error": JSON,
    },
)


@hypothesis.given(
    st.lists(st.tuples(st.sampled_from([None, "x", "ping", "message_start"]), PAYLOADS), max_size=5)
)
def test_no_payload_is_too_strange_to_show(events):
    blocks = [TimedBlock(1, name, json.dumps(payload).encode()) for name, payload in events]
    assert all(isinstance(row.content, str) and isinstance(row.kind, str) for row in rows(*blocks))
    summary = Summary()
    for each in blocks:
        summary.add(each)
    assert all(
        isinstance(text, str | None) for text in (summary.stop_reason, summary.warning, *summary.problems)
    )


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("text", [b'{"type":"error"}', b'{\n  "a": [1]\n}\n', b" [1]"])
def test_a_json_body_is_no_unfinished_event(stream, text):
    """A response without a content type claims to be a stream, but JSON is none."""
    row = Timeline(stream=stream).row(TimedBlock(0.5, None, None, text))
    assert (row.name, row.content) == (BODY, text.decode().rstrip())


@pytest.mark.parametrize("text", [b"data: {", b'{"type":'])
def test_what_breaks_off_is_unfinished(text):
    assert Timeline().row(TimedBlock(0.5, None, None, text)).name == "(unfinished)"
