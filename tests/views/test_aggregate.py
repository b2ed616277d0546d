"""The numbers of many recordings as one."""

from __future__ import annotations

from conftest import ROOT

from inspector import load_all, stats
from inspector.views.aggregate import MEASURES, aggregate
from inspector.views.distribution import distribution

BUNDLED = [stats(each) for path in sorted((ROOT / "recordings").glob("*.jsonl")) for each in load_all(path)]


def test_each_number_is_spread_over_those_that_know_it():
    over = aggregate(BUNDLED)
    firsts = [s.first_event for s in BUNDLED if s.first_event is not None]
    assert over.recordings == len(BUNDLED) > len(firsts)
    assert over.first_event == distribution(firsts)
    assert over.duration.count < over.first_event.count, "what broke off has no duration"


def test_errors_are_no_answers():
    errors = [s for s in BUNDLED if s.status != 200]
    answers = [s for s in BUNDLED if s.status == 200]
    assert errors
    spreads = [[getattr(over, name) for name in MEASURES] for over in map(aggregate, (BUNDLED, answers))]
    assert spreads[0] == spreads[1]
    assert not any(getattr(aggregate(errors), name) for name in MEASURES)


def test_the_duration_of_whole_answers_counts():
    whole = [s for s in BUNDLED if s.stop_reason]
    assert aggregate(BUNDLED).duration == distribution(s.duration for s in whole)


def test_no_recordings_have_no_numbers():
    over = aggregate([])
    assert (over.recordings, [getattr(over, name) for name in MEASURES]) == (0, [None] * len(MEASURES))
