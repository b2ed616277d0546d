"""What a live view waits for, and for how long, in a few words."""

from __future__ import annotations

from inspector.recording import End, Head, Line, TimedBlock

__all__ = ["Waiting"]

_MOMENT = 1.0  # seconds in which a response usually comes, so that nothing needs to be said
_SILENCE = 2.0  # seconds within a stream


class Waiting:
    """What the reader of one response waits for. Times are readings of a clock, in seconds."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._for = ""

    def begin(self, now: float, what: str = "the response's head") -> None:
        """Note that a request was sent, or that something else is waited for."""
        self._since, self._for = now, what

    def note(self, value: Line, now: float) -> None:
        """Note what has come."""
        self._since = now
        if isinstance(value, Head):
            kind = value.response.headers.get("content-type", "") if value.response else ""
            self._for = "the first event" if kind.startswith("text/event-stream") else "the body"
        elif isinstance(value, TimedBlock):
            self._for = ""
        elif isinstance(value, End):
            self._since = None

    def text(self, now: float) -> str:
        """Return what is waited for, and for how long; empty if it is only a moment, or nothing."""
        if self._since is None:
            return ""
        seconds = now - self._since
        if seconds < (_MOMENT if self._for else _SILENCE):
            return ""
        return f"waiting {seconds:,.0f} s for {self._for}" if self._for else f"silent {seconds:,.0f} s"

    @property
    def waits(self) -> bool:
        """Whether anything is waited for."""
        return self._since is not None
