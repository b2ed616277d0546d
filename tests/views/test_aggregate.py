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
    assert over.duration == distribution(s.duration for s in BUNDLED)


def test_no_recordings_have_no_numbers():
    over = aggregate([])
    assert (over.recordings, [getattr(over, name) for name in MEASURES]) == (0, [None] * len(MEASURES))
