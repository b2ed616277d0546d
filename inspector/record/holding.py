"""Recordings that are changed before they are written: held in memory until they are whole.

What a user's pattern matches may be spread over deltas, and a user's own function takes a whole recording. So
nothing of such a recording is written before its end, and a process that dies leaves nothing of it. Else what
is to be hidden would be on the disk for a while.
"""

from __future__ import annotations

import errno
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from inspector.formats import recordings
from inspector.record.files import Sink, Target
from inspector.recording import Recording, dump
from inspector.recording.redacted import redacted
from inspector.redact import Redaction

__all__ = ["BeforeRecord", "held"]

BeforeRecord = Callable[[Recording], Recording | None]
"""Takes a recording at its end, and returns what is written in its place: None for nothing."""

_LIMIT = 256 * 1024 * 1024  # bytes of one recording


def held(target: Target, redaction: Redaction | None, before_record: BeforeRecord | None = None) -> Target:
    """Return a target that applies `redaction` and `before_record` to each recording, in this order.

    That is `target` itself if there is nothing to apply that needs a whole recording.
    """
    if before_record is None and not (redaction and redaction.whole):
        return target

    def change(recording: Recording) -> Recording | None:
        hidden = redacted(recording, redaction) if redaction and redaction.whole else recording
        changed = before_record(hidden) if before_record else hidden
        if not isinstance(changed, Recording | None):
            raise TypeError(f"before_record returned {type(changed).__name__}; return a Recording, or None")
        return changed

    return _HoldingTarget(target, change)


class _HoldingTarget:
    """Open sinks that pass to a target what `change` makes of a recording."""

    def __init__(self, target: Target, change: BeforeRecord) -> None:
        self._target = target
        self._change = change

    def open(self, name: str) -> Sink:
        """Open a sink for a recording that is held."""
        return _HeldSink(self._target, name, self._change)


class _HeldSink(Sink):
    """A sink without a file: it holds its lines until the recording ends, and then passes them on changed."""

    def __init__(self, target: Target, name: str, change: BeforeRecord) -> None:
        # Without that of a sink with a file.
        self.path = Path(name)
        self._name = name
        self._to = target
        self._change = change
        self._lines: list[bytes] = []
        self._held = 0

    def write(self, lines: bytes) -> None:
        self._held += len(lines)
        if self._held > _LIMIT:
            reason = "too long to be held in memory until it is whole, as redaction and before_record need it"
            raise OSError(errno.EFBIG, reason)
        self._lines.append(lines)

    def finish(self, name: str = "") -> None:
        whole, self._lines = b"".join(self._lines), []
        for recording in recordings(io.BytesIO(whole)):
            changed = self._change(recording)
            if changed is not None:
                sink = self._to.open(self._name)
                try:
                    sink.write(b"".join(dump(changed)))
                except OSError:
                    sink.discard()
                    raise
                sink.finish(name)

    def is_removed(self) -> bool:
        return False

    def written(self) -> Iterator[bytes]:
        return iter(())

    def close(self) -> None:
        self._lines = []

    def discard(self) -> None:
        self._lines = []

    def release(self) -> None:
        self._lines = []
