"""Frames come soon after values, and never too often."""

from __future__ import annotations

import itertools
import queue

from inspector.cli._frames import FRAME, TICK, run


class Script:
    """A queue whose values come at given times of a clock that it moves itself."""

    def __init__(self, *arrivals):
        self.arrivals = list(arrivals)
        self.now = 0.0
        self.log = []

    def clock(self):
        return self.now

    def get(self, timeout=None):
        t, _value = self.arrivals[0]
        if timeout is not None and self.now + timeout < t:
            self.now += timeout
            raise queue.Empty
        self.now = max(self.now, t)
        return self.arrivals.pop(0)[1]

    def run(self, *, changes=False):
        run(
            self,
            lambda value: self.log.append((self.now, value)),
            lambda: self.frame(changes),
            clock=self.clock,
        )

    def frame(self, changes):
        self.log.append((self.now, "frame"))
        return changes


def test_a_value_is_drawn_at_once_if_the_last_frame_is_long_ago():
    script = Script((1, "a"), (2, "b"), (3, None))
    script.run()
    assert script.log == [(1, "a"), (1, "frame"), (2, "b"), (2, "frame")]


def test_a_burst_is_drawn_once_in_a_frame_however_many_values_it_has():
    script = Script(*((number / 100_000, number) for number in range(100_000)), (2, None))
    script.run()
    frames = [t for t, value in script.log if value == "frame"]
    assert len(frames) == round(1 / FRAME) + 1
    assert all(later - t >= FRAME * 0.999 for t, later in itertools.pairwise(frames))
    last = next(index for index, entry in reversed([*enumerate(script.log)]) if entry[1] == "frame")
    assert last == len(script.log) - 1  # the last value was drawn, too


def test_while_time_changes_the_rows_they_are_drawn_again_and_again():
    script = Script((0, "a"), (10 * TICK + 0.01, None))
    script.run(changes=True)
    assert [value for _, value in script.log].count("frame") == 11


def test_without_a_terminal_nothing_is_drawn_and_nobody_wakes():
    script = Script((1, "a"), (9, None))
    run(script, script.log.append, None, clock=script.clock)
    assert (script.log, script.now) == (["a"], 9)
