"""The message and its content blocks, as the tracker keeps them."""

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
    frame,
    message_delta,
    opens,
    recording,
    start,
    stops,
    tool_delta,
)

from inspector.checker import Limits, Profile
from inspector.checker.context import Context
from inspector.checker.rule import Moment
from inspector.checker.tracker import Tracker
from inspector.protocol.grammar import Misstep

LOST = frame("content_block_delta", b"{")


def track(body, ids=None):
    """The context after a body, and the missteps that were announced."""
    sent, missteps = recording(body), []
    context = Context(sent.head, Profile.ANTHROPIC, Limits())
    tracker = Tracker(context, missteps.append, {} if ids is None else ids)
    for block in sent.blocks:
        tracker.take(block)
    return context, [misstep for misstep in missteps if isinstance(misstep, Misstep)], tracker.message


def message(body):
    return track(body)[0].message


def test_a_message_has_its_id_usage_and_reason():
    facts = message(GOOD)
    assert (facts.id, facts.usage["input_tokens"], facts.stop_reason) == ("msg_1", 10, "end_turn")
    assert (facts.output, facts.deltas, facts.text_size) == (12, 1, len("Hello there"))
    assert facts.reason_at == facts.output_at


@pytest.mark.parametrize(
    "fields",
    [
        {"id": 7, "usage": [], "content": "x", "stop_reason": 3},
        {"id": ..., "usage": ..., "content": ...},
    ],
)
def test_fields_of_a_wrong_type_count_as_absent(fields):
    facts = message(start(**fields))
    assert (facts.id, facts.usage, facts.blocks, facts.start_reason) == ("", {}, [], None)


def test_a_whole_message_in_message_start_is_prefilled():
    facts = message(start(content=[{"type": "text"}, 7], stop_reason="tool_use"))
    assert facts.prefilled and facts.stop_reason == "tool_use"
    assert [(block.index, block.type) for block in facts.blocks] == [(-1, "text"), (-1, None)]
    assert facts.preset == 2


def test_blocks_are_kept_in_order_and_open_ones_apart():
    facts = message(start() + TEXT + opens(1, "tool_use") + opens(2))
    assert [block.type for block in facts.blocks] == ["text", "tool_use", "text"]
    assert list(facts.open) == [1, 2]


def test_a_block_that_starts_again_is_the_newest_with_its_index():
    facts = message(start() + opens(0) + opens(1) + opens(0, "thinking"))
    assert [block.type for block in facts.open.values()] == ["text", "thinking"]
    assert facts.by_index[0] is facts.open[0]


def test_a_tool_keeps_its_json_until_it_stops():
    body = start() + opens(0, "tool_use") + tool_delta(0, '{"a":') + tool_delta(0, " 1}")
    assert message(body).open[0].pieces == ['{"a":', " 1}"]
    (tool,) = message(body + stops(0)).blocks
    assert (tool.pieces, tool.json.state, tool.json.size) == ([], "object", 8)


def test_tools_and_results_are_remembered_by_id():
    result = event("content_block_start", index=1, content_block={"type": "x", "tool_use_id": "toolu_0"})
    facts = message(start() + TOOL + result)
    assert (facts.tool_ids, facts.results) == ({"toolu_0": 0}, {"toolu_0"})


def test_text_that_repeats_itself_is_followed_until_it_does_not():
    body = start() + opens(0) + delta(0, "a") + delta(0, "ab") + delta(0, "abc")
    assert message(body).blocks[0].repeats == 3
    (block,) = message(body + delta(0, "x") + delta(0, "abc")).blocks
    assert (block.accumulated, block.repeats) == (None, 0)


def test_a_signature_makes_a_block_signed_and_no_longer_plain():
    signature = delta(0, "sig", "signature_delta")
    (block,) = message(start() + opens(0, "thinking") + signature).blocks
    assert (block.signed, block.signatures, block.delta_type) == (True, 1, None)


def test_a_repeated_message_start_changes_nothing():
    context, missteps, _ = track(start() + TEXT + start())
    assert missteps == [Misstep.START_AGAIN]
    assert context.event.repeated and len(context.message.blocks) == 1


def test_another_message_start_begins_anew():
    facts = message(start() + TEXT + start("msg_2"))
    assert (facts.id, facts.blocks, facts.open) == ("msg_2", [], {})


def test_a_late_message_start_keeps_the_blocks_before_it():
    context, missteps, _ = track(opens(0, "tool_use") + start() + stops(0))
    assert missteps == [Misstep.START_LATE]
    assert [block.type for block in context.message.blocks] == ["tool_use"]
    assert context.message.tool_ids == {"toolu_0": 0}
    assert not context.message.open


