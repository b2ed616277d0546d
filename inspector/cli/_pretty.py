"""The format `pretty`: a recording as people read it, with its events folded, or a line for each."""

from __future__ import annotations

from dataclasses import replace

from inspector.cli._body_lines import body_lines
from inspector.cli._event_lines import Look, column_names, event_line, folded_lines
from inspector.cli._printer_base import Printer, View
from inspector.cli._printing import Output
from inspector.cli._recording_text import head_line, summary_text, torn_line
from inspector.cli._selection import Selection
from inspector.recording import Head, Line, TimedBlock, Torn
from inspector.views.fold import Fold, Run
from inspector.views.summary import Summary
from inspector.views.timeline import BODY, Row, Tone, claims_stream

__all__ = ["Pretty"]

_LONGEST_BODY = 1024 * 1024  # bytes that are held until the end


class Pretty(Printer):
    """For people: the events, folded or a line for each, then a summary."""

    summarizes = True

    def __init__(
        self, selection: Selection, out: Output, *, live: bool, color: bool, view: View | None = None
    ) -> None:
        super().__init__(selection, out, live=live, color=color, view=view)
        self.folds = not live or out.redraws if self.view.fold is None else self.view.fold
        self.fold = Fold()
        self.look = Look(color)
        self._has_titles = False
        self._tool_input: tuple[int | None, str] = None, ""
        self._body: list[bytes] = []
        self._body_size = 0
        self._last = 0.0

    def _print(self, value: Line) -> None:
        if isinstance(value, Head):
            self._begin(value)
        elif self.view.summary_only:
            return
        elif isinstance(value, TimedBlock):
            if self.live:
                self._measure()
            row = self.timeline.row(value)
            if self._counted(self.selection.takes(row), value):
                self._add(row if self.selection.everything else self._after_last(row), value)
        else:
            self._end_rows()
            if isinstance(value, Torn):
                self._print_row(torn_line(value, self.look))

    def _begin(self, head: Head) -> None:
        self._has_titles, self._last = False, 0.0
        self.fold, self._tool_input = Fold(), (None, "")
        self.look = Look(self.color, timed=head.timed)
        self._measure()
        if self.number > 1 and self.file:
            self.out.line("")
        self.out.line(head_line(head, self.source, look=self.look))
        if head.status == 200 and claims_stream(head) and not self.view.summary_only:
            self._print_titles()

    def _measure(self) -> None:
        """Take the width of the terminal, which changes while a stream comes."""
        self.look = replace(self.look, width=None if self.view.wide else self.out.width)

    def _after_last(self, row: Row) -> Row:
        """Return a row whose gap goes back to the row above it, and not to one that is left out."""
        gap, self._last = row.t - self._last, row.t
        return row._replace(gap=gap)

    def _add(self, row: Row, block: TimedBlock) -> None:
        if not self.folds:
            self._print_row(event_line(row, self.look))
        elif row.name != BODY:
            self._print_parts(self.fold.add(row))
        else:
            self._body.append(block.raw)
            self._body_size += len(block.raw)
            if self._body_size > _LONGEST_BODY:
                self._end_rows()

    def _end_rows(self) -> None:
        """Print what the end of the response makes whole: the last run, or a body that is no stream."""
        self._print_parts(self.fold.end())
        if self._body:
            for line in body_lines(b"".join(self._body), self.look):
                self.out.line(line)
            self._body, self._body_size = [], 0

    def _print_parts(self, parts: list[Row | Run]) -> None:
        for part in parts:
            shown = part
            if part.tone is Tone.JSON:
                if part.name == "content_block_delta":
                    self._tool_input = part.block, part.text if isinstance(part, Run) else part.content
                elif isinstance(part, Row) and (part.block, part.content) == self._tool_input:
                    shown = part._replace(content="")  # it stands a line above
            for line in folded_lines(shown, self.look):
                self._print_row(line)

    def _print_row(self, line: str) -> None:
        if not self._has_titles:
            self._print_titles()
        self.out.line(line)

    def _print_titles(self) -> None:
        self._has_titles = True
        self.out.line(column_names(self.look))

    def _finish(self) -> None:
        self._end_rows()
        if self.summary.head is not None:
            self._measure()
            self.out.line(summary_text(self.summary, self.sdk, look=self.look))
            self.summary = Summary()
