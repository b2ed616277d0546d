"""The clock of one response: reads, silences, and where the time went, while the response is read.

A time that lies before the one before it, in a file that was edited, counts as that one.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from inspector.checker.buffering import PAUSE, Progress
from inspector.protocol.watchdogs import SILENCE, Measure
from inspector.recording import TimedBlock
from inspector.views.silences import Silence, SilenceLog

__all__ = ["Gap", "Place", "StreamClock"]

_NO_PAUSE = math.nextafter(PAUSE, 0.0)

Place = Callable[[TimedBlock | None], tuple[int | None, str]]
"""Says where the stream is before a block, or the end: the content block that is open, and in words."""


class Gap:
    """The longest time between two of something: `seconds`, until event number `event` at byte `offset`."""

    __slots__ = ("block", "event", "offset", "seconds")

    def __init__(self) -> None:
        self.seconds = -1.0
        self.event, self.offset = 0, 0
        self.block: int | None = None

    def note(self, seconds: float, event: int, offset: int, block: int | None) -> None:
        """Take a gap, if it is longer than those before."""
        if seconds > self.seconds:
            self.seconds, self.event, self.offset, self.block = seconds, event, offset, block


class StreamClock:
    """Times of a response whose head came at `began`, in seconds since the request. `place` describes them.

    `now` is the latest time. `events`, `size` and `reads` count what came by then, and `read_t` is the
    time of the last read. `waiting` is how long
    nothing but pings came at first, None as long as that lasts. `silent`, `message` and `end` are the seconds
    that went into silences, into events of no content block, and into what follows the message. `over` says
    that the message is over.
    """

    __slots__ = (
        "_place",
        "end",
        "event_gap",
        "events",
        "first_byte",
        "last_bytes",
        "last_content",
        "last_event",
        "message",
        "now",
        "over",
        "progress",
        "read_t",
        "reads",
        "silences",
        "silent",
        "size",
        "waiting",
    )

    def __init__(self, began: float, place: Place) -> None:
        self._place = place
        self.now = self.last_bytes = self.last_content = self.last_event = began
        self.events = self.size = self.reads = 0
        self.first_byte: float | None = None
        self.waiting: float | None = None
        self.silent = self.message = self.end = 0.0
        self.over = False
        self.silences = {measure: SilenceLog() for measure in Measure}
        self.event_gap = Gap()
        self.progress = Progress()
        self.read_t = -1.0

    def go_on(self, t: float, events: int, size: int, reads: int) -> None:
        """Set the clock to the last of some deltas that ended no long gap, with `reads` more reads."""
        self.now = self.last_bytes = self.last_event = self.last_content = self.read_t = t
        self.events, self.size = events, size
        self.reads += reads

    def take_reads(self, block: TimedBlock, size: int) -> None:
        """Count the reads that brought a block, as `chunks` does, and the time without bytes before each."""
        start = 0
        for upto, t in (*block.cuts, (size, block.t)):
            came = upto > start
            start = max(start, upto)
            if t != self.read_t:
                self.reads += came
                self.read_t = t if came else -1.0
            if came:
                t = max(t, self.last_bytes)
                if self.first_byte is None:
                    self.first_byte = t
                self._silence(Measure.BYTES, self.last_bytes, t, block)
                self.last_bytes = t
        self.now = max(self.now, block.t)

    def take_event(self, block: TimedBlock, index: int | None) -> float:
        """Take an event; return the seconds that belong to its content block, or to the message."""
        t, seconds = self.now, 0.0
        if block.event != "ping":
            if not self.over:
                self._silence(Measure.CONTENT, self.last_content, t, block)
            pause = t - self.last_content
            if pause >= PAUSE and self.progress.points:
                self.progress.pause(pause, block.data or b"")
            seconds = self._spend(t)
        self.events += 1
        if self.events > 1:
            self.event_gap.note(t - self.last_event, self.events, self.size, index)
        self.last_event = t
        if self.events >= self.progress.next_sample:
            self.progress.sample(t, self.events)
        return seconds

    def stop(self, end: float | None) -> None:
        """Set the clock to the end of the recording, at `end` if anybody saw it."""
        self.now = max(self.now, end or 0.0)
        self._silence(Measure.BYTES, self.last_bytes, self.now, None)
        if not self.over:
            self._silence(Measure.CONTENT, self.last_content, self.now, None)

    @property
    def usual(self) -> float:
        """The seconds up to which a time without content is no longest one, no pause, and no silence."""
        if self.over:
            return -1.0
        silences = self.silences
        longest = (silences[Measure.BYTES].most, silences[Measure.CONTENT].most, self.event_gap.seconds)
        return min(_NO_PAUSE, *longest)

    def _spend(self, t: float) -> float:
        """Share out the time before a content event; return what is left for its block."""
        seconds, self.last_content = t - self.last_content, t
        if self.waiting is None:
            self.waiting = t
        elif self.over:
            self.end += seconds
        elif seconds >= SILENCE:
            self.silent += seconds
        else:
            return seconds
        return 0.0

    def _silence(self, by: Measure, t0: float, t1: float, before: TimedBlock | None) -> None:
        log = self.silences[by]
        if t1 - t0 >= SILENCE or t1 - t0 > log.most:
            block, where = self._place(before)
            log.add(Silence(t0, t1, by, self.events or None, block, self.size, where))
