"""Rules about how content blocks start and stop."""

from __future__ import annotations

import pytest
from streams import (
    END,
    GOOD,
    STOP,
    TEXT,
    TOOL,
    delta,
    event,
    message_delta,
    opens,
    recording,
    start,
    stops,
    tool_delta,
)

from inspector.checker import check


def messages(body, rule, **options):
    return [finding.message for finding in check(recording(body), select=[rule], **options)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "content_block_stop has no index"),
        ({"index": "0"}, 'content_block_stop has "0" as its index, not a count from 0'),
        ({"index": True}, "content_block_stop has true as its index, not a count from 0"),
        ({"index": False}, "content_block_stop has false as its index, not a count from 0"),
        ({"index": None}, "content_block_stop has null as its index, not a count from 0"),
        ({"index": -1}, "content_block_stop has -1 as its index, not a count from 0"),
        ({"index": {}}, "content_block_stop has an object as its index, not a count from 0"),
    ],
)
def test_an_index_is_a_count(fields, message):
    assert messages(start() + TEXT + event("content_block_stop", **fields), "index-missing") == [message]


@pytest.mark.parametrize("kind", [b"content_block_start", b"content_block_delta", b"content_block_stop", b""])
@pytest.mark.parametrize("index", [b"null", b"true", b"-1", b"[]"])
def test_a_broken_index_is_one_finding_and_no_series_of_them(kind, index):
    body = GOOD.replace(b'"%b"' % kind + b', "index": 0', b'"%b", "index": %b' % (kind, index))
    body = body if kind else GOOD.replace(b'"index": 0', b'"index": %b' % index)
    assert body != GOOD
    assert [f.rule for f in check(recording(body)) if f.severity != "info"] == ["index-missing"]


def test_an_index_says_which_was_expected():
    body = start() + TEXT + opens(3) + stops(3) + opens(4) + stops(4) + END
    assert messages(body, "index-gap") == ["the block has index 3, expected 1"]


def test_indexes_may_go_on_from_the_content_of_the_start():
    content = [{"type": "text", "text": "a"}]
    for index in (0, 1):
        assert messages(start(content=content) + opens(index) + stops(index) + END, "index-gap") == []
    (message,) = messages(start(content=content) + opens(2) + stops(2) + END, "index-gap")
    assert message == "the block has index 2, expected 0"


def test_the_oldest_open_block_is_named():
    body = start() + opens(0) + opens(1) + opens(2)
    assert messages(body, "block-overlap") == [
        "block 1 starts while block 0 (text) is open",
        "block 2 starts while block 0 (text) is open",
    ]


def test_every_unclosed_block_is_named_up_to_a_few():
    body = start() + b"".join(map(opens, range(7))) + message_delta() + STOP
    (message,) = messages(body, "block-unclosed")
    assert message.startswith(
        "message_delta while still open: block 0 (text) since ev 2 @260; block 1 (text) since "
    )
    assert message.endswith(" and 2 more")


def test_an_unclosed_tool_must_not_run():
    body = start() + opens(0, "tool_use") + tool_delta(0, '{"a') + message_delta("tool_use") + STOP
    (message,) = messages(body, "block-unclosed")
    assert message.endswith(
        ": block 0 (tool_use get_weather) since ev 2 @260, 3 characters of its JSON: do not run it"
    )


@pytest.mark.parametrize(
    ("stopped", "message"),
    [
        (TOOL, "block 0 (tool_use get_weather) stops a second time; clients may run the tool twice"),
        (TEXT, "block 0 (text) stops a second time"),
    ],
)
def test_a_second_stop_is_worse_for_a_tool(stopped, message):
    assert messages(start() + stopped + stops(0) + END, "block-stop-duplicate") == [message]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "content_block is missing"),
        ({"content_block": None}, "content_block is null"),
        ({"content_block": [1]}, "content_block is an array"),
        ({"content_block": {}}, "content_block has no type"),
        ({"content_block": {"type": 7}}, "content_block has no type"),
    ],
)
def test_a_start_without_a_block_is_described(fields, message):
    body = start() + event("content_block_start", index=0, **fields) + stops(0) + END
    assert messages(body, "block-invalid") == [message]


@pytest.mark.parametrize(
    ("block", "count"),
    [
        (opens(0) + stops(0), 1),
        (opens(0, text="Hi") + stops(0), 0),
        (opens(0, "thinking") + stops(0), 1),
        (opens(0, "tool_use") + stops(0), 0),
        (TEXT, 0),
    ],
)
def test_blocks_of_text_grow_by_deltas(block, count):
    assert len(messages(start() + block + END, "block-no-deltas")) == count


@pytest.mark.parametrize(("first", "count"), [("Hello", 1), ("Hello there", 1), (" there", 0)])
def test_only_a_delta_that_repeats_the_start_doubles_text(first, count):
    body = start() + opens(0, text="Hello") + delta(0, first) + delta(0, "Hello") + stops(0) + END
    assert len(messages(body, "text-start-nonempty")) == count