def test_unclosed_blocks_are_open_while_rules_speak_and_not_after():
    sent = recording(start() + opens(0) + message_delta())
    context, seen = Context(sent.head, Profile.ANTHROPIC, Limits()), []

    def announce(moment):
        if moment in (Misstep.UNCLOSED, Moment.MESSAGE_DELTA):
            seen.append(list(context.message.open))

    tracker = Tracker(context, announce, {})
    for block in sent.blocks:
        tracker.take(block)
    assert seen == [[0], []]


@pytest.mark.parametrize(
    ("lost", "doubtful"),
    [("content_block_delta", False), ("ping", False), ("message_stop", True), ("odd", True)],
)
def test_a_lost_event_makes_open_blocks_doubtful_and_most_the_message_too(lost, doubtful):
    facts = message(start() + TEXT + opens(1) + frame(lost, b"{"))
    assert [block.doubtful for block in facts.blocks] == [False, True]
    assert facts.doubtful is doubtful


def test_every_open_block_is_doubtful_after_a_loss_whatever_came_between():
    facts = message(start() + opens(0) + opens(1) + LOST + opens(2) + opens(0) + LOST)
    assert all(block.doubtful for block in facts.open.values())


@pytest.mark.parametrize(
    ("lost", "facts"),
    [
        ("content_block_start", lambda c: c.message.by_index[5].doubtful and 5 in c.message.open),
        ("content_block_stop", lambda c: not c.message.open),
        ("message_start", lambda c: c.message.started and not c.message.blocks and not c.message.by_index),
        ("message_stop", lambda c: c.stream.stop_assumed),
        ("error", lambda c: c.stream.error_at is not None),
    ],
)
def test_a_lost_event_does_what_it_was_meant_to_do(lost, facts):
    context, _, _ = track(start() + opens(4) + frame(lost, b"{"))
    assert facts(context)


def test_an_event_without_a_payload_is_lost_too():
    assert message(start() + TEXT + b"event: content_block_start\n\n").open[1].doubtful


def test_a_start_without_an_index_starts_the_next_block():
    facts = message(start() + TEXT + event("content_block_start", content_block={"type": "text"}))
    assert [block.index for block in facts.blocks] == [0, 1] and not facts.doubtful


def test_a_delta_without_an_index_goes_to_the_only_open_block():
    text = event("content_block_delta", delta={"type": "text_delta", "text": "four"})
    assert message(start() + opens(0) + text).blocks[0].size == 4
    assert message(start() + opens(0) + opens(1) + text).text_size == 0


@pytest.mark.parametrize(
    ("body", "plain"),
    [
        pytest.param(start() + opens(0), [0], id="no delta yet"),
        pytest.param(start() + opens(0) + delta(0, "A"), [0], id="one delta"),
        pytest.param(start() + opens(0) + delta(0, "A") + delta(0, "A b"), [], id="may repeat all text"),
        pytest.param(start() + opens(0) + delta(0) + delta(0), [0], id="settled"),
        pytest.param(opens(0) + delta(0), [], id="without message_start"),
        pytest.param(start(content=[{"type": "text"}], stop_reason="end_turn") + opens(1), [], id="preset"),
        pytest.param(start() + opens(0, "tool_use") + tool_delta(0, ""), [0], id="tool"),
        pytest.param(start() + opens(0) + delta(0) * 2 + opens(1), [1], id="after another start"),
        pytest.param(start() + opens(0) + delta(0) * 2 + LOST, [], id="after a loss"),
        pytest.param(start() + opens(0) + delta(0) * 2 + message_delta(None), [], id="after message_delta"),
        pytest.param(start() + opens(0, "sketch") + delta(0) * 2, [], id="unknown type"),
    ],
)
def test_blocks_are_plain_once_nothing_can_be_said_against_their_deltas(body, plain):
    assert list(track(body)[2].plain) == plain


def test_a_message_id_belongs_to_the_recording_that_had_it_first():
    ids = {}
    assert not track(GOOD, ids)[0].message.id_reused
    assert track(GOOD, ids)[0].message.id_reused
    assert not track(GOOD.replace(b"msg_1", b"msg_2") + start("msg_2"), ids)[0].message.id_reused
    assert ids == {"msg_1": 1, "msg_2": 2}


def test_nothing_is_taken_after_the_end():
    context, missteps, _ = track(GOOD + STOP + opens(1) + delta(1) + message_delta(output=99))
    assert set(missteps) == {Misstep.STOP_AGAIN, Misstep.AFTER_STOP}
    assert (len(context.message.blocks), context.message.output) == (1, 12)
    error = event("error", error={"type": "x", "message": "y"})
    context, missteps, _ = track(start() + error + TEXT + END + error)
    assert set(missteps) == {Misstep.AFTER_ERROR}
    assert not context.message.blocks
