"""Decompressing gzip (RFC 1952) and zstd (RFC 8878) piece by piece, in bounded memory.

All members and frames are read, not only the first. zstd takes Python 3.14 or the package `backports.zstd`.
"""

from __future__ import annotations

import contextlib
import importlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, Protocol

from inspector.errors import RecordingError

__all__ = ["Compression", "Decompressor", "Inflated", "Inflating", "packed", "steps", "zstd_library"]

_MOST = 256 * 1024  # bytes decompressed at once: a few compressed bytes may hold gigabytes


class Compression(Enum):
    """How data is compressed."""

    GZIP = "gzip data"
    ZSTD = "zstd data"


class Inflated:
    """Compressed pieces, decompressed.

    After the last piece, `torn` says whether the compressed data breaks off in the middle, and `damage` what
    is wrong with it, empty if nothing is. What was decompressed before that is yielded. `members` counts the
    whole members; `several` says that not only the first one holds something.

    Raises `RecordingError` if no library for zstd is installed.
    """

    def __init__(self, pieces: Iterable[bytes], compression: Compression, name: str | None) -> None:
        self._pieces = pieces
        self._compression = compression
        self._new: Callable[[], Decompressor]
        self._error: type[Exception]
        self._new, self._error = (Inflating, zlib.error) if compression is Compression.GZIP else _zstd(name)
        self.torn = False
        self.damage = ""
        self.members = 0
        self.several = False

    @property
    def problem(self) -> str:
        """Why the data is not whole, in words; empty if it is, so far."""
        return f"the {self._compression.value} breaks off here" if self.torn else self.damage

    def __iter__(self) -> Iterator[bytes]:
        member: Decompressor | None = None
        padding = b""
        try:
            for piece in self._pieces:
                if member is None:
                    piece = piece.lstrip(padding)
                while piece:
                    member = member or self._new()
                    for out in steps(member, piece):
                        self.several = self.members > 0
                        yield out
                    piece = b""
                    if member.eof:
                        self.members += 1
                        padding = b"\0"  # zeros may follow a member
                        piece, member = member.unused_data.lstrip(padding), None
        except self._error as error:
            self.damage = f"the {self._compression.value} is damaged: {error}"
        self.torn = member is not None and not self.damage


class Decompressor(Protocol):
    """What decompresses one member or frame, in the shape of Python's libraries for bz2, LZMA and zstd."""

    @property
    def eof(self) -> bool:
        """Whether the member is whole."""

    @property
    def needs_input(self) -> bool:
        """Whether there is no more output without more input."""

    @property
    def unused_data(self) -> bytes:
        """What came after the member."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Take more input, and return at most `max_length` bytes of output."""


def steps(member: Decompressor, piece: bytes) -> Iterator[bytes]:
    """Decompress the next piece of a member in bounded steps."""
    while True:
        out = member.decompress(piece, _MOST)
        if out:
            yield out
        if member.eof or member.needs_input:
            return
        piece = b""


class Inflating:
    """zlib in that shape, for gzip unless `wbits` says otherwise."""

    def __init__(self, wbits: int = zlib.MAX_WBITS | 16) -> None:
        self._zlib = zlib.decompressobj(wbits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Whether the member is whole."""
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        """What came after the member."""
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Take more input, and return at most `max_length` bytes of output."""
        out = self._zlib.decompress(data or self._zlib.unconsumed_tail, max_length)
        # zlib may have taken all of its input and still hold back output.
        self.needs_input = len(out) < max_length and not self._zlib.unconsumed_tail
        return out


def packed(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Compress pieces if a file of this name is compressed: `.gz` or `.zst`.

    Raises `RecordingError` if no library for zstd is installed.
    """
    if name.lower().endswith(".zst"):
        library = zstd_library(name, writing=True)
        yield library.compress(b"".join(pieces))
    elif name.lower().endswith(".gz"):
        deflate = zlib.compressobj(
            wbits=zlib.MAX_WBITS | 16
        )  # without a name or a time: equal data, equal file
        for piece in pieces:
            yield deflate.compress(piece)
        yield deflate.flush()
    else:
        yield from pieces


def _zstd(name: str | None) -> tuple[Callable[[], Decompressor], type[Exception]]:
    library = zstd_library(name)
    return library.ZstdDecompressor, library.ZstdError


def zstd_library(name: str | None, *, writing: bool = False) -> Any:
    """Return Python's module for zstd, or the package that brings it; raise `RecordingError` without both.

    `writing` says what for.
    """
    for module in ("compression.zstd", "backports.zstd"):
        with contextlib.suppress(ImportError):
            return importlib.import_module(module)
    if writing:
        raise RecordingError(
            "writing zstd data needs the package backports.zstd before Python 3.14: "
            'pip install "sse-inspector[zstd]"',
            path=name,
        )
    raise RecordingError(
        "is zstd data, and Python before 3.14 needs the package backports.zstd to read it: "
        'pip install "sse-inspector[zstd]", or decompress the file first',
        path=name,
    )
