"""A difference on a terminal: coloured, and wrapped at words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector.cli._printing import Styles, echo, shown
from inspector.cli._terminal import screen_width
from inspector.cli._widths import cells, chopped
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
_NARROWEST = 20  # columns of text in a line; if a label leaves fewer, further lines begin at its beginning


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
    begin = line.indent + cells(label[1])
    hanging = begin if begin + _NARROWEST <= columns else 2
    made, used = [*start, label], begin
    for style, text in rest:
        for match in _WITH_BLANKS.finditer(shown(text)):
            word = match[0]
            size = cells(word)
            if used > hanging and used + size > columns:
                yield made
                made, word = [("plain", " " * hanging)], word.lstrip()
                used, size = hanging, cells(word)
            *whole, word = (line.indent and chopped(word, columns - hanging)) or [word]
            for part in whole:  # of a title no path is broken
                yield [*made, (style, part)]
                made = [("plain", " " * hanging)]
                used, size = hanging, cells(word)
            made.append((style, word))
            used += size
    yield made
