"""What a file holds, by its first bytes alone, however slowly they come."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from inspector import _json
from inspector.protocol import EVENT_TYPES
from inspector.recording.parsing import HEAD_START
from inspector.recording.pieces import LINE_LIMIT
from inspector.sse import BOM

__all__ = ["NATIVE", "Form", "form_of"]


class Form(Enum):
    """What a file may hold."""

    RECORDING = "a recording"
    STREAM = "a bare event stream"
    HTTP = "what `curl -i` prints"
    PAYLOADS = "the payloads of a stream's events, one a line"
    BODY = "a body that is no event stream"
    GZIP = "gzip data"
    ZSTD = "zstd data"
    EMPTY = "nothing but blank lines"
    UNKNOWN = "something else"


NATIVE = frozenset({Form.RECORDING, Form.STREAM, Form.HTTP, Form.PAYLOADS})
"""The forms that are read piece by piece, whatever the file is called."""

_BLANK = b" \t\r\n"
_MARKS: dict[bytes, Form] = {
    HEAD_START: Form.RECORDING,
    **dict.fromkeys((b"event:", b"data:", b"id:", b"retry:", b":"), Form.STREAM),
    b"HTTP/": Form.HTTP,
    b"<": Form.BODY,
    b"[": Form.BODY,
    b"\x1f\x8b": Form.GZIP,
    b"\x28\xb5\x2f\xfd": Form.ZSTD,
    # A skippable frame, with which parallel compressors begin.
    **dict.fromkeys((bytes([first]) + b"\x2a\x4d\x18" for first in range(0x50, 0x60)), Form.ZSTD),
}
_BLANKS_LIMIT = 1024 * 1024  # bytes of blank lines at the beginning that are kept; a recording may have more
_FIRST_PAYLOADS = EVENT_TYPES - {"error"}
"""The types that a file of payloads may begin with. An error is more likely the body of a failed request."""
_LINE_KINDS = frozenset({"event", "data", "raw", "body", "part", "end"})


def form_of(pieces: Iterable[bytes]) -> Form:
    """Return the form of a file that begins with these pieces. Take no more of them than that needs."""
    pieces = iter(pieces)
    start, blanks = b"", 0
    for piece in pieces:
        start = (start + piece).lstrip(_BLANK)
        form = _by_mark(start)
        if form is not None:
            return form
        behind = _behind_bom(start)
        if behind.startswith(b"{") and not HEAD_START.startswith(behind):
            return _by_first_line(behind, pieces)
        blanks += 0 if start else len(piece)
        if blanks > _BLANKS_LIMIT:
            return Form.RECORDING
    if _behind_bom(start).startswith(b"{"):
        return _by_first_line(_behind_bom(start), ())
    return _at_the_end(start)


def _behind_bom(start: bytes) -> bytes:
    return start.removeprefix(BOM).lstrip(_BLANK)


def _by_mark(start: bytes) -> Form | None:
    """Return the form of a file that begins like this; None if more bytes or the first line must decide."""
    if start.startswith(BOM):
        return _by_mark_behind_bom(start[len(BOM) :].lstrip(_BLANK))
    for mark, form in _MARKS.items():
        if start.startswith(mark):
            return form
    may_be = start.startswith(b"{") or any(mark.startswith(start) for mark in (*_MARKS, BOM))
    return None if may_be else Form.UNKNOWN


def _by_mark_behind_bom(start: bytes) -> Form | None:
    """Return the form of what follows a byte order mark. For a recording, reading then says what is wrong."""
    form = _by_mark(start)
    return Form.STREAM if form is Form.UNKNOWN else form


def _at_the_end(start: bytes) -> Form:
    """Return the form of a whole file this short. A stream may break off in the name of its first field."""
    if not start:
        return Form.EMPTY
    streams = [mark for mark, form in _MARKS.items() if form in (Form.STREAM, Form.HTTP)]
    return Form.STREAM if any(mark.startswith(start) for mark in (*streams, BOM)) else Form.UNKNOWN


def _by_first_line(start: bytes, more: Iterable[bytes]) -> Form:
    """Return the form of a file that begins with a brace: an edited head, a payload, or a JSON body."""
    parts, size = [start], len(start)
    if b"\n" not in start:
        for piece in more:
            parts.append(piece)
            size += len(piece)
            if b"\n" in piece or size > LINE_LIMIT:
                break
    line = b"".join(parts).partition(b"\n")[0]
    try:
        value = _json.loads(line)
    except ValueError:
        # Reading it as a recording says what is wrong with its head.
        return Form.RECORDING if b'"recording"' in line else Form.BODY
    value = _json.as_object(value)
    if "recording" in value or ("t" in value and _LINE_KINDS & value.keys()):
        return Form.RECORDING
    kind = value.get("type")
    return Form.PAYLOADS if isinstance(kind, str) and kind in _FIRST_PAYLOADS else Form.BODY
