"""A line that is no line of a recording: what follows it, what is glued to it, what is to be said of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from inspector.recording.parsing import HEAD_START, parse_line
from inspector.sse import BOM

__all__ = ["NO_HEAD", "line_ahead", "not_a_recording", "unglued"]

NO_HEAD = 'not a recording: its first line must be a head, {"recording":1,…}'


def line_ahead(readline: Callable[[int], bytes], limit: int) -> tuple[bytes, int]:
    """Return the next line that is not blank, and the number of blank lines before it."""
    blanks = 0
    while (text := readline(limit)) and not text.strip():
        blanks += 1
    return text, blanks


def unglued(text: bytes) -> tuple[bytes, bytes]:
    """Split off a head that was appended to a line without a line end, as `cat` and a restart do."""
    at = text.find(HEAD_START, 1)
    if at > 0:
        with contextlib.suppress(ValueError):
            parse_line(text[at:])
            return text[:at], text[at:]
    return text, b""


def not_a_recording(text: bytes, error: ValueError) -> str:
    """Say why a file that begins with this line is no recording; `error` says why the line did not parse."""
    if text.startswith(BOM):
        return "not a recording: it begins with a byte order mark; save it as UTF-8 without one"
    if text.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        return (
            "not a recording: compressed data without a recording in it. If it is a capture that was "
            "compressed later, give it a name that ends in .gz or .zst"
        )
    if b"\x00" in text:
        return "not a recording: binary data"
    if b'"recording"' in text:
        whole = text.rstrip().endswith(b"}")
        return str(error) if whole else "not a recording: the head is cut off in the middle"
    return NO_HEAD
