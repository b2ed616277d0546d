"""The rows of what a printer has not finished: the run of events that grows, as it will stand in the end.

Only its last lines are seen, so only they are made. What they cost does not grow with the run.
"""

from __future__ import annotations

import copy

from inspector.cli._event_lines import folded_lines
from inspector.cli._pretty import Pretty
from inspector.cli._printer_base import Printer
from inspector.views.fold import Run
from inspector.views.timeline import Row

__all__ = ["OpenRows"]

_WIDEST = 400  # columns; a terminal of unknown width is taken as one of this


class OpenRows:
    """The rows of one printer, frame after frame."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._run: Run | None = None
        self._first = self._seen = 0  # pieces that are left out, and pieces that are known
        self._held = 0  # characters of those that are known and not left out

    def rows(self, most: int) -> list[str]:
        """Return at most that number of rows: the first of each run, and its last ones."""
        printer = self._printer
        if not isinstance(printer, Pretty) or not printer.folds or most < 1:
            return []
        lines: list[str] = []
        for part in printer.fold.open:
            shown = (
                self._end_of(part, most * (printer.look.width or _WIDEST)) if isinstance(part, Run) else part
            )
            new = list(folded_lines(shown, printer.look))
            lines += [new[0], *new[max(1, len(new) - most + 1) :]]
        return lines if len(lines) <= most else [lines[0], *lines[len(lines) - most + 1 :]]

    def _end_of(self, run: Run, room: int) -> Run | Row:
        """Return the run with the end of its text only: what fits in `room` columns, up to 4 times as much.

        The text that is left out ends with a line or a word, and seldom changes: else lines would be broken
        anew at other places in each frame.
        """
        if not run.pieces:
            return run
        if run is not self._run:
            self._run, self._first, self._seen, self._held = run, 0, 0, 0
        self._held += sum(map(len, run.pieces[self._seen :]))
        self._seen = len(run.pieces)
        if self._held > 4 * room:
            self._leave_out(run, room)
        if not self._first:
            return run
        end = copy.copy(run)
        end.pieces = ["".join(run.pieces[self._first :])[-4 * room :]]
        return end

    def _leave_out(self, run: Run, room: int) -> None:
        at, held, best = self._first, self._held, None
        while at < len(run.pieces) - 1 and held > 2 * room:
            held -= len(run.pieces[at])
            at += 1
        # Look a little further for a place between two words, or better between two lines.
        while at < len(run.pieces) - 1 and held > room:
            if run.pieces[at - 1].endswith("\n"):
                best = at, held
                break
            if best is None and run.pieces[at][:1].isspace():
                best = at, held
            held -= len(run.pieces[at])
            at += 1
        self._first, self._held = best or (at, held)
