"""Windows of equal length over a response's time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from inspector.views.time_windows import MAX_WINDOWS, time_windows, window_length


@pytest.mark.parametrize(
    ("duration", "length"),
    [(0.01, 0.001), (0.06, 0.001), (0.061, 0.002), (2.0, 0.05), (60.0, 1.0), (61.0, 2.0), (3600.0, 100.0)],
)
def test_a_window_has_a_round_length(duration, length):
    assert window_length(duration) == pytest.approx(length)
    windows = time_windows(duration, [], [])
    assert len(windows) <= MAX_WINDOWS
    assert windows[-1].t1 == duration
    assert all(before.t1 == after.t0 for before, after in pairwise(windows))


def test_everything_is_in_one_window():
    texts = [([0.0, 0.5, 2.9], [1, 10, 100]), ((3.0,), (1000,))]
    windows = time_windows(3.0, [0.0, 0.5, 2.9, 3.0], texts)
    assert [(round(w.t0, 2), w.events, w.characters) for w in windows if w.events] == [
        (0.0, 1, 1),
        (0.5, 1, 10),
        (2.9, 1, 100),
        (2.95, 1, 1000),
    ]
    assert windows[10].characters_per_second == pytest.approx(200.0)


def test_no_time_has_no_windows():
    assert time_windows(0.0, [0.0], []) == ()
