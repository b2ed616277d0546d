"""The files that recordings are written to as they happen: one for each in a folder, or one for all.

A `Sink` takes whole lines and passes them to the operating system at once, so that a line once written
survives whatever happens to this process.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from inspector.errors import RecordingError
from inspector.record.locking import FileLock, load_locks
from inspector.record.warning import warn
from inspector.recording import waiting_folder
from inspector.recording.parsing import HEAD_START
from inspector.recording.paths import refuse_other_ending
from inspector.recording.sniffing import Form, form_of

__all__ = ["FileTarget", "FolderTarget", "Sink", "Target", "refuse_other_content", "target_for"]

_OPEN = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)
_PIECE = 1024 * 1024
_WAITING = re.compile(r"\d+-\d+\.jsonl")


class Sink:
    """An open file that one recording is appended to, in whole lines. Its methods raise `OSError`."""

    def __init__(self, path: Path, flags: int, target: FileTarget | None = None) -> None:
        self.path = path
        self._target = target
        self._file = os.open(path, _OPEN | flags, 0o666)
        self._lock = FileLock(self._file, path)
        status = os.fstat(self._file)
        self._regular = stat.S_ISREG(status.st_mode)
        self._begin = status.st_size

    def try_lock(self) -> bool:
        """Become the file's only writer, in this process and in all others; return whether that worked."""
        if not self._lock.acquire():
            return False
        # If an earlier writer died in the middle of a line, our first line must not become a part of it.
        self._begin = self.size
        if self._begin and self._read(self._begin - 1, 1) != b"\n":
            self.write(b"\n")
            self._begin += 1
        return not self.is_removed()  # a file that was removed between opening and locking is no use

    @property
    def size(self) -> int:
        """How long the file is now, in bytes."""
        return os.fstat(self._file).st_size

    def is_removed(self) -> bool:
        """Whether somebody has deleted the file, so that nobody will ever read what is written to it."""
        return self._regular and os.fstat(self._file).st_nlink == 0

    def write(self, lines: bytes) -> None:
        """Write all of `lines`; if that fails, as on a full disk, only as many as are whole."""
        written = 0
        view = memoryview(lines)
        try:
            while written < len(lines):
                written += os.write(self._file, view[written:])
        except OSError:
            torn = written - (lines.rfind(b"\n", 0, written) + 1)
            if torn and self._regular:
                with contextlib.suppress(OSError):
                    self.cut(self.size - torn)
            raise

    def cut(self, size: int) -> None:
        """Cut the file off after `size` bytes."""
        os.ftruncate(self._file, size)

    def written(self) -> Iterator[bytes]:
        """Yield what this recording has in the file, in pieces."""
        at = self._begin
        while piece := self._read(at, _PIECE):
            at += len(piece)
            yield piece

    def finish(self, name: str = "") -> None:
        """Close the file after its recording: a file of its own is then called `name`, if that is not empty.

        To a file of several, append the recordings that waited for it.
        """
        self.close()
        if self._target:
            self._target.append_waiting()
        elif name and name != self.path.stem:
            self._rename(name)

    def close(self) -> None:
        """Unlock and close the file."""
        self._lock.release()
        os.close(self._file)

    def discard(self) -> None:
        """Close the file of a recording that could not be written; remove it if it is empty."""
        if self._regular and not self.size and not self.is_removed():
            with contextlib.suppress(OSError):
                self.path.unlink()
        self.close()

    def release(self) -> None:
        """Close only this process's descriptor: in a forked child, the lock is the parent's."""
        self._lock.forget()
        os.close(self._file)

    def _rename(self, name: str) -> None:
        """Give the closed file another name, one that no other file has."""
        for path in _numbered(self.path.parent, name):
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o666))  # nobody else can take it now
            except FileExistsError:
                continue
            try:
                self.path.replace(path)
            except OSError as error:
                path.unlink()
                if not isinstance(error, FileNotFoundError):  # somebody has moved it, and has named it
                    raise
            return

    def _read(self, at: int, size: int) -> bytes:
        os.lseek(self._file, at, os.SEEK_SET)  # appending does not go by the position
        return os.read(self._file, size)


class Target(Protocol):
    """A place with a sink for every recording."""

    def open(self, name: str) -> Sink:
        """Open a sink for a recording. If it gets a file of its own, that is called `name`."""


