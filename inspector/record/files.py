"""Where recordings are written while they happen: a folder (a file each) or one file (a session).

A `Sink` takes whole lines and hands them to the system at once, so that what was written stands whatever
happens to this process.
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
    """One recording's place in a file, written in whole lines. Raises `OSError`."""

    def __init__(self, path: Path, flags: int, target: FileTarget | None = None) -> None:
        self.path = path
        self._target = target
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | flags, 0o666)

    def claim(self) -> bool:
        """Become the file's only writer, in this process and all others; say whether that came true."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks
            pass
        status = os.fstat(self._file)
        # A line that an earlier writer did not finish must not swallow our first.
        if status.st_size and os.pread(self._file, 1, status.st_size - 1) != b"\n":
            self.write(b"\n")
        return status.st_nlink > 0  # else somebody moved it away in between

    def write(self, lines: bytes) -> None:
        """Write all of `lines`."""
        view = memoryview(lines)
        while view:
            view = view[os.write(self._file, view) :]

    def close(self) -> None:
        """Close the file, and let waiting recordings have it."""
        self.drop()
        if self._target:
            self._target.gather()

    def drop(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):  # unlocked in so many words: a forked child may have it open too
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self.disown()

    def disown(self) -> None:
        """Leave the file to the process that this one was forked from."""
        os.close(self._file)


class Target(Protocol):
    """Something that gives every recording a sink."""

    def open(self, name: str) -> Sink:
        """Open the place for a recording, whose file may be called `name`."""


class FolderTarget:
    """A folder in which each recording becomes a file, named by when it began."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, name: str) -> Sink:
        """Make a file of that name, or of that name and a number."""
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

    Recordings that overlap in time must not mix: while one is being written, by whichever process, others
    go to part files beside it, and are appended when nobody writes. A part that is not locked is done.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, name: str) -> Sink:
        """Give the file itself, or a part beside it while somebody writes."""
        sink = self._claimed(self.path, os.O_CREAT)
        numbers = itertools.count(1)
        while sink is None:
            part = self.path.with_name(f".{self.path.name}.{os.getpid()}-{next(numbers)}.part")
            with contextlib.suppress(FileExistsError):
                sink = self._claimed(part, os.O_CREAT | os.O_EXCL)
        return sink

    def gather(self) -> None:
        """Append the parts that are done, unless somebody writes, who gathers at the end."""
        # Looked at again after every pass: a part may end just when its own call finds the file taken.
        while parts := [part for part in self._parts() if self._is_done(part)]:
            whole = self._claimed(self.path, os.O_CREAT)
            if whole is None:
                return
            for part in parts:
                self._move(part, whole)
            whole.drop()

    def _parts(self) -> list[Path]:
        """The parts, those that ended first before others."""
        ended = []
        for part in self.path.parent.glob(f".{glob.escape(self.path.name)}.*-*.part"):
            with contextlib.suppress(FileNotFoundError):
                ended.append((part.stat().st_mtime_ns, part))
        return [part for _, part in sorted(ended)]

    def _is_done(self, part: Path) -> bool:
        with contextlib.suppress(FileNotFoundError):
            if taken := self._claimed(part, 0):
                taken.drop()
                return True
        return False

    def _move(self, part: Path, whole: Sink) -> None:
        with contextlib.suppress(FileNotFoundError):
            if taken := self._claimed(part, 0):
                whole.write(part.read_bytes())
                part.unlink()
                taken.drop()

    def _claimed(self, path: Path, flags: int) -> Sink | None:
        sink = Sink(path, flags, self)
        if sink.claim():
            return sink
        sink.drop()
        return None


def target_for(path: str | os.PathLike[str]) -> FolderTarget | FileTarget:
    """A folder where `path` is one, ends in a slash, or has no suffix and is no file; else a file."""
    place = Path(path)
    is_file = place.exists() and not place.is_dir()
    if place.is_dir() or os.fspath(path).endswith(("/", os.sep)) or not (place.suffix or is_file):
        return FolderTarget(place)
    return FileTarget(place)
