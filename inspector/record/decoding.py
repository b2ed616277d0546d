"""Content decoding (RFC 9110, section 8.4), one network chunk at a time, in bounded memory.

zlib decodes gzip and deflate. `brotli` or `brotlicffi` decode br; Python's own `compression.zstd`,
`backports.zstd` or `zstandard` decode zstd. A client accepts those two codings only if such a library is
installed.
"""

from __future__ import annotations

import contextlib
import importlib
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from inspector.storage.compression import Decompressor, Inflating, steps

__all__ = ["Bound", "Decoder", "DecodingError", "decoder_for", "load_codings"]

_STEP = 256 * 1024  # bytes that a library decodes at once
_FREE = 16 * 1024 * 1024  # bytes that any body may decode to
_RATIO = 1100  # and how many a byte of it may add: deflate reaches 1,032, and only a bomb gets there


class DecodingError(Exception):
    """The bytes are not in the coding that `content-encoding` names."""


class Bound(NamedTuple):
    """How much a body may decode to: bytes, and lines, of which each costs its recorder more than a byte."""

    size: int
    lines: int


class _Coding(Protocol):
    """What undoes one coding."""

    def feed(self, piece: bytes, /) -> Iterator[bytes]:
        """Yield what the next bytes hold, in pieces."""

    def close(self) -> None:
        """End the body. Raises what clients raise if it is not complete."""


class Decoder:
    """Undo the codings of a body. The pieces of a chunk come one by one: a few bytes may hold gigabytes."""

    def __init__(self, codings: list[_Coding], bound: Bound | None) -> None:
        self._codings = codings
        self._bound = bound
        self._allowed = bound.size if bound else _FREE
        self._lines = 0

    def __call__(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what the next chunk holds, in pieces. Raises `DecodingError`."""
        self._allowed += 0 if self._bound else _RATIO * len(chunk)
        try:
            yield from self._undo(0, chunk)
        except DecodingError:
            raise
        except Exception as error:  # each library raises its own exceptions
            raise DecodingError(str(error) or type(error).__name__) from error

    @property
    def several_members(self) -> bool:
        """Whether a gzip body held something after its first member, where most clients stop."""
        return any(isinstance(coding, _Gzip) and coding.several for coding in self._codings)

    def close(self) -> None:
        """End the body. Raises `DecodingError` if a client would not take it as whole."""
        for coding in self._codings:
            coding.close()

    def _undo(self, number: int, piece: bytes) -> Iterator[bytes]:
        if number == len(self._codings):
            self._count_lines(piece)
            yield piece
            return
        for out in self._codings[number].feed(piece):
            self._allowed -= len(out)
            if self._allowed < 0:
                limit = f"{self._bound.size:,} bytes" if self._bound else f"{_RATIO} times its size"
                raise DecodingError(f"the body decodes to more than {limit}")
            yield from self._undo(number + 1, out)

    def _count_lines(self, piece: bytes) -> None:
        if self._bound:
            self._lines += piece.count(b"\n") + piece.count(b"\r")
            if self._lines > self._bound.lines:
                raise DecodingError(f"the body decodes to more than {self._bound.lines:,} lines")


def decoder_for(encoding: str, *, bound: Bound | None = None) -> Decoder | None:
    """Return a decoder for a body; None if a coding cannot be decoded here.

    `encoding` is the value of `content-encoding`. If it lists several codings, they are undone from the last
    to the first. Without a bound, a body may decode to 1,100 times its size, and to 16 MiB.
    """
    codings = []
    for name in reversed([part.strip().lower() for part in encoding.split(",") if part.strip()]):
        if name != "identity":
            coding = _CODINGS.get(name, _unknown)()
            if coding is None:
                return None
            codings.append(coding)
    return Decoder(codings, bound)


def load_codings() -> None:
    """Load the libraries now, which takes some 10 ms: the head of a first response would wait for them."""
    for begin in _CODINGS.values():
        begin()


class _Gzip:
    """Any number of members. Other bytes after the first member are ignored, as clients ignore them."""

    def __init__(self) -> None:
        self._member: Decompressor = Inflating()
        self._first = True
        self._over = self.several = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        while piece and not self._over:
            if self._member.eof:
                self._member, self._first = Inflating(), False
            try:
                for out in steps(self._member, piece):
                    self.several = not self._first
                    yield out
            except zlib.error:
                if self._first:
                    raise
                self._over = True
                return
            piece = self._member.unused_data if self._member.eof else b""

    def close(self) -> None: ...


class _Deflate:
    """zlib's format, which the standard demands, or raw deflate data, which some servers send."""

    def __init__(self) -> None:
        self._member = Inflating(zlib.MAX_WBITS)
        self._begun = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        if not piece or self._member.eof:
            return
        begun, self._begun = self._begun, True
        try:
            yield from steps(self._member, piece)
        except zlib.error:
            if begun:
                raise
            self._member = Inflating(-zlib.MAX_WBITS)
            yield from steps(self._member, piece)

    def close(self) -> None: ...


class _Brotli:
    """br. Libraries before 1.2 cannot bound what they return, so they get a few bytes at a time."""

    def __init__(self, decompressor: Any) -> None:
        self._decode = getattr(decompressor, "process", None) or decompressor.decompress
        self._bounded = hasattr(decompressor, "can_accept_more_data")

    def feed(self, piece: bytes) -> Iterator[bytes]:
        if not self._bounded:
            yield from map(self._decode, _slices(piece, 16))
            return
        while out := self._decode(piece, output_buffer_limit=_STEP):
            yield out
            piece = b""

    def close(self) -> None: ...


class _Zstd:
    """Any number of frames: a server may end a frame whenever it flushes."""

    def __init__(self, begin_frame: Callable[[], Any]) -> None:
        self._begin_frame = begin_frame
        self._frame: Any = None

    def feed(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            if self._frame is None or self._frame.eof:
                self._frame = self._begin_frame()
            if hasattr(self._frame, "needs_input"):
                yield from steps(self._frame, piece)
                piece = self._frame.unused_data if self._frame.eof else b""
            else:  # `zstandard` cannot bound what it returns: 128 KiB for each three bytes at most
                first, piece = piece[:64], piece[64:]
                yield self._frame.decompress(first)
                piece = self._frame.unused_data + piece if self._frame.eof else piece

    def close(self) -> None:
        if self._frame is not None and not self._frame.eof:
            raise DecodingError("Zstandard data is incomplete")


def _slices(piece: bytes, size: int) -> Iterator[bytes]:
    return (piece[at : at + size] for at in range(0, len(piece), size))


def _brotli() -> _Coding | None:
    for name in ("brotli", "brotlicffi"):
        with contextlib.suppress(ImportError):
            return _Brotli(importlib.import_module(name).Decompressor())
    return None


def _zstd() -> _Coding | None:
    """Return a decoder with any of the libraries: different clients install different ones."""
    for name in ("compression.zstd", "backports.zstd"):
        with contextlib.suppress(ImportError):
            return _Zstd(importlib.import_module(name).ZstdDecompressor)
    with contextlib.suppress(ImportError):
        zstandard = importlib.import_module("zstandard")
        return _Zstd(lambda: zstandard.ZstdDecompressor().decompressobj())
    return None


def _unknown() -> _Coding | None:
    return None


_CODINGS: dict[str, Callable[[], _Coding | None]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _brotli,
    "zstd": _zstd,
}
