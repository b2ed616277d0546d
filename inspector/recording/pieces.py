"""A file's bytes in pieces, as they come: iterating them twice, and reading lines from them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Any

from inspector.errors import FormatError, RecordingError

__all__ = ["LINE_LIMIT", "Rewindable", "buffered", "long_line", "pieces_of"]

LINE_LIMIT = 64 * 1024 * 1024
"""The longest line of a recording that is read, in bytes: the longest block fits, as `raw` and as `data`."""

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


class Rewindable:
    """Pieces that can be iterated again and again from the first one, until `rewound` or `forget`."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._seen: list[bytes] = []
        self._keeps = True

    def __iter__(self) -> Iterator[bytes]:
        yield from tuple(self._seen)
        for piece in self._pieces:
            if self._keeps:
                self._seen.append(piece)
            yield piece

    def rewound(self) -> Iterator[bytes]:
        """Return all pieces from the first one, for the last time."""
        pieces = chain(self._seen, self._pieces)
        self.forget()
        return pieces

    def forget(self) -> None:
        """Keep no more pieces. An iteration that has begun goes on."""
        self._seen = []
        self._keeps = False


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


def long_line(limit: int, name: str | None, number: int) -> FormatError:
    """Return the error for a line of more than `limit` bytes."""
    message = f"a line of more than {limit >> 20} MiB is not one of a recording"
    return FormatError(message, path=name, line=number)
