"""The files that recordings are written to as they happen: one for each in a folder, or one for all.

A `Sink` takes whole lines and passes them to the operating system at once, so that a line once written
survives whatever happens to this process.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import itertools
import os
from pathlib import Path
from typing import Protocol

__all__ = ["FileTarget", "FolderTarget", "Sink", "Target", "target_for"]


class Sink:
    """An open file that one recording is appended to, in whole lines. Its methods raise `OSError`."""

    def __init__(self, path: Path, flags: int, target: FileTarget | None = None) -> None:
        self.path = path
        self._target = target
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | flags, 0o666)

    def try_lock(self) -> bool:
        """Become the file's only writer, in this process and in all others; return whether that worked."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks
            pass
        status = os.fstat(self._file)
        # If an earlier writer died in the middle of a line, our first line must not become a part of it.
        if status.st_size and os.pread(self._file, 1, status.st_size - 1) != b"\n":
            self.write(b"\n")
        return status.st_nlink > 0  # a file that was removed between opening and locking is no use

    def write(self, lines: bytes) -> None:
        """Write all of `lines`."""
        view = memoryview(lines)
        while view:
            view = view[os.write(self._file, view) :]

    def finish(self) -> None:
        """Close the file after its recording, and append the recordings that waited for it."""
        self.close()
        if self._target:
            self._target.append_parts()

    def close(self) -> None:
        """Unlock and close the file."""
        # Unlock explicitly: closing is not enough while a forked child holds the descriptor.
        with contextlib.suppress(OSError):
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self.release()

    def release(self) -> None:
        """Close only this process's descriptor: in a forked child, to unlock would unlock for the parent."""
        os.close(self._file)


class Target(Protocol):
    """A place with a sink for every recording."""

    def open(self, name: str) -> Sink:
        """Open a sink for a recording. If it gets a file of its own, that is called `name`."""


class FolderTarget:
    """A folder in which every recording is a file, named after the time of its request."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, name: str) -> Sink:
        """Create the file `name`, or `name` and a number if that exists."""
        self.path.mkdir(parents=True, exist_ok=True)
        for number in range(1, 10_000):
            file = self.path / (f"{name}.jsonl" if number == 1 else f"{name}-{number}.jsonl")
            try:
                return Sink(file, os.O_CREAT | os.O_EXCL)
            except FileExistsError:
                continue
        raise FileExistsError(17, "too many recordings with this name", str(self.path / name))


class FileTarget:
    """One file to which recordings are appended, one after another.

    Recordings that overlap in time must not mix. While one is being written, by any process, the others go
    to part files beside it, and are appended when the file is free. A part that nobody locks is finished.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, name: str) -> Sink:
        """Open the file itself, or a part file while somebody else writes to it."""
        sink = self._open_locked(self.path, os.O_CREAT)
        numbers = itertools.count(1)
        while sink is None:
            part = self.path.with_name(f".{self.path.name}.{os.getpid()}-{next(numbers)}.part")
            with contextlib.suppress(FileExistsError):
                sink = self._open_locked(part, os.O_CREAT | os.O_EXCL)
        return sink

    def append_parts(self) -> None:
        """Append the finished parts. If somebody writes to the file, leave that to them: they do it last."""
        # Look again after every pass: a part may be finished just when its own writer sees the file locked.
        while parts := [part for part in self._parts() if self._is_finished(part)]:
            sink = self._open_locked(self.path, os.O_CREAT)
            if sink is None:
                return
            for part in parts:
                self._append(part, sink)
            sink.close()

    def _parts(self) -> list[Path]:
        """List the parts in the order in which they were last written to."""
        parts = []
        for part in self.path.parent.glob(f".{glob.escape(self.path.name)}.*-*.part"):
            with contextlib.suppress(FileNotFoundError):
                parts.append((part.stat().st_mtime_ns, part))
        return [part for _, part in sorted(parts)]

    def _is_finished(self, part: Path) -> bool:
        with contextlib.suppress(FileNotFoundError):
            if lock := self._open_locked(part, 0):
                lock.close()
                return True
        return False

    def _append(self, part: Path, sink: Sink) -> None:
        with contextlib.suppress(FileNotFoundError):
            if lock := self._open_locked(part, 0):
                sink.write(part.read_bytes())
                part.unlink()
                lock.close()

    def _open_locked(self, path: Path, flags: int) -> Sink | None:
        sink = Sink(path, flags, self)
        if sink.try_lock():
            return sink
        sink.close()
        return None


def target_for(path: str | os.PathLike[str]) -> FolderTarget | FileTarget:
    """Return a folder target for a folder, a path that ends in a slash, or a new path without a suffix.

    Any other path is a file.
    """
    place = Path(path)
    is_file = place.exists() and not place.is_dir()
    if place.is_dir() or os.fspath(path).endswith(("/", os.sep)) or not (place.suffix or is_file):
        return FolderTarget(place)
    return FileTarget(place)
