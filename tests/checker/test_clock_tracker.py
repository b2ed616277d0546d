"""Keeping time: silences, pings, and pauses."""

from __future__ import annotations

import pytest
from streams import recording

from inspector.checker import Limits, Profile
from inspector.checker.clock_tracker import ClockTracker
from inspector.checker.context import Context
from inspector.recording import TimedBlock


@pytest.fixture
def context():
    return Context(recording(t=1.0).head, Profile.ANTHROPIC, Limits(gap_idle=10.0, gap_content=20.0))


@pytest.fixture
def tracker(context):
    return ClockTracker(context)


def event(t, name="content_block_delta", cuts=()):
    return TimedBlock(t, name, b"{}", cuts=cuts)


def comment(t):
    return TimedBlock(t, None, None, b": x\n\n")


def take(tracker, *blocks):
    """Whether each block ends a long silence."""
    results = []
    for block in blocks:
        results.append(tracker.measure(block))
        tracker.restart(block)
    return results


def test_the_clock_starts_with_the_response(context, tracker):
    assert (context.clock.t, context.clock.last_bytes, context.clock.last_content) == (1.0, 1.0, 1.0)


def test_silence_is_the_longest_pause_before_or_within_a_block(context, tracker):
    assert take(tracker, event(2.0), event(11.0, cuts=((3, 3.0), (5, 9.5)))) == [False, False]
    assert context.clock.silence == 6.5
    assert take(tracker, event(21.0)) == [True]


def test_pings_and_comments_are_bytes_and_no_content(context, tracker):
    blocks = [event(2.0), event(9.0, "ping"), comment(16.0), event(24.0)]
    assert take(tracker, *blocks[:3]) == [False, False, False]
    assert (context.clock.gap_pings, context.clock.comment_pause) == (2, 14.0)
    assert tracker.measure(blocks[3])
    assert context.clock.quiet == 22.0
    tracker.restart(blocks[3])
    assert context.clock.gap_pings == 0


def test_pings_are_counted_with_the_shortest_and_the_longest_pause(context, tracker):
    for t in (2.0, 3.0, 7.0):
        context.clock.t = t
        tracker.ping()
    clock = context.clock
    assert (clock.pings, clock.shortest_ping_gap, clock.longest_ping_gap) == (3, 1.0, 4.0)


def test_pings_without_times_are_only_counted(context, tracker):
    context.timed = False
    tracker.ping()
    tracker.ping()
    assert (context.clock.pings, context.clock.shortest_ping_gap) == (2, None)


def test_a_pause_between_events_is_noted_unless_a_tool_s_input_follows(context, tracker):
    progress = context.clock.progress
    take(tracker, event(2.0))
    progress.sample(2.0, 1)
    take(tracker, event(2.2), event(2.5), event(2.6, "ping"), event(3.0))
    take(tracker, TimedBlock(9.0, "content_block_delta", b'{"delta":{"type":"input_json_delta"}}'))
    assert (progress.pauses, round(progress.paused, 3)) == (2, 0.8)


def test_the_end_is_not_before_the_last_bytes(context, tracker):
    take(tracker, event(5.0))
    tracker.stop(3.0)
    assert context.clock.t == 5.0
    tracker.stop(8.0)
    assert context.clock.t == 8.0
