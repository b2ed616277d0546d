"""Output on a terminal whose last rows are drawn again and again: lines are printed with the next frame."""

from __future__ import annotations

from collections.abc import Sequence

from inspector.cli._live_area import LiveArea
from inspector.cli._printing import Output

__all__ = ["LiveOutput"]

_MANY = 500  # lines that wait for the next frame


class LiveOutput(Output):
    """Lines that stay, above live rows. Its printer, and whoever draws, use it on one thread."""

    redraws = True

    def __init__(self, *, raw: bool = False, err: bool = False) -> None:
        super().__init__(live=True, raw=raw, err=err)
        self.area = LiveArea(self._file)
        self._lines: list[str] = []
        self._rows: Sequence[str] = ()

    def line(self, text: str) -> None:
        """Print a line with the next frame."""
        self._lines.append(self.reveal(text) + "\n")
        if len(self._lines) >= _MANY:
            self.draw(self._rows)

    def draw(self, rows: Sequence[str]) -> None:
        """Draw a frame: the lines that have come, and these rows below them."""
        lines, self._lines = self._lines, []
        self._rows = rows
        self.area.draw([self.reveal(row) for row in rows], "".join(lines))

    def flush(self) -> None:
        """Do nothing: frames are written at once."""
