"""A recording's lines, read once: everything that facts and columns are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspector.page.content_spans import ContentSpans
from inspector.page.line_columns import LineColumns
from inspector.recording import End, Head, Line, Other, TimedBlock, dump_blocks, dump_end, dump_head
from inspector.views.summary import Summary

__all__ = ["ReadLines"]


class ReadLines:
    """The lines after a head, one after another; `head_line` is the head's own."""

    def __init__(self, head: Head, tick: float = 1e-6) -> None:
        self.head = head
        self.head_line = dump_head(head)
        self.columns = LineColumns(tick)
        self.spans = ContentSpans()
        self.summary = Summary()
        self.summary.add(head)

    def add(self, values: Sequence[TimedBlock | Other | End]) -> bytes:
        """Read further values, and return their lines."""
        lines = []
        for value, line in _lines(values):
            lines.append(line)
            self.columns.add(value, line)
            self.spans.add(self.columns)
            if isinstance(value, TimedBlock | End):
                self.summary.add(value)
        return b"".join(lines)


def _lines(values: Sequence[TimedBlock | Other | End]) -> Iterator[tuple[Line, bytes]]:
    blocks = dump_blocks(value for value in values if isinstance(value, TimedBlock))
    written = iter(blocks)
    for value in values:
        if isinstance(value, TimedBlock):
            yield value, next(written)
        else:
            yield value, value.text if isinstance(value, Other) else dump_end(value)
