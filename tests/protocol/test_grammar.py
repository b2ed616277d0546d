"""The grammar: its tables are complete, and its walker reports one misstep for one mistake."""

from __future__ import annotations

import itertools

import pytest

from inspector.protocol.grammar import (
    BLOCK_GRAMMAR,
    MESSAGE_GRAMMAR,
    BlockState,
    MessageState,
    Misstep,
    Walker,
)

KINDS = [
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "error",
]


def walk(*steps):
    """Walk (kind, index) steps or kinds; list every misstep."""
    walker, missteps = Walker(), []
    for step in steps:
        kind, index = step if isinstance(step, tuple) else (step, 0)
        payload = {"index": index}
        if kind == "message_delta":
            payload["delta"] = {"stop_reason": "end_turn"}
        missteps += walker.step(kind, payload)
    return missteps, walker


START, STOP, DELTA = "content_block_start", "content_block_stop", "content_block_delta"
BLOCK = [(START, 0), (DELTA, 0), (STOP, 0)]
CLOSE = ["message_delta", "message_stop"]


def test_the_table_has_every_event_in_every_state_of_the_message():
    assert set(MESSAGE_GRAMMAR) == set(itertools.product(MessageState, KINDS))


def test_the_table_has_every_block_event_in_every_state_of_a_block():
    assert set(BLOCK_GRAMMAR) == set(itertools.product(BlockState, (START, DELTA, STOP)))


def test_every_misstep_is_in_a_table_or_reported_by_the_walker():
    in_tables = {misstep for _, misstep in [*MESSAGE_GRAMMAR.values(), *BLOCK_GRAMMAR.values()] if misstep}
    by_the_walker = {Misstep.INDEX_MISSING, Misstep.INDEX_GAP, Misstep.OVERLAP, Misstep.UNCLOSED}
    assert in_tables | by_the_walker == set(Misstep)


def test_a_message_as_documented_has_no_misstep():
    missteps, walker = walk("message_start", *BLOCK, (START, 1), (STOP, 1), *CLOSE)
    assert missteps == []
    assert walker.message is MessageState.STOPPED


@pytest.mark.parametrize("odd", ["ping", "vertex_event", "content_block_pause"])
def test_events_that_are_not_in_the_table_are_legal_everywhere(odd):
    missteps, _ = walk(odd, "message_start", odd, *BLOCK, odd, *CLOSE, odd)
    assert missteps == []


@pytest.mark.parametrize(
    ("steps", "missteps"),
    [
        pytest.param([(START, 0), "message_start"], [Misstep.START_LATE], id="late start"),
        pytest.param(["message_start", "message_start"], [Misstep.START_AGAIN], id="second start"),
        pytest.param(
            ["message_start", *CLOSE, "message_start"], [Misstep.START_AFTER_STOP], id="second message"
        ),
        pytest.param(["message_start", *CLOSE, "message_stop"], [Misstep.STOP_AGAIN], id="second stop"),
        pytest.param(["message_start", *CLOSE, (DELTA, 0)], [Misstep.AFTER_STOP], id="delta after stop"),
        pytest.param(["error", "message_stop"], [Misstep.AFTER_ERROR], id="after error"),
        pytest.param(["message_start", (START, None)], [Misstep.INDEX_MISSING], id="no index"),
        pytest.param(["message_start", (START, True)], [Misstep.INDEX_MISSING], id="index true"),
        pytest.param(["message_start", (START, -1)], [Misstep.INDEX_MISSING], id="index -1"),
        pytest.param(
            ["message_start", (START, 0), (START, None)],
            [Misstep.INDEX_MISSING],
            id="no index, and an overlap",
        ),
        pytest.param(["message_start", *BLOCK, (DELTA, -1)], [Misstep.INDEX_MISSING], id="delta for -1"),
        pytest.param(
            ["message_start", (START, None), (DELTA, 0), (STOP, None), *CLOSE],
            [Misstep.INDEX_MISSING] * 2,
            id="the place is clear without an index",
        ),
        pytest.param(["message_start", *BLOCK, *BLOCK, *CLOSE], [Misstep.INDEX_DUPLICATE], id="same index"),
        pytest.param(["message_start", (START, 1), (STOP, 1), *CLOSE], [Misstep.INDEX_GAP], id="from 1"),
        pytest.param(
            ["message_start", (START, 1), (STOP, 1), (START, 2), (STOP, 2), *CLOSE],
            [Misstep.INDEX_GAP],
            id="all from 1",
        ),
        pytest.param(
            ["message_start", (START, 0), (START, 1), (STOP, 0), (STOP, 1), *CLOSE],
            [Misstep.OVERLAP],
            id="overlap",
        ),
        pytest.param(["message_start", (DELTA, 3), *CLOSE], [Misstep.DELTA_UNSTARTED], id="unstarted"),
        pytest.param(
            ["message_start", *BLOCK, (DELTA, 0), *CLOSE], [Misstep.DELTA_AFTER_STOP], id="after its stop"
        ),
        pytest.param(["message_start", (STOP, 0), *CLOSE], [Misstep.STOP_UNSTARTED], id="stop unstarted"),
        pytest.param(
            ["message_start", *BLOCK, (STOP, 0), *CLOSE], [Misstep.BLOCK_STOP_AGAIN], id="stopped twice"
        ),
        pytest.param(["message_start", (START, 0), "message_delta"], [Misstep.UNCLOSED], id="left open"),
        pytest.param(
            ["message_start", *BLOCK, "message_delta", (START, 1), (STOP, 1)],
            [Misstep.CONTENT_AFTER_DELTA],
            id="content after message_delta",
        ),
    ],
)
def test_one_mistake_is_one_misstep(steps, missteps):
    assert walk(*steps)[0] == missteps


