"""Content decoding (RFC 9110, section 8.4), one network chunk at a time.

zlib decodes gzip and deflate. `brotli` or `brotlicffi` decode br; Python's own `compression.zstd`,
`backports.zstd` or `zstandard` decode zstd. A client accepts those two codings only if such a library is
installed.
"""

from __future__ import annotations

import contextlib
import importlib
import zlib
from collections.abc import Callable
from typing import Any

__all__ = ["DecodingError", "decoder_for"]


class DecodingError(Exception):
    """The bytes are not in the coding that `content-encoding` names."""


Decode = Callable[[bytes], bytes]


def decoder_for(encoding: str) -> Decode | None:
    """Return a function that decodes the next chunk of a body; None if a coding cannot be decoded here.

    `encoding` is the value of `content-encoding`. If it lists several codings, they are undone from the last
    to the first. The function raises `DecodingError`.
    """
    steps = []
    for name in reversed([part.strip().lower() for part in encoding.split(",") if part.strip()]):
        step = _CODINGS.get(name, _unknown)()
        if step is None:
            return None
        steps.append(step)

    def decode(chunk: bytes) -> bytes:
        try:
            for step in steps:
                chunk = step(chunk)
        except Exception as error:  # each library raises its own exceptions
            raise DecodingError(str(error) or type(error).__name__) from error
        return chunk

    return decode


def _identity() -> Decode:
    return bytes


def _gzip() -> Decode:
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress


def _deflate() -> Decode:
    """Decode zlib's format, which the standard demands, or raw deflate data, which some servers send."""
    decompress = zlib.decompressobj().decompress
    begun = False

    def decode(chunk: bytes) -> bytes:
        nonlocal decompress, begun
        try:
            return decompress(chunk)
        except zlib.error:
            if begun:
                raise
            decompress = zlib.decompressobj(-zlib.MAX_WBITS).decompress
            return decompress(chunk)
        finally:
            begun = begun or bool(chunk)

    return decode


def _brotli() -> Decode | None:
    for name in ("brotli", "brotlicffi"):
        try:
            decompressor = importlib.import_module(name).Decompressor()
        except ImportError:
            continue
        decode: Decode = getattr(decompressor, "process", None) or decompressor.decompress
        return decode
    return None


def _zstd() -> Decode | None:
    """Decode any number of frames: a server may end a frame whenever it flushes."""
    begin_frame = _zstd_decompressor()
    if begin_frame is None:
        return None
    frame = begin_frame()

    def decode(chunk: bytes) -> bytes:
        nonlocal frame
        pieces = []
        while chunk:
            if frame.eof:
                frame = begin_frame()
            pieces.append(frame.decompress(chunk))
            chunk = frame.unused_data if frame.eof else b""
        return b"".join(pieces)

    return decode


def _zstd_decompressor() -> Callable[[], Any] | None:
    """Return what makes a decompressor for one frame. Different clients install different libraries."""
    for name in ("compression.zstd", "backports.zstd"):
        with contextlib.suppress(ImportError):
            decompressor: Callable[[], Any] = importlib.import_module(name).ZstdDecompressor
            return decompressor
    with contextlib.suppress(ImportError):
        zstandard = importlib.import_module("zstandard")
        return lambda: zstandard.ZstdDecompressor().decompressobj()
    return None


def _unknown() -> Decode | None:
    return None


_CODINGS: dict[str, Callable[[], Decode | None]] = {
    "identity": _identity,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
