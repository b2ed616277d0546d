"""Recorded times become due times, one by one or all at once."""

from __future__ import annotations

import pytest

from inspector import UsageError
from inspector.play.pace import Pace

RECORDED = [0.5, 1.0, 1.5, 11.5, 11.75]


@pytest.mark.parametrize(
    "pace, due",
    [
        (Pace(), [0, 0, 0, 0, 0]),
        (Pace(None, 0.1), [0, 0, 0, 0, 0]),
        (Pace(1), [0.5, 1, 1.5, 11.5, 11.75]),
        (Pace(2), [0.25, 0.5, 0.75, 5.75, 5.875]),
        (Pace(1, 2), [0.5, 1, 1.5, 3.5, 3.75]),
        (Pace(10, 0.5), [0.05, 0.1, 0.15, 0.65, 0.675]),
        (Pace(1, 0), [0, 0, 0, 0, 0]),
    ],
)
def test_times_are_divided_by_the_speed_and_gaps_are_bounded(pace, due):
    assert list(pace.due(RECORDED)) == pytest.approx(due)
    due_at = pace.begin()
    assert [due_at(t) for t in RECORDED] == pytest.approx(due)
    assert pace.at_once == (pace.speed is None)


def test_a_time_before_its_predecessor_is_due_with_it():
    assert list(Pace(1).due([1.0, 0.5, 2.0])) == [1.0, 1.0, 2.0]
    assert list(Pace(1, 0.3).due([1.0, 0.5, 1.1])) == pytest.approx([0.3, 0.3, 0.4])


def test_every_play_begins_anew():
    pace = Pace(2)
    for _ in range(2):
        assert pace.begin()(3.0) == 1.5


def test_a_long_recording_does_not_drift():
    times = [number * 0.001 for number in range(1_000_000)]
    assert Pace(1).due(times)[-1] == pytest.approx(times[-1], abs=1e-6)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"speed": 0}, "speed=0 must be above 0, or None to play at once"),
        ({"speed": -1}, "must be above 0"),
        ({"speed": float("nan")}, "must be above 0"),
        ({"max_gap": -0.5}, "max_gap=-0.5 must be 0 or more seconds, or None to keep every gap"),
        ({"max_gap": float("nan")}, "must be 0 or more"),
    ],
)
def test_a_pace_without_meaning_is_refused(options, message):
    with pytest.raises(UsageError) as raised:
        Pace(**options)
    assert message in str(raised.value)
