"""A recording's lines as columns: the time, length, content block and kind of each.

The program of the page draws from the columns, and parses only the lines that somebody looks at. Numbers are
little-endian. A time is kept as the ticks since the line before, so that it takes four bytes.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from inspector import _json
from inspector._json import as_object, as_text
from inspector.recording import End, Line, TimedBlock

__all__ = ["Kind", "LineColumns", "tick_for"]

_MOST = 2**32 - 1
_LARGEST_INDEX = 2**15 - 1


class Kind(IntEnum):
    """What a line is. Other numbers have no meaning."""

    MESSAGE_START = 0
    BLOCK_START = 1
    TEXT = 2
    THINKING = 3
    INPUT_JSON = 4
    SIGNATURE = 5
    CITATIONS = 6
    OTHER_DELTA = 7
    BLOCK_STOP = 8
    MESSAGE_DELTA = 9
    MESSAGE_STOP = 10
    PING = 11
    ERROR = 12
    OTHER_EVENT = 13
    NO_EVENT = 14
    END = 15
    OTHER_LINE = 16


_EVENTS = {
    "message_start": Kind.MESSAGE_START,
    "content_block_start": Kind.BLOCK_START,
    "content_block_delta": Kind.OTHER_DELTA,
    "content_block_stop": Kind.BLOCK_STOP,
    "message_delta": Kind.MESSAGE_DELTA,
    "message_stop": Kind.MESSAGE_STOP,
    "ping": Kind.PING,
    "error": Kind.ERROR,
}
_DELTAS = {
    "text_delta": Kind.TEXT,
    "thinking_delta": Kind.THINKING,
    "input_json_delta": Kind.INPUT_JSON,
    "signature_delta": Kind.SIGNATURE,
    "citations_delta": Kind.CITATIONS,
}
# Nearly all of a stream, as the API spells it: its kind and its block stand at the beginning.
_USUAL = re.compile(rb'\{"type":"content_block_delta","index":(\d{1,4}),"delta":\{"type":"(\w+)"')
_USUAL_DELTAS = {name.encode(): kind for name, kind in _DELTAS.items()}


def tick_for(times: Iterable[float]) -> float:
    """Return the seconds of a tick: a microsecond, or the power of ten with which the longest gap fits."""
    last = longest = 0.0
    for t in times:
        longest, last = max(longest, t - last), max(last, t)
    tick = 1e-6
    while longest / tick > _MOST:
        tick *= 10
    return tick


class LineColumns:
    """The columns of the lines after a head; `add` them in order, `packed` returns those added since.

    `count` is how many lines there are, `t` the time of the last. `event_lines` has the line of each event,
    in order. `payload` is that of the last line if it was parsed: lines of usual deltas are not.
    """

    def __init__(self, tick: float = 1e-6) -> None:
        self.count = 0
        self.tick = tick
        self.t = 0.0
        self.kind = Kind.OTHER_LINE
        self.block = -1
        self.payload: dict[str, Any] = {}
        self.event_lines = array("I")
        self._ticks = 0
        self._clear()

    def _clear(self) -> None:
        self._gaps, self._lengths = array("I"), array("I")
        self._blocks, self._kinds = array("h"), array("B")

    def add(self, value: Line, line: bytes) -> None:
        """Add a line and the value that it holds."""
        kind, index = Kind.OTHER_LINE, -1
        self.payload = {}
        if isinstance(value, TimedBlock):
            self._pass(value.t)
            kind, index = Kind.NO_EVENT, -1
            if value.data is not None:
                self.event_lines.append(self.count)
                kind, index = self._event(value.event, value.data)
        elif isinstance(value, End):
            self._pass(value.t)
            kind = Kind.END
        ticks = round(self.t / self.tick)
        self._gaps.append(min(ticks - self._ticks, _MOST))
        self._ticks = ticks
        self._lengths.append(len(line))
        self._blocks.append(index)
        self._kinds.append(kind)
        self.kind, self.block = kind, index
        self.count += 1

    def packed(self) -> bytes:
        """Return the columns of the lines that were added since the last call, one column after another."""
        columns = self._gaps, self._lengths, self._blocks, self._kinds
        if sys.byteorder == "big":
            for column in columns:
                column.byteswap()
        packed = b"".join(column.tobytes() for column in columns)
        self._clear()
        return packed

    def _pass(self, t: float) -> None:
        self.t = max(self.t, t)  # in a file that was edited by hand, times may go back

    def _event(self, name: str | None, data: bytes) -> tuple[Kind, int]:
        if usual := _USUAL.match(data):
            return _USUAL_DELTAS.get(usual[2], Kind.OTHER_DELTA), int(usual[1])
        try:
            self.payload = payload = as_object(_json.loads(data))
        except ValueError:
            return Kind.OTHER_EVENT, -1
        type_ = as_text(payload.get("type") or name or "")
        kind = _EVENTS.get(type_, Kind.OTHER_EVENT)
        if kind is Kind.OTHER_DELTA:
            kind = _DELTAS.get(as_text(as_object(payload.get("delta")).get("type") or ""), kind)
        index = payload.get("index")
        if type(index) is int and 0 <= index <= _LARGEST_INDEX:
            return kind, index
        return kind, -1
