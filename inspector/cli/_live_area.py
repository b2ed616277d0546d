"""The live area: rows at the bottom of a terminal that are drawn again and again, below what stays.

Rule 1: a frame is one write. It takes the old rows away, prints what stays, and draws the new rows.
Rule 2: the terminal breaks no row. So each takes one line, however wide the terminal thinks a character is.
Rule 3: what others print on standard error comes above the rows, which would else be drawn over it.

The escape sequences are those of ECMA-48 and of DEC's autowrap mode, which terminals of today know.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

import click

from inspector.cli._widths import cells

__all__ = ["LiveArea", "can_redraw"]

_UP, _ERASE_BELOW = "\x1b[{}A", "\x1b[J"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"


def can_redraw(file: TextIO) -> bool:
    """Return whether `file` is a terminal whose rows can be drawn again."""
    if os.name == "nt" or os.environ.get("TERM", "dumb") == "dumb":
        return False
    return file.isatty()


def _size() -> os.terminal_size:
    import shutil  # it imports three compressions, for some milliseconds

    return shutil.get_terminal_size()


class LiveArea:
    """The live area of the terminal `file`. `size` says how many columns and rows it has."""

    def __init__(self, file: TextIO, size: Callable[[], os.terminal_size] = _size) -> None:
        self._file = file
        self._size = size
        self._rows: list[str] = []
        self._width = 0
        self._lock = threading.RLock()

    @property
    def height(self) -> int:
        """How many rows there is room for."""
        return max(self._size().lines - 1, 1)

    def draw(self, rows: Sequence[str], printed: str = "") -> None:
        """Draw these rows in the place of the old ones. Lines that are `printed` stay above them."""
        size = self._size()
        new = list(rows[-max(size.lines - 1, 1) :])
        with self._lock:
            if new == self._rows and not printed and size.columns == self._width:
                return
            same = 0 if printed else self._same(new, size.columns)
            frame = self._back_to(same, size.columns) + printed
            if new:
                frame += _NO_WRAP + "\n".join(new[same:]) + _WRAP
            self._rows, self._width = new, size.columns
            self._file.write(frame)
            self._file.flush()

    def clear(self) -> None:
        """Take the rows away."""
        self.draw([])

    def _same(self, new: list[str], width: int) -> int:
        """Return how many of the first rows stay as they are."""
        if width != self._width:
            return 0
        same = 0
        # The last row is never among them: the cursor goes to the first row that changes.
        while same < min(len(self._rows), len(new)) - 1 and new[same] == self._rows[same]:
            same += 1
        return same

    def _back_to(self, row: int, width: int) -> str:
        """Go back to the beginning of a row that is drawn, and erase it and all below."""
        if not self._rows:
            return ""
        up = sum(_lines_of(each, width, self._width) for each in self._rows[row:]) - 1
        return "\r" + (_UP.format(up) if up else "") + _ERASE_BELOW

    @contextlib.contextmanager
    def above_errors(self) -> Iterator[None]:
        """Print what is written to standard error meanwhile above the rows, if it goes to a terminal."""
        stderr = sys.stderr
        if not stderr.isatty():
            yield
            return
        sys.stderr = _Above(stderr, self)
        try:
            yield
        finally:
            sys.stderr = stderr

    def above(self, file: TextIO, text: str) -> None:
        """Write whole lines to another `file` that is the same terminal; the rows come back with `draw`."""
        with self._lock:
            self.clear()
            file.write(text)
            file.flush()


def _lines_of(row: str, width: int, drawn_width: int) -> int:
    """Return how many lines a row takes after the terminal has become narrower, and has broken it."""
    if width >= drawn_width:
        return 1
    return max(1, -(-min(cells(click.unstyle(row)), drawn_width) // max(width, 1)))


class _Above:
    """Standard error while an area is drawn. What is no whole line waits for its rest."""

    def __init__(self, file: TextIO, area: LiveArea) -> None:
        self._stderr = file
        self._area = area
        self._rest = ""

    def write(self, text: str) -> int:
        lines, end, rest = text.rpartition("\n")
        if end:
            self._area.above(self._stderr, self._rest + lines + end)
            self._rest = rest
        else:
            self._rest += text
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stderr, name)