@pytest.mark.parametrize("lost", range(7))
def test_a_lost_event_makes_no_other_event_a_misstep(lost):
    steps = ["message_start", *BLOCK, (START, 1), (STOP, 1), "message_delta"]
    walker = Walker()
    missteps = []
    for number, step in enumerate(steps):
        kind, index = step if isinstance(step, tuple) else (step, 0)
        if number == lost:
            walker.assume(kind)
        else:
            missteps += walker.step(kind, {"index": index, "delta": {"stop_reason": "end_turn"}})
    assert missteps == []


def test_a_repeated_message_start_keeps_the_open_blocks():
    walker = Walker()
    walker.step("message_start", {})
    walker.step(START, {"index": 0})
    assert walker.step("message_start", {}, repeated=True) == [Misstep.START_AGAIN]
    assert list(walker.open) == [0]


def test_indexes_may_go_on_from_the_content_of_message_start():
    walker = Walker()
    walker.step("message_start", {"message": {"content": [{"type": "text"}]}})
    assert walker.step(START, {"index": 1}) == []


@pytest.mark.parametrize("steps", list(itertools.product([*KINDS, "ping"], repeat=3)))
def test_the_walker_takes_any_sequence_of_events(steps):
    _, walker = walk(*steps)
    assert walker.message in MessageState


def test_a_doubt_stays_until_the_next_message():
    walker = Walker()
    walker.step("message_start", {})
    walker.assume(None)
    walker.assume(DELTA)  # a lost delta explains nothing, and takes nothing back
    assert walker.step(STOP, {"index": 4}) == []
    walker.step("message_start", {})
    assert walker.step(STOP, {"index": 4}) == [Misstep.STOP_UNSTARTED]


def test_open_blocks_are_in_the_order_of_their_starts():
    walker = Walker()
    for index in (0, 2, 1, 0):
        walker.step(START, {"index": index})
    assert list(walker.open) == [2, 1, 0]


def test_unclosed_blocks_are_reported_once_and_count_as_stopped():
    missteps, walker = walk("message_start", (START, 0), "message_delta", (DELTA, 0), "message_stop")
    assert missteps == [Misstep.UNCLOSED, Misstep.DELTA_AFTER_STOP]
    assert not walker.open


def test_a_message_start_after_an_error_changes_nothing():
    walker = Walker()
    for kind in ("message_start", START, "error"):
        walker.step(kind, {"index": 0})
    assert walker.step("message_start", {}) == [Misstep.AFTER_ERROR]
    assert list(walker.open) == [0]
