"""Undoing the content coding of a body that was saved as it was sent."""

from __future__ import annotations

import importlib
import zlib

from inspector.errors import RecordingError
from inspector.storage.compression import Compression, Inflated

__all__ = ["decoded"]

_MAGIC = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_LIMIT = 512 * 1024 * 1024
"""Bytes of a decoded body that are read: a few compressed bytes may hold gigabytes."""


def decoded(body: bytes, coding: str) -> tuple[bytes, bool]:
    """Return a body without its content coding, and whether that was possible.

    Most tools save a decoded body beside the header that names its coding. Such a body stays as it is. One
    whose end is missing is decoded as far as it goes.
    """
    undone = True
    # Some tools leave the header out, or do so if the user wants it. No stream and no JSON begins like this.
    coding = coding or next((name for name, magic in _MAGIC.items() if body.startswith(magic)), "")
    for name in reversed([each.strip().lower() for each in coding.split(",")]):
        body, undone = _undo(body, name)
        if not undone:
            break
    return body, undone


def _undo(body: bytes, name: str) -> tuple[bytes, bool]:
    if name in ("", "identity") or not body:
        return body, True
    if name in _MAGIC:
        if not body.startswith(_MAGIC[name]):
            return body, _is_text(body)
        try:
            return _inflated(body, Compression.ZSTD if name == "zstd" else Compression.GZIP)
        except RecordingError:  # no library for zstd
            return body, False
    if _is_text(body):
        return body, True
    return _deflated(body) if name == "deflate" else _unbrotlied(body) if name == "br" else (body, False)


def _is_text(body: bytes) -> bool:
    """Whether a body looks like an event stream or JSON, and so like one that was decoded before."""
    return body.lstrip()[:1] in (b"{", b"[", b"e", b"d", b"i", b"r", b":", b"<")


def _inflated(body: bytes, compression: Compression) -> tuple[bytes, bool]:
    inflated, pieces, size = Inflated([body], compression, None), [], 0
    for piece in inflated:
        pieces.append(piece)
        size += len(piece)
        if size > _LIMIT:
            return body, False
    return (b"".join(pieces), True) if pieces or not inflated.damage else (body, False)


def _deflated(body: bytes) -> tuple[bytes, bool]:
    for wbits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):  # with a header as the standard says, and without
        try:
            inflater = zlib.decompressobj(wbits)
            text = inflater.decompress(body, _LIMIT)
        except zlib.error:
            continue
        if not inflater.unconsumed_tail:
            return text, True
    return body, False


def _unbrotlied(body: bytes) -> tuple[bytes, bool]:
    for module in ("brotli", "brotlicffi"):
        try:
            library = importlib.import_module(module)
            return library.decompress(body), True
        except ImportError:
            continue
        except Exception:  # each library has an error of its own
            break
    return body, False
