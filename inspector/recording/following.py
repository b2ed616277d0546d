"""Following a file while it is written, as `tail -F` does: its values come as their lines do.

A line that is not whole yet is waited for. So is a file that does not exist yet. If another file takes its
place, or if it is emptied, reading begins again. A file that is renamed or deleted is read to the end of its
recording.

Following ends with the end of the recording. A file of several recordings is a session, which may always go
on, and so may a bare stream: whoever follows one must stop by themselves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

from inspector.errors import RecordingError
from inspector.recording.reader import Reader
from inspector.recording.values import End, Head, Line
from inspector.storage.kinds import is_url
from inspector.storage.places import split

__all__ = ["followed"]


def followed(path: str | os.PathLike[str], pause: Callable[[], object]) -> Iterator[Line]:
    """Yield the values of a file that is being written; call `pause` whenever nothing has come.

    Only native forms are followed. Raises as a `Reader` does.
    """
    name = os.fspath(path)
    while True:
        with _opened(name, pause) as file:
            growing = _Growing(file, Path(name), pause)
            try:
                for value in Reader(cast(IO[bytes], growing), name):
                    growing.note(value)
                    yield value
            except RecordingError:
                if growing.recordings or not growing.replaced:
                    raise
        if not growing.replaced:
            return


def _opened(name: str, pause: Callable[[], object]) -> IO[bytes]:
    """Open a file, as soon as it is there."""
    if is_url(name) or split(name):
        raise RecordingError("only a file of this machine can be followed", path=name)
    while True:
        try:
            return Path(name).open("rb", buffering=0)
        except FileNotFoundError:
            pause()
        except IsADirectoryError:
            raise RecordingError("this is a folder; name the file to follow", path=name) from None
        except OSError as error:
            raise RecordingError(f"cannot be read: {error.strerror}", path=name) from error


class _Growing:
    """The bytes of an open file. At its end, a read waits for more."""

    def __init__(self, file: IO[bytes], path: Path, pause: Callable[[], object]) -> None:
        self._file = file
        self._path = path
        self._pause = pause
        self._ended = False
        self.recordings = 0
        """How many have begun."""
        self.replaced = False
        """Whether the path means something else by now, so that reading must begin again."""

    def note(self, value: Line) -> None:
        """Note what has been read: it says whether more may come."""
        if isinstance(value, Head):
            self.recordings += 1
            self._ended = False
        elif isinstance(value, End):
            self._ended = True

    def read1(self, size: int) -> bytes:
        """Return what has come, at most `size` bytes; nothing after the recording, or to begin again."""
        while not (piece := self._file.read(size)):
            self.replaced = self._is_replaced()
            if self.replaced or (self._ended and self.recordings == 1):
                break
            self._pause()
        return piece

    read = read1

    def _is_replaced(self) -> bool:
        opened = os.fstat(self._file.fileno())
        if opened.st_size < self._file.tell():
            return True  # it was emptied
        try:
            there = self._path.stat()
        except OSError:
            return False  # deleted or renamed: whoever has it open may go on writing
        return (there.st_dev, there.st_ino) != (opened.st_dev, opened.st_ino)
