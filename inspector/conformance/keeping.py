"""Keep the recordings of probes: in memory, and in a folder as they arrive, each named as its exchange."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from inspector.record.destination import Observer
from inspector.record.files import target_for
from inspector.record.journal import PATIENCE, Journal
from inspector.record.tap import Tap
from inspector.recording import Assembly, End, Head, Recording, Request, TimedBlock

__all__ = ["Keeper", "Kept"]


class Kept(Observer):
    """The recording of one exchange, as it comes."""

    def __init__(self, name: str, folder: str | None) -> None:
        self.file_name = name
        self.file = str(Path(folder, f"{name}.jsonl")) if folder else None
        """Where it is kept; None if nowhere."""
        self._assembly: Assembly | None = None
        self._whole = threading.Event()

    def add(self, value: Head | TimedBlock | End) -> None:
        """Take the next value."""
        if isinstance(value, Head):
            self._assembly = Assembly(value)
        elif self._assembly is not None:
            self._assembly.add(value)
            if isinstance(value, End):
                self._whole.set()

    def recording(self) -> Recording:
        """Return the recording once it is whole, but wait no longer than for a disk that hangs."""
        self._whole.wait(PATIENCE)
        if self._assembly is None:
            return Recording(Head("", Request("", "")), source=self.file or self.file_name)
        return self._assembly.recording(self.file or self.file_name)


class Keeper:
    """Record exchanges, each on the thread that makes it."""

    def __init__(self, folder: str | None) -> None:
        self._folder = folder
        self._here = threading.local()
        target = target_for(folder) if folder else None
        self._journal = Journal(target, self._observer, interval=0.02)
        self.tap = Tap(self._journal)

    @contextlib.contextmanager
    def recording(self, name: str) -> Iterator[Kept]:
        """Name what this thread records meanwhile."""
        self._here.kept = Kept(name, self._folder)
        try:
            yield self._here.kept
        finally:
            self._here.kept = None

    def close(self) -> None:
        """Write everything that has arrived so far."""
        self._journal.flush()

    def _observer(self) -> Observer:
        return getattr(self._here, "kept", None) or Kept("exchange", self._folder)
