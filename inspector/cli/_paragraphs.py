"""Text in the columns of a terminal: cut to a width, or broken into lines at words. It must be escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector.cli._widths import beginning, cells, chopped

__all__ = ["broken", "clip", "whole_words"]

_IDEOGRAPH = "\u2e80-\u2fff\u3005-\u30ff\u31c0-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff"
_CLOSING = "\u3001\u3002\u3009\u300b\u300d\u300f\u3011\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3d\uff5d"
# Between ideographs a line may end, but not before a closing mark. Other text is broken at blanks.
_PIECES = re.compile(rf"\s+|[{_IDEOGRAPH}][{_CLOSING}]*|[^\s{_IDEOGRAPH}]+")


def clip(text: str, width: int | None) -> str:
    """Shorten `text` to `width` columns, with an ellipsis; None means no limit."""
    if width is None or 2 * len(text) <= width:
        return text
    if width <= 0:
        return ""
    if text.isascii():
        return text if len(text) <= width else text[: width - 1] + "…"
    start = text[: 4 * width + 4]  # a long text is not measured whole
    if start == text and cells(text) <= width:
        return text
    return beginning(start, width - 1) + "…" if width > 1 else "…"


def broken(text: str, width: int, *, first: int | None = None) -> Iterator[str]:
    """Break one paragraph into lines of at most `width` columns, the first of at most `first`.

    Lines end between words. A word is broken only if it is longer than a whole line. Blanks at the beginning
    and inside a line stay, and those at its end are left out. There is always a line; the first may be empty.
    """
    width = max(width, 1)
    room = width if first is None else min(max(first, 0), width)
    text = text.rstrip()
    return _broken_ascii(text, width, room) if text.isascii() else _broken_pieces(text, width, room)


def _broken_ascii(text: str, width: int, room: int) -> Iterator[str]:
    """Break text whose characters take one column each: the last blank is where the line ends."""
    at, end = 0, len(text)
    while end - at > room:
        blank = text.rfind(" ", at, at + room + 1)
        line = text[at:blank].rstrip() if blank > at else ""
        if line:
            yield line
            at = blank
        elif room < width:
            yield ""
        elif blank < 0:
            yield text[at : at + room]
            at += room
        while text[at] == " " and (line or blank >= 0):  # the text does not end with a blank
            at += 1
        room = width
    yield text[at:]


def _broken_pieces(text: str, width: int, room: int) -> Iterator[str]:
    line: list[str] = []
    used = 0
    for match in _PIECES.finditer(text):
        piece = match[0]
        length = cells(piece)
        if used + length > room:
            if used or room < width:
                yield "".join(line).rstrip()
            line, used, room = [], 0, width
            if piece.isspace():
                continue
            if length > room:
                *whole, piece = chopped(piece, width) or [""]
                yield from whole
                length = cells(piece)
        line.append(piece)
        used += length
    yield "".join(line)


def whole_words(text: str, width: int, *, hanging: int) -> Iterator[str]:
    """Break one paragraph into lines of at most `width` columns; those after the first begin at `hanging`.

    A word stays whole. If it does not fit into a line at `hanging`, it begins further left, where it does.
    """
    line, blanks = "", ""
    for match in _PIECES.finditer(text):
        piece = match[0]
        if piece.isspace():
            blanks = piece
        elif line.strip() and cells(line) + len(blanks) + cells(piece) > width:
            yield line
            columns = (column for column in (hanging, min(hanging, 2), 0) if column + cells(piece) <= width)
            line, blanks = " " * next(columns, hanging) + piece, ""
        else:
            line, blanks = line + blanks + piece, ""
    yield line
