"""Where recordings go: to the files of a target, to an observer, or both; and the warning if that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from inspector.record.files import Sink, Target
from inspector.record.warning import warn
from inspector.recording import End, Head, TimedBlock

__all__ = ["Destination", "Observer"]

Observer = Callable[[Head | TimedBlock | End], None]
"""Is called with each value of a recording, in order, soon after it arrived."""

_FILE_NAME = str.maketrans({":": "-", ".": "-", "T": "_"})


class Destination:
    """A target and an observer, either of which may be missing."""

    def __init__(self, target: Target | None, observer: Observer | None) -> None:
        self._target = target
        self._observer = observer
        self.failure: str | None = None
        """Why a recording stopped; None while all works."""
        self._said: str | None = None

    @property
    def observed(self) -> bool:
        """Whether there is an observer."""
        return self._observer is not None

    def open(self, head: Head) -> Sink | None:
        """Open a sink for the recording that begins with `head`; None without a target."""
        name = head.at[:26].translate(_FILE_NAME)
        return self._target.open(name) if self._target else None

    def replace(self, lost: Sink) -> Sink:
        """Open a sink for the rest of a recording whose file was deleted, and copy what it had into it."""
        assert self._target
        try:
            sink = self._target.open(lost.path.stem)
            warn(f"{lost.path}: somebody deleted this file; its recording goes on in {sink.path}")
            for piece in lost.written():
                sink.write(piece)
        finally:
            lost.close()
        return sink

    def show(self, head: Head | None, blocks: Iterable[TimedBlock], end: End | None) -> None:
        """Call the observer, if there is one, with each new value of a recording."""
        if self._observer:
            for value in (head, *blocks, end):
                if value is not None:
                    self._observer(value)

    def fail(self, reason: str, place: object = None) -> None:
        """Warn that a recording has stopped: once for each reason, until a recording is whole again."""
        self.failure = f"{place}: {reason}" if place else reason
        if reason != self._said:
            self._said = reason
            warn(f"recording stopped: {self.failure}; the stream itself goes on")

    def succeed(self) -> None:
        """Note that a recording is whole: if the next one fails, that is worth a warning."""
        self._said = None
