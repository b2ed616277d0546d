"""A file's bytes in pieces: iterating them twice, skipping blank lines, and how long a line may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BufferedReader
from itertools import chain

from inspector.errors import FormatError

__all__ = ["LINE_LIMIT", "Rewindable", "long_line", "skip_blank_lines"]

LINE_LIMIT = 64 * 1024 * 1024
"""The longest line of a recording that is read, in bytes: the longest block fits, as `raw` and as `data`."""


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


def skip_blank_lines(file: BufferedReader) -> int:
    """Skip the blank lines that come next, and return how many: a few compressed bytes may hold millions."""
    count = 0
    while ahead := file.peek():
        blank = ahead[: len(ahead) - len(ahead.lstrip(b" \t\r\n"))]
        end = blank.rfind(b"\n") + 1
        if not end:
            break
        count += blank.count(b"\n")
        file.read(end)
    return count


def long_line(limit: int, name: str | None, number: int) -> FormatError:
    """Return the error for a line of more than `limit` bytes."""
    message = f"a line of more than {limit >> 20} MiB is not one of a recording"
    return FormatError(message, path=name, line=number)