class FolderTarget:
    """A folder in which every recording is a file, named after the time of its request."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._used = False

    def open(self, name: str) -> Sink:
        """Create the file `name`, or `name` and a number if that exists."""
        if not self.path.is_dir():
            _make(self.path, again=self._used)
        self._used = True
        for file in _numbered(self.path, name):
            with contextlib.suppress(FileExistsError):
                return Sink(file, os.O_CREAT | os.O_EXCL)
        raise AssertionError  # there is always a next number


class FileTarget:
    """One file to which recordings are appended, one after another.

    Recordings that overlap in time must not mix. While one is being written, by any process, the others go
    to files of their own in a folder beside it (`waiting_folder`), and are appended when the file is free.
    One that nobody locks is finished, or its process is dead.
    """

    def __init__(self, path: Path) -> None:
        load_locks()  # now, because a first response would be held up by it
        self.path = path
        self._used = False

    def open(self, name: str) -> Sink:
        """Open the file itself, or one that waits while somebody else writes to the file."""
        if self._used and not self.path.parent.is_dir():
            _make(self.path.parent, again=True)
        sink = self._open_locked(self.path, os.O_CREAT) or self._open_waiting()
        self._used = True
        return sink

    def append_waiting(self) -> None:
        """Append the recordings that wait. If somebody writes to the file, they do it at their end."""
        # Look again after every pass: one may be finished just when its own writer sees the file locked.
        while finished := [file for file in self._waiting() if self._is_finished(file)]:
            sink = self._open_locked(self.path, os.O_CREAT)
            if sink is None:
                return
            try:
                for file in finished:
                    self._append(file, sink)
            finally:
                sink.close()

    def _open_waiting(self) -> Sink:
        folder = waiting_folder(self.path)
        for number in itertools.count(1):
            file = folder / f"{os.getpid()}-{number}.jsonl"
            # The file may be a dead process's of the same number; the folder goes when it is empty.
            with contextlib.suppress(FileExistsError, FileNotFoundError):
                folder.mkdir(exist_ok=True)
                sink = self._open_locked(file, os.O_CREAT | os.O_EXCL)
                if sink:
                    return sink
        raise AssertionError  # there is always a next number

    def _waiting(self) -> list[Path]:
        """List the files that wait, in the order in which they were last written to."""
        files = []
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for file in waiting_folder(self.path).iterdir():
                if _WAITING.fullmatch(file.name):
                    with contextlib.suppress(FileNotFoundError):
                        files.append((file.stat().st_mtime_ns, file))
        return [file for _, file in sorted(files)]

    def _is_finished(self, file: Path) -> bool:
        with contextlib.suppress(FileNotFoundError, PermissionError):
            if sink := self._open_locked(file, 0):
                sink.close()
                return True
        return False

    def _append(self, file: Path, sink: Sink) -> None:
        """Move a recording to the end of the file: whole, or not at all."""
        with contextlib.suppress(FileNotFoundError):
            if source := self._open_locked(file, 0):
                before = sink.size
                try:
                    with file.open("rb") as pieces:
                        while piece := pieces.read(_PIECE):
                            sink.write(piece)
                    source.cut(0)  # so that nobody appends it again before it is removed
                except OSError:
                    sink.cut(before)
                    raise
                finally:
                    source.close()
                file.unlink()
        with contextlib.suppress(OSError):  # others wait in it
            file.parent.rmdir()

    def _open_locked(self, path: Path, flags: int) -> Sink | None:
        sink = Sink(path, flags, self)
        locked = False
        try:
            locked = sink.try_lock()
        finally:
            if not locked:
                sink.close()
        return sink if locked else None


def _numbered(folder: Path, name: str) -> Iterator[Path]:
    """Yield the paths that a recording called `name` can have: `name`, and then `name` with a number."""
    yield folder / f"{name}.jsonl"
    for number in itertools.count(2):
        yield folder / f"{name}-{number}.jsonl"


def _make(folder: Path, *, again: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if again:
        warn(f"{folder}: somebody deleted this folder; it is made again, and recording goes on")


def target_for(path: str | os.PathLike[str]) -> FolderTarget | FileTarget:
    """Return a folder target for a folder, a path that ends in a slash, or a new path without a suffix.

    Any other path is a file. Raises `RecordingError` if there is one that holds anything but recordings.
    """
    place = Path(path)
    is_file = place.exists() and not place.is_dir()
    if place.is_dir() or os.fspath(path).endswith(("/", os.sep)) or not (place.suffix or is_file):
        return FolderTarget(place)
    refuse_other_content(place)
    return FileTarget(place)


def refuse_other_content(path: Path) -> None:
    """Raise `RecordingError` for a file that holds anything but recordings: they would be lost in it.

    A new file must not have the name of another format either.
    """
    if not path.exists():
        refuse_other_ending(str(path))
    with contextlib.suppress(OSError):  # what cannot be read is said when it is written to
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file:
                start = file.read(len(HEAD_START))
                file.seek(0)
                form = form_of(iter(lambda: file.read(_PIECE), b""))
            if form not in (Form.RECORDING, Form.EMPTY) and not HEAD_START.startswith(start):
                raise RecordingError(
                    "holds no recordings, so none is appended: name another file", path=str(path)
                )
