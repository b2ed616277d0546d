"""What came in each of the equal windows of a response's time."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

__all__ = ["MAX_WINDOWS", "Window", "time_windows", "window_length"]

MAX_WINDOWS = 60
"""How many windows a response is divided into, at most."""

_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Window:
    """What came from `t0` to before `t1`, in seconds since the request.

    `characters` are of text, thinking and tools' input.
    """

    t0: float
    t1: float
    events: int
    characters: int

    @property
    def characters_per_second(self) -> float:
        """Characters a second."""
        return self.characters / (self.t1 - self.t0)


def window_length(duration: float) -> float:
    """Return the least of 1, 2 or 5 milliseconds, hundredths, … seconds of which `MAX_WINDOWS` are enough."""
    power = -3
    while True:
        for step in _STEPS:
            length = step * 10.0**power
            if length * MAX_WINDOWS >= duration:
                return length
        power += 1


def time_windows(
    duration: float, events: Sequence[float], texts: Iterable[tuple[Sequence[float], Sequence[int]]]
) -> tuple[Window, ...]:
    """Divide a time into windows. `events` are times; `texts` are times, and the characters that came then.

    Times are in order. What comes at the very end of the last window is in it.
    """
    if duration <= 0:
        return ()
    length = window_length(duration)
    count = min(MAX_WINDOWS, max(1, math.ceil(round(duration / length, 6))))
    # Times are to the microsecond, and so must edges be: 58 * 0.05 is a little more than 2.9.
    edges = [round(at * length, 6) for at in range(1, count)]
    came = _differences([bisect_left(events, edge) for edge in edges] + [len(events)])
    characters = [0] * count
    for times, sizes in texts:
        sums = [0, *accumulate(sizes)]
        # A block with few deltas lies in few windows: look at those only.
        first, last = bisect_right(edges, times[0]), bisect_right(edges, times[-1])
        places = [bisect_left(times, edge) for edge in edges[first:last]] + [len(times)]
        for at, size in enumerate(_differences([sums[place] for place in places]), first):
            characters[at] += size
    return tuple(map(Window, [0.0, *edges], [*edges, duration], came, characters))


def _differences(sums: list[int]) -> list[int]:
    return [after - before for before, after in zip([0, *sums], sums, strict=False)]
