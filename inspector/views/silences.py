"""Silences: times in which nothing came, measured twice.

By bytes: a `ping` or a comment ends it. By content: only an event other than `ping` does, so a silence by
content may be full of pings. Silences begin when the response's head has come: the wait for the head is a
number of its own.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from inspector.protocol.watchdogs import SILENCE, WATCHDOGS, Measure

__all__ = ["MAX_SILENCES", "Silence", "SilenceLog", "WatchdogResult", "watchdog_results"]

MAX_SILENCES = 200
"""How many silences are kept of each measure: the longest."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A time from `t0` to `t1`, in seconds since the request, in which nothing came.

    `event` is the number of the last event before it, None before the first. `block` is the index of the
    content block that was open, and `offset` the byte of the body at which the silence ended. `place` says in
    words where it was.
    """

    t0: float
    t1: float
    by: Measure
    event: int | None
    block: int | None
    offset: int
    place: str

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.t1 - self.t0


class SilenceLog:
    """The silences of one measure, of `SILENCE` seconds or more.

    `count` is how many there were. `longest` is the longest time in which nothing came, also if it is shorter
    than a silence, and `most` its seconds; None and 0 if there was no time at all.
    """

    __slots__ = ("_heap", "count", "longest", "most")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Silence]] = []
        self.count = 0
        self.longest: Silence | None = None
        self.most = 0.0

    def add(self, silence: Silence) -> None:
        """Take a time in which nothing came."""
        if silence.seconds > self.most:
            self.longest, self.most = silence, silence.seconds
        if silence.seconds < SILENCE:
            return
        self.count += 1
        item = (silence.seconds, -self.count, silence)
        if len(self._heap) < MAX_SILENCES:
            heapq.heappush(self._heap, item)
        else:
            heapq.heappushpop(self._heap, item)

    def silences(self) -> tuple[Silence, ...]:
        """Return the silences, the longest first."""
        return tuple(silence for _, _, silence in sorted(self._heap, reverse=True))


@dataclass(frozen=True, slots=True)
class WatchdogResult:
    """Whether one watchdog was `crossed`: in the longest time, in seconds, without what it measures."""

    name: str
    seconds: float
    measures: Measure
    longest: float
    crossed: bool


def watchdog_results(bytes_: Iterable[float], content: Iterable[float]) -> tuple[WatchdogResult, ...]:
    """Compare the times without bytes, and those without content, with every known watchdog."""
    longest = {Measure.BYTES: max(bytes_, default=0.0), Measure.CONTENT: max(content, default=0.0)}
    return tuple(
        WatchdogResult(dog.name, dog.seconds, dog.measures, most, most >= dog.seconds)
        for dog in WATCHDOGS
        for most in [longest[dog.measures]]
    )
