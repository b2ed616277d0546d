"""The format `pretty`: a recording as people read it, with its events folded, or a line for each."""

from __future__ import annotations

from dataclasses import replace

from inspector.cli._event_lines import Look, column_names, event_line, folded_lines
from inspector.cli._printer_base import Printer, View
from inspector.cli._printing import Output
from inspector.cli._recording_text import head_line, summary_text, torn_line
from inspector.cli._selection import Selection
from inspector.recording import Head, Line, TimedBlock, Torn
from inspector.views.fold import Fold, Run
from inspector.views.summary import Summary
from inspector.views.timeline import Row, Tone

__all__ = ["Pretty"]


class Pretty(Printer):
    """For people: the events, folded or a line for each, then a summary."""

    summarizes = True

    def __init__(
        self, selection: Selection, out: Output, *, live: bool, color: bool, view: View | None = None
    ) -> None:
        super().__init__(selection, out, live=live, color=color, view=view)
        self.folds = not live if self.view.fold is None else self.view.fold
        self.fold = Fold()
        self.look = Look(color)
        self._tool_input: tuple[int | None, str] = None, ""

    def _print(self, value: Line) -> None:
        if isinstance(value, Head):
            self._begin(value)
        elif self.view.summary_only:
            return
        elif isinstance(value, TimedBlock):
            if self.live:
                self._measure()
            row = self.timeline.row(value)
            if not self.selection.takes(row):
                return
            if self.folds:
                self._print_parts(self.fold.add(row))
            else:
                self.out.line(event_line(row, self.look))
        else:
            self._print_parts(self.fold.end())
            if isinstance(value, Torn):
                self.out.line(torn_line(value, color=self.color))

    def _begin(self, head: Head) -> None:
        self.look = Look(self.color, timed=head.timed)
        self._measure()
        self.out.line(head_line(head, self.source, color=self.color))
        if head.response and not self.view.summary_only:
            self.out.line(column_names(self.look))

    def _measure(self) -> None:
        """Take the width of the terminal, which changes while a stream comes."""
        self.look = replace(self.look, width=None if self.view.wide else self.out.width)

    def _print_parts(self, parts: list[Row | Run]) -> None:
        for part in parts:
            shown = part
            if part.tone is Tone.JSON:
                if part.name == "content_block_delta":
                    self._tool_input = part.block, part.text if isinstance(part, Run) else part.content
                elif isinstance(part, Row) and (part.block, part.content) == self._tool_input:
                    shown = part._replace(content="")  # it stands a line above
            for line in folded_lines(shown, self.look):
                self.out.line(line)

    def _finish(self) -> None:
        self._print_parts(self.fold.end())
        if self.summary.head is not None:
            self.out.line(summary_text(self.summary, self.sdk, color=self.color))
            self.summary = Summary()
