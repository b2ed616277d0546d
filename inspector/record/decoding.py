"""Content decoding (RFC 9110, section 8.4), one network chunk at a time.

zlib does the work for gzip and deflate, `brotli` (or `brotlicffi`) and `zstandard` (or Python's own, or
`backports.zstd`) for theirs: a client asks for those two codings only where they are installed.
"""

from __future__ import annotations

import contextlib
import importlib
import zlib
from collections.abc import Callable
from typing import Any

__all__ = ["DecodingError", "decoder_for"]


class DecodingError(Exception):
    """Bytes that are not what `content-encoding` says."""


Decode = Callable[[bytes], bytes]


def decoder_for(encoding: str) -> Decode | None:
    """Return a function that decodes the next chunk of a body; None where a coding is not at hand.

    `encoding` is the value of `content-encoding`; several codings undo from last to first. The function
    raises `DecodingError`.
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
        except Exception as error:  # each library has an error of its own
            raise DecodingError(str(error) or type(error).__name__) from error
        return chunk

    return decode


def _identity() -> Decode:
    return bytes


def _gzip() -> Decode:
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress


def _deflate() -> Decode:
    """zlib's format as the standard says, or the raw one that some servers send."""
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
    """Of frames, as many as there are: a server may end one wherever it flushes."""
    begin = _zstd_decompressor()
    if begin is None:
        return None
    frame = begin()

    def decode(chunk: bytes) -> bytes:
        nonlocal frame
        pieces = []
        while chunk:
            if frame.eof:
                frame = begin()
            pieces.append(frame.decompress(chunk))
            chunk = frame.unused_data if frame.eof else b""
        return b"".join(pieces)

    return decode


def _zstd_decompressor() -> Callable[[], Any] | None:
    """What makes a decompressor of one frame: each client has its own favourite among these."""
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
