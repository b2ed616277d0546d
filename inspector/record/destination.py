"""Where recordings go: to the files of a target, to an observer, or both; and the warning if that fails."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable, Iterable

from inspector.errors import RecordingWarning
from inspector.record.files import Sink, Target
from inspector.recording import End, Head, TimedBlock
from inspector.redact import mask_text

__all__ = ["Destination", "Observer", "warn"]

Observer = Callable[[Head | TimedBlock | End], None]
"""Is called with each value of a recording, in order, soon after it arrived."""

_FILE_NAME = str.maketrans({":": "-", ".": "-", "T": "_"})


class Destination:
    """A target and an observer, either of which may be missing."""

    def __init__(self, target: Target | None, observer: Observer | None) -> None:
        self._target = target
        self._observer = observer
        self.failure: str | None = None
        """Why recording stopped; None while it works."""

    @property
    def observed(self) -> bool:
        """Whether there is an observer."""
        return self._observer is not None

    def open(self, head: Head) -> Sink | None:
        """Open a sink for the recording that begins with `head`; None without a target."""
        name = head.at[:26].translate(_FILE_NAME)
        return self._target.open(name) if self._target else None

    def show(self, head: Head | None, blocks: Iterable[TimedBlock], end: End | None) -> None:
        """Call the observer, if there is one, with each new value of a recording."""
        if self._observer:
            for value in (head, *blocks, end):
                if value is not None:
                    self._observer(value)

    def fail(self, reason: str) -> None:
        """Warn that recording has stopped."""
        self.failure = reason
        warn(f"recording stopped: {reason}; the stream itself goes on")


def warn(message: str) -> None:
    """Issue a `RecordingWarning`. If warnings are errors, write to stderr instead: nothing may raise here."""
    message = mask_text(message)
    try:
        warnings.warn(message, RecordingWarning, stacklevel=3)
    except Exception:
        with contextlib.suppress(OSError, ValueError):  # stderr may be closed
            print(f"inspector: {message}", file=sys.stderr)
