"""The content blocks of a message as spans of its lines: where each begins and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inspector._json import as_object, as_text
from inspector.page.line_columns import Kind, LineColumns

__all__ = ["ContentSpans"]

_MOST = 10_000
_DELTAS = frozenset(
    {Kind.TEXT, Kind.THINKING, Kind.INPUT_JSON, Kind.SIGNATURE, Kind.CITATIONS, Kind.OTHER_DELTA}
)
_KIND_OF = {Kind.TEXT: "text", Kind.THINKING: "thinking", Kind.INPUT_JSON: "tool_use"}


@dataclass(slots=True)
class _Span:
    index: int
    kind: str
    name: str
    first: int
    last: int
    t0: float
    t1: float
    closed: bool = False


class ContentSpans:
    """The spans of content blocks, in the order in which they begin; `add` every line of the recording.

    A delta without a start begins a span, too. At most 10,000 spans are kept.
    """

    def __init__(self) -> None:
        self._spans: list[_Span] = []
        self._open: dict[int, _Span] = {}

    def add(self, columns: LineColumns) -> None:
        """Take the last line that was added to `columns`."""
        kind, index = columns.kind, columns.block
        if index < 0:
            return
        line, t = columns.count - 1, columns.t
        if kind is Kind.BLOCK_START:
            block = as_object(columns.payload.get("content_block"))
            self._begin(index, as_text(block.get("type") or "?"), as_text(block.get("name") or ""), line, t)
        elif kind in _DELTAS or kind is Kind.BLOCK_STOP:
            span = self._open.get(index) or self._begin(index, _KIND_OF.get(kind, "?"), "", line, t)
            span.last, span.t1 = line, t
            if kind is Kind.BLOCK_STOP:
                span.closed = True
                del self._open[index]

    def _begin(self, index: int, kind: str, name: str, line: int, t: float) -> _Span:
        span = self._open[index] = _Span(index, kind, name, line, line, t, t)
        if len(self._spans) < _MOST:
            self._spans.append(span)
        return span

    def to_list(self) -> list[dict[str, Any]]:
        """Return the spans as plain JSON values; `first` and `last` are lines, `t0` and `t1` seconds."""
        return [
            {
                "index": span.index,
                "kind": span.kind,
                "name": span.name,
                "first": span.first,
                "last": span.last,
                "t0": span.t0,
                "t1": span.t1,
                "closed": span.closed,
            }
            for span in self._spans
        ]

    def at(self, t0: float, t1: float) -> int:
        """Return the number of the span that is open from `t0` to `t1`, the last of several; -1 for none."""
        inside = (
            n for n, span in enumerate(self._spans) if span.t0 <= t0 and (span.t1 >= t1 or not span.closed)
        )
        return max(inside, default=-1)
