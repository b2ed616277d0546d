"""Where the body of an HTTP/1.1 message ends (RFC 9112, 6 and 7), without any I/O.

Rule 1: bytes pass as they came. A body says which bytes of a read belong to it, and what they hold. Nothing
is framed again, so chunks, their extensions and trailers reach the other side unchanged.

Rule 2: a read may be cut anywhere, and nothing waits for more: each byte can be passed on at once.

Rule 3: what two programs may understand differently is an error here: a bare LF, a sign or a space in a
length, data without the line end after it. Nothing is guessed.
"""

from __future__ import annotations

import re
from typing import Protocol

__all__ = ["Body", "Chunked", "Empty", "OfLength", "UntilClose"]

_LONGEST_LINE = 8 * 1024  # bytes of a chunk's first line, or of a trailer field
_TRAILERS = 64 * 1024  # bytes of all trailer fields
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n")
_SHOWN = 40  # bytes


class Body(Protocol):
    """A body that is read piece by piece."""

    @property
    def done(self) -> bool:
        """Whether its last byte has come."""

    @property
    def error(self) -> str | None:
        """What is wrong with it; after that, no byte belongs to it."""

    @property
    def length(self) -> int | None:
        """How many bytes it holds, if its head says so."""

    def feed(self, data: bytes) -> tuple[bytes, int]:
        """Take a read: return what it holds of the content, and how many of its bytes belong to the body."""

    @property
    def ending(self) -> int:
        """Where in the read that completed the body its end begins: what comes before is all content."""

    def missing(self) -> str | None:
        """Return what is missing if the connection ends now; None if that is the end of the body."""


class Empty:
    """No body at all."""

    done = True
    error = None
    length = ending = 0

    def feed(self, data: bytes) -> tuple[bytes, int]:
        """Take nothing."""
        return b"", 0

    def missing(self) -> str | None:
        """Return None."""
        return None


class OfLength:
    """A body whose length its head says."""

    error = None
    ending = 0  # the last byte says that it is the end

    def __init__(self, length: int) -> None:
        self.length = length
        self._left = length
        self.done = not length

    def feed(self, data: bytes) -> tuple[bytes, int]:
        """Take what belongs to the body."""
        piece = data if len(data) <= self._left else data[: self._left]
        self._left -= len(piece)
        self.done = not self._left
        return piece, len(piece)

    def missing(self) -> str | None:
        """Return how much is missing."""
        if self.done:
            return None
        return f"received {self.length - self._left} bytes, expected {self.length}"


class UntilClose:
    """A response's body that ends with its connection."""

    done = False
    error = None
    length = None
    ending = 0

    def feed(self, data: bytes) -> tuple[bytes, int]:
        """Take everything."""
        return data, len(data)

    def missing(self) -> str | None:
        """Return None: the end of the connection is the end of the body."""
        return None


class Chunked:
    """A body in chunks, each with its length before it (RFC 9112, 7.1)."""

    length = None

    def __init__(self) -> None:
        self.done = False
        self.error: str | None = None
        self._left = 0  # bytes of the chunk that has begun
        self._line = b""  # the beginning of a line
        self._take = self._take_size
        self._trailers = 0
        self.ending = 0

    def feed(self, data: bytes) -> tuple[bytes, int]:
        """Take chunks and pieces of chunks."""
        pieces = []
        at, end = 0, len(data)
        self.ending = 0
        while at < end and not self.done and self.error is None:
            if self._left:
                piece = data[at : at + self._left]
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
            else:
                if self._take == self._take_size and not self._line:
                    self.ending = at
                at = self._read_line(data, at)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces), at

    def missing(self) -> str | None:
        """Return that it is incomplete, in the words of h11."""
        return None if self.done else "incomplete chunked read"

    def _read_line(self, data: bytes, at: int) -> int:
        """Take a line, or its beginning; return where the next byte is, or where the error begins."""
        newline = data.find(b"\n", at) + 1
        line = self._line + data[at : newline or len(data)]
        if len(line) > _LONGEST_LINE:
            self.error = f"a line of more than {_LONGEST_LINE:,} bytes stands around the chunks"
        elif newline:
            self._take(line)
        self._line = b"" if newline else line
        return at if self.error else newline or len(data)

    def _take_size(self, line: bytes) -> None:
        match = _SIZE.fullmatch(line)
        if match is None:
            self.error = f"illegal chunk header: {line[:_SHOWN]!r}"
            return
        self._left = int(match[1], 16)
        self._take = self._take_line_end if self._left else self._take_trailer

    def _take_line_end(self, line: bytes) -> None:
        if line != b"\r\n":
            self.error = f"a chunk is longer than its header says: {line[:_SHOWN]!r}"
        self._take = self._take_size

    def _take_trailer(self, line: bytes) -> None:
        self._trailers += len(line)
        if line == b"\r\n":
            self.done = True
        elif self._trailers > _TRAILERS or not _TRAILER.fullmatch(line):
            self.error = f"illegal trailer: {line[:_SHOWN]!r}"
