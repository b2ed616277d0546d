"""A file as the pieces that its reads return, as they come; and pieces as a file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import IO, Any

from inspector.errors import RecordingError

__all__ = ["buffered", "pieces_of"]

_PIECE = 64 * 1024


def pieces_of(file: IO[bytes], name: str | None) -> Iterator[bytes]:
    """Yield a file's bytes, each piece as soon as one read returns it.

    Raises `RecordingError` if the file cannot be read.
    """
    # A buffered file's `read` waits until the whole piece is there, and `read1` does not. A raw file has no
    # `read1`; its `read` does not wait.
    read = getattr(file, "read1", file.read)
    try:
        while piece := read(_PIECE):
            yield piece
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror}", path=name) from error


def buffered(pieces: Iterable[bytes]) -> io.BufferedReader:
    """Return a file that holds these pieces. It takes the next one only when a read needs it."""
    return io.BufferedReader(_Raw(iter(pieces)), _PIECE)


class _Raw(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        rest = self._rest or memoryview(next(self._pieces, b""))
        size = min(len(rest), len(buffer))
        buffer[:size] = rest[:size]
        self._rest = rest[size:]
        return size
