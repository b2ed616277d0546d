"""The facts: how content blocks are named in messages."""

from __future__ import annotations

import pytest

from inspector.checker.facts import BlockFacts, EventFacts, MessageFacts, listed
from inspector.checker.findings import NOWHERE
from inspector.recording import TimedBlock


def block(index=0, kind="text", **facts):
    return BlockFacts(index, kind, NOWHERE, **facts)


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        (block(), "block 0 (text)"),
        (block(1, "tool_use", name="f"), "block 1 (tool_use f)"),
        (block(2, None), "block 2 (of unknown type)"),
    ],
)
def test_a_block_is_named_by_its_index_and_type(facts, name):
    assert str(facts) == name


def test_an_open_tool_says_how_much_of_its_json_came():
    tool = block(1, "tool_use", is_tool=True, size=13)
    assert tool.progress == "block 1 (tool_use), 13 characters of its JSON: do not run it"
    tool.prefilled = True
    assert tool.progress == "block 1 (tool_use)"


def test_a_list_names_a_few_and_counts_the_rest():
    assert listed(iter("abc"), 3) == "a, b, c"
    assert listed(iter("abcdefg"), 7, "; ") == "a; b; c; d; e and 2 more"


def test_open_blocks_are_listed_for_the_end_of_a_message():
    message = MessageFacts()
    assert message.still_open == ""
    message.open = {index: block(index) for index in range(4800)}
    assert message.still_open.startswith("; open: block 0 (text), block 1 (text), ")
    assert message.still_open.endswith(" and 4795 more")


@pytest.mark.parametrize(
    ("facts", "plain"),
    [
        (block(delta_type="text_delta", accumulated=None), True),
        (block(delta_type="text_delta"), True),
        (block(delta_type="text_delta", accumulated="A", repeats=1), True),
        (block(delta_type="text_delta", accumulated="A b", repeats=2), False),
        (block(delta_type=None, accumulated=None), False),
        (block(delta_type="text_delta", accumulated=None, start_text="x"), False),
        (block(delta_type="thinking_delta", accumulated=None, signatures=1), False),
        (block(delta_type="input_json_delta", is_tool=True), True),
        (block(delta_type="input_json_delta", is_tool=True, prefilled=True), False),
    ],
)
def test_a_block_is_plain_if_no_rule_can_object_to_its_next_delta(facts, plain):
    assert facts.plain is plain


def test_an_event_gives_the_objects_in_its_payload():
    event = EventFacts(payload={"content_block": {"type": "text"}, "usage": [1]})
    assert (event.content_block, event.usage, event.data) == ({"type": "text"}, {}, b"")


@pytest.mark.parametrize(
    ("timed", "plain"),
    [
        (TimedBlock(0.0, "ping", b"{}"), True),
        (TimedBlock(0.0, "ping", b"{}", b"data: {}\nevent: ping\n\n"), False),
        (TimedBlock(0.0, "ping", b"{}", cuts=((3, 0.0),)), False),
    ],
)
def test_a_block_in_the_plain_form_came_in_one_read(timed, plain):
    assert EventFacts(timed).is_plain is plain
