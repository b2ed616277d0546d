"""A reader for `inspector check`, which plays a recording to SDKs after it was checked."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.checker.session import Lines, Watched
from inspector.cli._observing import KeptRecording
from inspector.recording import Head, Line, Recording

__all__ = ["KeptReader"]


class KeptReader(Watched):
    """A reader that keeps each recording until it is taken. A recording of more than 64 MiB is not kept."""

    def __init__(self, reader: Lines) -> None:
        super().__init__(reader)
        self._kept: list[KeptRecording] = []

    def _watch(self) -> Iterator[Line]:
        for value in self._reader:
            if isinstance(value, Head):
                self._kept.append(KeptRecording(value))
            elif self._kept:
                self._kept[-1].add(value)
            yield value

    def take(self) -> Recording | None:
        """Return the first recording that was not taken yet; None if it is too long."""
        return self._kept.pop(0).recording(self.name or "") if self._kept else None
