"""Rules about silences, buffering, and connections that stay open."""

from __future__ import annotations

import pytest
from example_parts import DELTA, FIRST
from streams import END, GOOD, PING, STOP, TEXT, delta, message_delta, opens, recording, start, stops

from inspector.checker import Limits, check
from inspector.recording import Ending

COMMENT = b": keepalive\n\n"


def messages(sent, rule, **limits):
    return [finding.message for finding in check(sent, select=[rule], limits=Limits(**limits))]


@pytest.mark.parametrize(
    ("pause", "longer"),
    [
        (59.0, None),
        (61.0, ", longer than the 60 s of nginx and AWS load balancers"),
        (130.0, ", longer than the 125 s of Cloudflare"),
        (700.0, ", longer than the 600 s of the Anthropic SDK"),
    ],
)
def test_a_silence_names_the_longest_watchdog_that_it_crossed(pause, longer):
    sent = recording(FIRST, (0.51 + pause, DELTA + stops(0) + END))
    expected = [] if longer is None else [f"no bytes for {pause:.1f} s after ev 3{longer}"]
    assert messages(sent, "gap-idle") == expected


def test_a_silence_below_every_watchdog_is_only_a_silence():
    assert messages(recording(start(), (5.0, TEXT)), "gap-idle", gap_idle=2.0) == [
        "no bytes for 4.5 s after ev 1"
    ]


@pytest.mark.parametrize("sign", [PING, COMMENT])
def test_content_that_does_not_come_is_missed_once(sign):
    signs = [(30.0 * number, sign) for number in range(1, 6)]
    ended = recording(FIRST, *signs, (160.0, DELTA + stops(0) + END))
    assert len(messages(ended, "gap-content")) == 1
    cut = recording(FIRST, *signs, how=Ending.CUT, end=170.0)
    assert messages(cut, "gap-content") == [
        "5 pings or comments and no content for 169.5 s; a read timeout never fires"
    ]
    died = recording(FIRST, *signs, how=None)
    assert messages(died, "gap-content") == [
        "5 pings or comments and no content for 149.5 s; a read timeout never fires"
    ]


def test_pings_after_the_message_keep_nothing_waiting():
    signs = [(30.0 * number, PING) for number in range(1, 8)]
    assert messages(recording(GOOD, *signs, how=Ending.CUT, end=300.0), "gap-content") == []


def test_events_that_come_in_time_are_no_burst():
    spread = [(1.0 + number, delta(0, f"word {number} ")) for number in range(20)]
    assert messages(recording(start() + opens(0), *spread, (21.5, stops(0) + END)), "burst-delivery") == []


def test_a_burst_after_a_slow_start_is_found():
    burst = [(8.0 + number / 1000, delta(0, f"word {number} ")) for number in range(100)]
    sent = recording(start() + opens(0), *burst, (10.0, stops(0) + END))
    assert messages(sent, "burst-delivery") == [
        "95 of 105 events came within 0.1 s, from 8.0 s on: something on the way is buffering"
    ]


@pytest.mark.parametrize(("pings", "count"), [([], 1), ([3.0, 6.0], 0)])
def test_a_model_that_thinks_while_pings_come_through_is_no_burst(pings, count):
    burst = [(8.0 + number / 1000, delta(0, f"word {number} ")) for number in range(100)]
    signs = [(t, PING) for t in pings]
    sent = recording(start() + opens(0), *signs, *burst, (9.0, stops(0) + END))
    assert len(messages(sent, "burst-delivery")) == count


def test_a_short_or_small_stream_is_never_a_burst():
    assert messages(recording((30.0, GOOD)), "burst-delivery") == []
    assert messages(recording((2.0, GOOD + GOOD)), "burst-delivery") == []


@pytest.mark.parametrize("step", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("begun", [0.6, 30.0])
def test_a_model_that_begins_late_and_goes_on_evenly_is_no_burst(begun, step):
    evenly = [(30.0 + number * step, delta(0, f"word {number} ")) for number in range(20)]
    sent = recording((begun, start() + opens(0)), *evenly, stops(0) + END)
    assert messages(sent, "burst-delivery") == []


@pytest.mark.parametrize(
    ("t", "text"),
    [
        (2.9, []),
        (3.0, ["all 14 events came in one read, after 3.0 s: something on the way is buffering"]),
        (40.0, ["all 14 events came in one read, after 40.0 s: something on the way is buffering"]),
    ],
)
def test_a_stream_that_comes_in_one_read_was_buffered(t, text):
    assert messages(recording((t, GOOD + GOOD)), "burst-delivery") == text


def test_a_stop_reason_that_nothing_follows_is_found_at_the_end():
    sent = recording(start() + TEXT + message_delta(), how=Ending.TIMEOUT, end=60.0)
    assert messages(sent, "open-after-stop-reason") == [
        "59.5 s from the stop_reason end_turn (ev 6 @718) until the end (timeout)"
    ]


@pytest.mark.parametrize(("how", "count"), [(Ending.COMPLETE, 1), (Ending.ABANDONED, 0)])
def test_a_reader_that_goes_away_did_not_wait(how, count):
    assert len(messages(recording(GOOD, how=how, end=30.0), "open-after-message-stop")) == count


def test_comments_do_not_replace_pings():
    comments = [(8.0, COMMENT), (16.0, COMMENT)]
    assert len(messages(recording(FIRST, *comments, (17.0, END)), "comment-keepalive-only")) == 1
    assert messages(recording(FIRST + PING, *comments, (17.0, END)), "comment-keepalive-only") == []


def test_the_first_event_is_slow_if_its_first_byte_is():
    assert messages(recording((20.0, STOP)), "first-event-slow") == ["the first event came after 20.0 s"]
    assert messages(recording((20.0, STOP)), "first-event-slow", first_event=21.0) == []
