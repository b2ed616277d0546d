"""Whether something on the way holds a stream back: how its events are spread over time, and the verdict.

`Progress` is fed while a stream is read. It keeps a bounded number of points, and counts the pauses.
`buffering` judges it. The rule `burst-delivery`, `inspector stats` and the report page share both.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["MAX_SAMPLES", "PAUSE", "Buffering", "BufferingKind", "Progress", "buffering"]

MAX_SAMPLES = 2048
"""How many points of a stream's progress are kept, to find bursts in it."""

PAUSE = 0.25
"""From how many seconds on the time between two events counts as a pause between bursts."""

_SHORT_STREAM, _ONE_READ = 5.0, 3.0  # seconds: the least that proves buffering
_SHORT_PACE = 1.0  # seconds: the least that shows a pace
_FAST = 100  # events a second: faster than most models make them
_MISSING = (
    0.5  # seconds that a fast model would have needed for a burst besides: what comes in less may be one
)
_FEW_EVENTS = 8
_FEW_BURSTS = 3
_TOOL_INPUT = b'"input_json_delta"'
_WHO = "something on the way is buffering"


class BufferingKind(StrEnum):
    """How a stream was delivered."""

    PACED = "paced as generated"
    """Its events came over time, in no burst."""
    BURSTS = "delivered in bursts"
    """Its events came in bursts again and again: something on the way is buffering."""
    ONE_BURST = "held back, then delivered at once"
    """Most of its events came in one burst: something on the way is buffering."""
    ONE_READ = "all in one read"
    """All of its events came in one read, late: something on the way is buffering."""
    UNKNOWN = "cannot say"
    """Its events are too few, too soon or too close together to say."""


class Buffering(NamedTuple):
    """The verdict: its kind, and the numbers that it rests on as a sentence."""

    kind: BufferingKind
    reason: str

    @property
    def is_certain(self) -> bool:
        """Whether something on the way is buffering."""
        return self.kind not in (BufferingKind.PACED, BufferingKind.UNKNOWN)


class Progress:
    """How the events of a stream are spread over time.

    `points` are (time, number of events by then). `pauses` counts the times of `PAUSE` or more between two
    events, `paused` adds them up, in seconds. `next_sample` is the number of the event to sample next.
    """

    __slots__ = ("_stride", "next_sample", "paused", "pauses", "points")

    def __init__(self) -> None:
        self.points: list[tuple[float, int]] = []
        self.pauses = 0
        self.paused = 0.0
        self._stride = self.next_sample = 1

    def sample(self, t: float, events: int) -> None:
        """Note how many events have come by now. The more there are, the fewer are noted."""
        points = self.points
        points.append((t, events))
        if len(points) > MAX_SAMPLES:
            del points[1::2]
            self._stride *= 2
        self.next_sample = events + self._stride

    def pause(self, seconds: float, data: bytes) -> None:
        """Count a pause, of `PAUSE` seconds or more, before the event with the payload `data`.

        The API itself holds a tool's input back, and sends it in bursts: a pause before it does not count.
        """
        if _TOOL_INPUT not in data:
            self.pauses += 1
            self.paused += seconds


def buffering(progress: Progress, *, events: int, began: float, last: float) -> Buffering:
    """Judge a stream with real times: `events` of them, from a head at `began` to the `last` bytes.

    8 events in 5 s, or in 3 s and one read, are the least that proves buffering.
    """
    if not progress.points:
        return Buffering(BufferingKind.UNKNOWN, "there are no events")
    first = progress.points[0][0]
    if events < _FEW_EVENTS:
        return Buffering(BufferingKind.UNKNOWN, f"{_count(events)} are too few to say")
    if first == last:
        one = f"all {events} events came in one read, after {last:.1f} s"
        if last < _ONE_READ:
            return Buffering(BufferingKind.UNKNOWN, f"{one}: too soon to say")
        return Buffering(BufferingKind.ONE_READ, f"{one}: {_WHO}")
    if last >= _SHORT_STREAM and (burst := _one_burst(progress, events, began, last)):
        if _lets_through(progress, burst.begin):
            reason = f"{burst}, but others came alone before: the model may have thought"
            return Buffering(BufferingKind.UNKNOWN, reason)
        return Buffering(BufferingKind.ONE_BURST, f"{burst}: {_WHO}")
    if last >= _SHORT_STREAM and (bursts := _bursts(progress, events, first, last)):
        return Buffering(BufferingKind.BURSTS, f"{bursts}: {_WHO}")
    if last - first < _SHORT_PACE:
        return Buffering(
            BufferingKind.UNKNOWN, f"{events} events in {last - first:.1f} s are too short to say"
        )
    return Buffering(BufferingKind.PACED, f"{events} events came over {last - first:.1f} s, in no burst")


class _Burst(NamedTuple):
    """Most of a stream's events in a short time: how long that is, how many they are, and when it begins."""

    window: float
    size: int
    begin: float
    events: int

    def __str__(self) -> str:
        many = f"{self.size} of {self.events} events"
        return f"{many} came within {self.window:.1f} s, from {self.begin:.1f} s on"


def _one_burst(progress: Progress, events: int, began: float, last: float) -> _Burst | None:
    """Find the one burst that most events came in."""
    first = progress.points[0][0]
    if first >= 0.8 * last:
        burst = _Burst(last - first, events, first, events)
    else:
        burst = _Burst(*_densest([*progress.points, (last, events)]), events)
        duration = last - began
        if burst.window > 0.05 * duration or duration < _SHORT_STREAM:
            return None
    # A model may think or read a long prompt first, and then send its events as fast as it makes them.
    return burst if burst.size / _FAST - burst.window >= _MISSING else None


def _lets_through(progress: Progress, begin: float) -> bool:
    """Whether an event, such as a ping, came by itself before a burst: what buffers would keep it, too."""
    times = [t for t, _ in progress.points]
    return any(
        t - before >= PAUSE and after - t >= PAUSE and t < begin
        for before, t, after in zip(times, times[1:], times[2:], strict=False)
    )


def _bursts(progress: Progress, events: int, first: float, last: float) -> str:
    """Describe bursts that come again and again; empty if events come between them."""
    bursts = progress.pauses + 1
    busy = last - first - progress.paused
    if bursts < _FEW_BURSTS or events < bursts * _FEW_EVENTS:
        return ""
    if busy > 0.1 * (last - first) or events < busy * _FAST:
        return ""
    every = (last - first) / progress.pauses
    return f"delivered in bursts of {events / bursts:.0f} events every {every:.1f} s"


def _densest(points: list[tuple[float, int]]) -> tuple[float, int, float]:
    """Find the shortest time in which nine tenths of the events came: (seconds, events, its beginning).

    Points are (time, number of events by then).
    """
    needed = 0.9 * points[-1][1]
    best = (float("inf"), 0, 0.0)
    low = 0
    for t, number in points:
        while low < len(points) - 1 and number - points[low + 1][1] + 1 >= needed:
            low += 1
        count = number - points[low][1] + 1
        if count >= needed and t - points[low][0] < best[0]:
            best = (t - points[low][0], count, points[low][0])
    return best


def _count(events: int) -> str:
    return "1 event" if events == 1 else f"{events} events"
