"""Tables, as `ls`, `stats` and `diff` print them.

    print_table([Column("file", least=12), Column("events", right=True)], [["hello.jsonl", "46"]])

Rule 1: the text of a cell is text. It is masked and escaped as all text that people read. No markup is in it.
Rule 2: on a terminal, a table is no wider than the terminal: columns are left out, and cells are cut, as the
columns say. In a pipe or a file nothing is left out and nothing is cut. Neither has lines around it.

rich draws none of it: its `Table` takes 0.8 ms for a row of eleven cells, so
ten thousand recordings would take 8 s, and it leaves out no column. So the layout is done here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import click

from inspector.cli._printing import Output, Styles, echo, shown
from inspector.cli._terminal import screen_width, use_color, wrap
from inspector.cli._widths import beginning, cells, ending, filled

__all__ = ["Cell", "Column", "below_folder", "print_table"]

_GAP = "  "
_NARROWEST = 4  # columns

Cell = str | tuple[str, Styles]
"""A text, or a text and how it looks: arguments of `click.style`."""


class Column(NamedTuple):
    """A column of a table.

    `right` aligns its cells, as for numbers. `least` is the width to which its cells may be cut if a line is
    too long; None means that they are never cut. `keep_end` cuts them at the beginning: the end of a path
    says more. If lines are too long all the same, columns are left out: those of the highest `rank` first,
    those of rank 0 never. What is left and may be cut is cut further, if even that is too long.
    """

    title: str
    right: bool = False
    least: int | None = None
    keep_end: bool = False
    rank: int = 0


class _Text(NamedTuple):
    """A cell as it is printed, and its width on a terminal."""

    text: str
    width: int
    style: Styles


def below_folder(paths: Iterable[str]) -> list[str]:
    """Say the folder of all these files once, and return their paths below it, which a table has room for.

    That is for a terminal. In a pipe or a file paths stay whole, for the program that reads them.
    """
    paths = list(paths)
    folders = {os.path.split(path)[0] for path in paths}
    if len(set(paths)) < 2 or "" in folders or screen_width() is None:
        return paths
    with contextlib.suppress(ValueError):  # one path is absolute, another relative; or their drives differ
        if folder := os.path.commonpath(folders):
            lines = wrap(shown(f"in {folder.removesuffix(os.sep)}{os.sep}"), screen_width()).splitlines()
            echo(*lines, dim=True)
            return [os.path.relpath(path, folder) for path in paths]
    return paths


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, indent: int = 0) -> None:
    """Print a table on stdout: the titles, and a line for each row.

    Each row has a cell for each column. A column without any text is left out, and so is a table without any.
    `indent` is the number of blanks before each line.
    """
    out = Output()
    titles = [_cell((column.title, {"bold": True})) for column in columns]
    lines = [titles, *([_cell(cell) for cell in row] for row in rows)]
    widths = {
        at: max(line[at].width for line in lines)
        for at in range(len(columns))
        if any(line[at].width for line in lines[1:])
    }
    if not widths:
        return
    if out.width is not None:
        widths = _fitted(columns, widths, out.width - indent)
    color = use_color()
    for line in lines:
        cells = [_set(line[at], columns[at], width, color) for at, width in widths.items()]
        out.line(" " * indent + _GAP.join(cells).rstrip())
    out.flush()


def _cell(cell: Cell) -> _Text:
    text, style = (cell, {}) if isinstance(cell, str) else cell
    text = shown(text)
    return _Text(text, cells(text), style)


def _fitted(columns: Sequence[Column], natural: dict[int, int], room: int) -> dict[int, int]:
    """Return the columns that a line of `room` has place for, and their widths."""
    widths = dict(natural)
    least = {at: min(width, columns[at].least or width) for at, width in natural.items()}
    for at in sorted(natural, key=lambda at: columns[at].rank, reverse=True):
        if columns[at].rank == 0 or _line_width(least.values()) <= room:
            break
        del widths[at], least[at]
    cuttable = [at for at in widths if columns[at].least is not None]
    widths |= {at: max(least[at], min(widths[at], room)) for at in cuttable}
    for limits in (least, dict.fromkeys(cuttable, _NARROWEST)):
        excess = _line_width(widths.values()) - room
        while excess > 0 and (longer := [at for at in cuttable if widths[at] > limits[at]]):
            # The widest gives first: so every cell that is short enough is shown whole.
            widths[max(longer, key=lambda at: widths[at])] -= 1
            excess -= 1
    return widths


def _line_width(widths: Iterable[int]) -> int:
    each = list(widths)
    return sum(each) + len(_GAP) * (len(each) - 1)


def _set(cell: _Text, column: Column, width: int, color: bool) -> str:
    """Return a cell in the width of its column, and in colour."""
    text, blanks = cell.text, " " * (width - cell.width)
    if cell.width > width:
        text, blanks = _cut(text, width, keep_end=column.keep_end), ""
    text = click.style(text, **cell.style) if color and cell.style and text else text
    return blanks + text if column.right else text + blanks


def _cut(text: str, width: int, *, keep_end: bool) -> str:
    """Return a text with an ellipsis, in exactly `width`."""
    if keep_end:
        return filled("…" + ending(text, width - 1), width)
    return filled(beginning(text, width - 1).rstrip() + "…", width)
