"""A difference on a terminal: coloured, and wrapped at words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import east_asian_width

from inspector.cli._printing import Styles, echo, shown
from inspector.cli._terminal import screen_width
from inspector.views.diff_text import Line
from inspector.views.difference_tree import Difference, diff_lines

__all__ = ["print_difference", "print_lines"]

_STYLES: dict[str, Styles] = {
    "plain": {},
    "quiet": {"dim": True},
    "removed": {"fg": "red"},
    "added": {"fg": "green"},
    "same": {"fg": "green", "bold": True},
    "different": {"bold": True},
}
_WITH_BLANKS = re.compile(r"\s*\S+|\s+")
_NARROWEST = 24  # columns of text that a line has at least


def print_difference(difference: Difference, *, width: int | None = None) -> None:
    """Print a difference, wrapped at the terminal's width, or at `width` columns."""
    print_lines(diff_lines(difference), width=width)


def print_lines(lines: Iterator[Line], *, width: int | None = None) -> None:
    """Print lines as they come."""
    columns = width or screen_width()
    for line in lines:
        for pieces in _wrapped(line, columns):
            echo([(text, _STYLES[style]) for style, text in pieces])


def _wrapped(line: Line, columns: int | None) -> Iterator[list[tuple[str, str]]]:
    """Yield a line in lines of `columns` columns. Those after the first begin where its content does."""
    start: list[tuple[str, str]] = [("plain", " " * line.indent)]
    if columns is None:
        yield [*start, *line.pieces]
        return
    label, *rest = line.pieces if len(line.pieces) > 1 else (("plain", ""), *line.pieces)
    begin = line.indent + _columns(label[1])
    room = max(columns - begin, _NARROWEST)
    made, used = [*start, label], 0
    for style, text in rest:
        for match in _WITH_BLANKS.finditer(shown(text)):
            word = match[0]
            size = _columns(word)
            if used and used + size > room:
                yield made
                made, word = [("plain", " " * begin)], word.lstrip()
                used, size = 0, _columns(word)
            made.append((style, word))
            used += size
    yield made


def _columns(text: str) -> int:
    return len(text) if text.isascii() else sum(1 + (east_asian_width(char) in "WF") for char in text)
