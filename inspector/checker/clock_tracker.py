"""Keeping time: silences, pings, and the pauses between events."""

from __future__ import annotations

from inspector.checker.buffering import PAUSE
from inspector.checker.context import Context
from inspector.recording import TimedBlock

__all__ = ["ClockTracker"]


class ClockTracker:
    """Write the clock's facts."""

    __slots__ = ("_context", "_last_ping")

    def __init__(self, context: Context) -> None:
        self._context = context
        self._last_ping: float | None = None
        clock, response = context.clock, context.response
        clock.t = clock.last_bytes = clock.last_content = response.t if response else 0.0

    def measure(self, block: TimedBlock) -> bool:
        """Measure the silence before and within a block; return whether it is a long one.

        `restart` must follow, after the rules have seen the silence.
        """
        clock, limits, t = self._context.clock, self._context.limits, block.t
        last, silence = clock.last_bytes, 0.0
        for _, cut in block.cuts:
            silence, last = max(silence, cut - last), cut
        if t - last > silence:
            silence = t - last
        clock.silence, clock.t, clock.last_bytes = silence, t, t
        has_content = block.data is not None and block.event != "ping"
        clock.quiet = t - clock.last_content if has_content and clock.gap_pings else 0.0
        return silence >= limits.gap_idle or clock.quiet >= limits.gap_content

    def restart(self, block: TimedBlock) -> None:
        """Begin to measure the next pause: content ends a pause, pings and comments do not."""
        clock = self._context.clock
        if block.data is not None and block.event != "ping":
            pause = block.t - clock.last_content
            if pause >= PAUSE and clock.progress.points:
                clock.progress.pause(pause, block.data)
            clock.last_content, clock.gap_pings = block.t, 0
            return
        clock.gap_pings += 1
        if block.data is None:
            clock.comment_pause = max(clock.comment_pause, block.t - clock.last_content)

    def ping(self) -> None:
        """Count a ping, and keep the shortest and the longest pause between two of them."""
        clock = self._context.clock
        clock.pings += 1
        if not self._context.timed:
            return
        if self._last_ping is not None:
            pause = clock.t - self._last_ping
            shortest = clock.shortest_ping_gap
            clock.shortest_ping_gap = pause if shortest is None else min(shortest, pause)
            clock.longest_ping_gap = max(clock.longest_ping_gap, pause)
        self._last_ping = clock.t

    def stop(self, t: float) -> None:
        """Set the clock to the end of the recording, at `t` or later."""
        clock = self._context.clock
        clock.t = max(t, clock.last_bytes)
