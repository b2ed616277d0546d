"""Where recordings go: to a target's files, and on the way past an observer; the warning if writing fails."""

from __future__ import annotations

from inspector.record.files import Sink, Target
from inspector.record.warning import warn
from inspector.recording import End, Head, TimedBlock

__all__ = ["Destination", "Observer"]


class Observer:
    """Sees one recording soon after it arrives, and names its file. A journal calls it on its own thread."""

    file_name: str = ""
    """What to call the file, without an ending: read when it is opened, and when the recording has ended.

    Empty: it is called after the time of the request, and keeps its name at the end.
    """

    played: str = ""
    """The file that a server plays as this response; empty if it is not known or the response is made up."""

    def add(self, value: Head | TimedBlock | End) -> None:
        """Take the next value of the recording. The head comes before the file is opened."""
        raise NotImplementedError


_FILE_NAME = str.maketrans({":": "-", ".": "-", "T": "_"})


class Destination:
    """A target, which may be missing."""

    def __init__(self, target: Target | None) -> None:
        self._target = target
        self.failure: str | None = None
        """Why a recording stopped; None while all works."""
        self._said: str | None = None

    def open(self, head: Head, name: str = "") -> Sink | None:
        """Open a sink for the recording that begins with `head`; None without a target.

        If it gets a file of its own, that is called `name`, or after the time of the request.
        """
        return self._target.open(name or head.at[:26].translate(_FILE_NAME)) if self._target else None

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

    def fail(self, reason: str, place: object = None) -> None:
        """Warn that a recording has stopped: once for each reason, until a recording is whole again."""
        self.failure = f"{place}: {reason}" if place else reason
        if reason != self._said:
            self._said = reason
            warn(f"recording stopped: {self.failure}; the stream itself goes on")

    def succeed(self) -> None:
        """Note that a recording is whole: if the next one fails, that is worth a warning."""
        self._said = None
