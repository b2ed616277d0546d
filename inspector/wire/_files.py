"""Where recordings are written while they happen: a folder (a file each) or one file (a session).

A `Sink` takes whole lines and hands them to the system at once, so that what was written stands whatever
happens to this process.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Protocol

__all__ = ["FileTarget", "FolderTarget", "Sink", "Target", "target_for"]


class Sink:
    """One recording's place in a file, written in whole lines. Raises `OSError`."""

    def __init__(self, path: Path, flags: int, target: FileTarget | None = None) -> None:
        self.path = path
        self._target = target
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | flags, 0o666)
        size = os.fstat(self._file).st_size
        # A line that an earlier writer did not finish must not swallow our first.
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            self.write(b"\n")

    def write(self, lines: bytes) -> None:
        """Write all of `lines`."""
        view = memoryview(lines)
        while view:
            view = view[os.write(self._file, view) :]

    def close(self) -> None:
        """Close the file, and let a waiting recording have it."""
        os.close(self._file)
        if self._target:
            self._target.release(self)


class Target(Protocol):
    """Something that gives every recording a sink."""

    def open(self, name: str) -> Sink:
        """Open the place for a recording, whose file may be called `name`."""


class FolderTarget:
    """A folder in which each recording becomes a file, named by when it began."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, name: str) -> Sink:
        self.path.mkdir(parents=True, exist_ok=True)
        for number in range(1, 10_000):
            file = self.path / (f"{name}.jsonl" if number == 1 else f"{name}-{number}.jsonl")
            try:
                return Sink(file, os.O_CREAT | os.O_EXCL)
            except FileExistsError:
                continue
        raise FileExistsError(17, "too many recordings of one name", str(self.path / name))


class FileTarget:
    """One file to which recordings are appended, one after another.

    Recordings that overlap in time must not mix: while one is being written, others go to part files
    beside it and are appended when they are done.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._owner: Sink | None = None
        self._finished: list[Path] = []
        self._parts = 0

    def open(self, name: str) -> Sink:
        with self._lock:
            if self._owner is None:
                self._owner = Sink(self.path, os.O_CREAT, self)
                return self._owner
            self._parts += 1
            part = self.path.with_name(f".{self.path.name}.{os.getpid()}-{self._parts}.part")
            return Sink(part, os.O_CREAT | os.O_EXCL, self)

    def release(self, sink: Sink) -> None:
        """Take back a closed sink; append the finished parts if nobody is writing."""
        with self._lock:
            if sink is self._owner:
                self._owner = None
            else:
                self._finished.append(sink.path)
            while self._owner is None and self._finished:
                part = self._finished.pop(0)
                whole = Sink(self.path, os.O_CREAT)
                whole.write(part.read_bytes())
                whole.close()
                part.unlink()


def target_for(path: str | os.PathLike[str]) -> FolderTarget | FileTarget:
    """A folder where `path` is one, ends in a slash or has no suffix; else a file."""
    place = Path(path)
    if place.is_dir() or os.fspath(path).endswith(("/", os.sep)) or not place.suffix:
        return FolderTarget(place)
    return FileTarget(place)
