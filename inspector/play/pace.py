"""How fast a recording is played: recorded times become due times. There is no clock here.

Due times are absolute, in seconds since the play began. Whoever waits for them waits until a time and not for
a span, so one wait that takes too long does not delay the next, and nothing drifts.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from inspector.errors import UsageError

__all__ = ["Pace"]


@dataclass(frozen=True, slots=True)
class Pace:
    """Play `speed` times as fast as recorded, with no gap longer than `max_gap` seconds.

    `speed` None plays everything at once. `max_gap` None keeps the gaps. Raises `UsageError` for a `speed` of
    0 or less, and for a negative `max_gap`.
    """

    speed: float | None = None
    max_gap: float | None = None

    def __post_init__(self) -> None:
        if self.speed is not None and not (isinstance(self.speed, int | float) and self.speed > 0):
            raise UsageError(f"speed={self.speed!r} must be above 0, or None to play at once")
        if self.max_gap is not None and not self.max_gap >= 0:
            raise UsageError(f"max_gap={self.max_gap!r} must be 0 or more seconds, or None to keep every gap")

    @property
    def at_once(self) -> bool:
        """Whether everything is due at the beginning."""
        return self.speed is None

    def begin(self) -> Callable[[float], float]:
        """Begin a play: return a function from a recorded time to its due time.

        Call it with the recorded times in their order. A time that lies before its predecessor (a file may be
        edited by hand) is due together with it.
        """
        speed, max_gap = self.speed, self.max_gap
        latest = due = 0.0

        def due_at(t: float) -> float:
            nonlocal latest, due
            if speed is None or t <= latest:
                return due
            gap = (t - latest) / speed
            due += gap if max_gap is None else min(gap, max_gap)
            latest = t
            return due

        return due_at

    def due(self, times: Iterable[float]) -> array[float]:
        """Return the due time of each of a play's recorded times."""
        return array("d", map(self.begin(), times))
