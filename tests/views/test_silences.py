"""The log of silences: bounded, the longest first."""

from __future__ import annotations

import random

from inspector.protocol.watchdogs import Measure
from inspector.views.silences import MAX_SILENCES, Silence, SilenceLog, watchdog_results


def silence(seconds, at=0.0):
    return Silence(at, at + seconds, Measure.BYTES, 1, None, 0, "inside text")


def test_the_longest_are_kept_and_all_are_counted():
    lengths = [1.0 + number / 10 for number in range(1000)]
    random.Random(1).shuffle(lengths)
    log = SilenceLog()
    for seconds in lengths:
        log.add(silence(seconds))
    assert log.count == 1000
    assert [each.seconds for each in log.silences()] == sorted(lengths)[: -MAX_SILENCES - 1 : -1]


def test_less_than_a_second_is_no_silence_and_may_be_the_longest_time():
    log = SilenceLog()
    for seconds in (0.2, 0.9, 0.3):
        log.add(silence(seconds))
    assert (log.count, log.silences(), log.most) == (0, (), 0.9)
    assert log.longest == silence(0.9)


def test_of_two_equal_silences_the_first_comes_first():
    log = SilenceLog()
    for at in (1.0, 5.0, 3.0):
        log.add(silence(1.0, at))
    assert [each.t0 for each in log.silences()] == [1.0, 5.0, 3.0]


def test_each_watchdog_is_held_against_what_it_measures():
    results = watchdog_results([70.0, 3.0], [100.0])
    assert [(each.seconds, each.measures, each.longest) for each in results if each.crossed] == [
        (20, "bytes", 70.0),
        (60, "bytes", 70.0),
        (90, "content", 100.0),
    ]
