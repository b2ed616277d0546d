"""Exchanges under way, read as they come: what the live page needs of them, as items of JSON.

An item is about one recording, by its number: that it begins, that lines were added, or all its facts anew.
Checking a recording at its end may take long, so `items` is not called on a thread that serves clients.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

from inspector import _json
from inspector.page.read_lines import ReadLines
from inspector.page.recording_facts import facts_of, facts_so_far, shown
from inspector.recording import Assembly, End, Head, TimedBlock

__all__ = ["Item", "LiveReading", "Part"]

_LONGEST = 64 * 1024 * 1024  # bytes of a recording's blocks


class Part(Enum):
    """What an item says of its recording."""

    BEGIN = "begin"
    LINES = "lines"
    FACTS = "facts"


class Item(NamedTuple):
    """One item, as JSON. Of a recording's facts, only the last ones matter."""

    number: int
    part: Part
    json: bytes


class LiveReading:
    """Read exchanges: `add` their values as they come, and take the `items` that were made since.

    An exchange whose head did not come, or whose blocks have more than 64 MiB, is left out from there on.
    """

    def __init__(self) -> None:
        self._open: dict[int, _Exchange] = {}
        self._ended: list[_Exchange] = []

    def add(self, number: int, value: Head | TimedBlock | End, name: str = "") -> None:
        """Take the next value of an exchange. `name` is what the page calls it, and comes with the head."""
        if isinstance(value, Head):
            self._open[number] = _Exchange(number, value, name)
            return
        exchange = self._open.get(number)
        if exchange is None:
            return
        exchange.add(value)
        if isinstance(value, End):
            self._ended.append(self._open.pop(number))
        elif exchange.size > _LONGEST:
            del self._open[number]

    def forget(self, number: int) -> None:
        """Leave out what is still to come of an exchange."""
        self._open.pop(number, None)

    def items(self) -> Iterator[Item]:
        """Yield what was not yielded yet."""
        ended, self._ended = self._ended, []
        for exchange in ended:
            yield from exchange.items(ended=True)
        for exchange in self._open.values():
            yield from exchange.items(ended=False)


class _Exchange:
    def __init__(self, number: int, head: Head, name: str) -> None:
        self.size = 0
        self._number = number
        self._name = shown(name)
        self._read = ReadLines(head)
        self._whole = Assembly(head)
        self._values: list[TimedBlock | End] = []
        self._begun = False

    def add(self, value: TimedBlock | End) -> None:
        self._whole.add(value)
        self._values.append(value)
        if isinstance(value, TimedBlock):
            self.size += len(value.raw) or len(value.data or b"")

    def items(self, *, ended: bool) -> Iterator[Item]:
        if not self._begun:
            self._begun = True
            head = base64.b64encode(self._read.head_line).decode()
            yield self._item(Part.BEGIN, {"begin": self._facts(), "head": head})
        if self._values:
            values, self._values = self._values, []
            lines = base64.b64encode(self._read.add(values)).decode()
            columns = base64.b64encode(self._read.columns.packed()).decode()
            yield self._item(Part.LINES, {"columns": columns, "lines": lines})
            facts = facts_of(self._whole.recording(""), self._read) if ended else facts_so_far(self._read)
            yield self._item(Part.FACTS, {"facts": {**facts, "name": self._name}})

    def _facts(self) -> dict[str, Any]:
        return {**facts_so_far(self._read), "name": self._name}

    def _item(self, part: Part, fields: dict[str, Any]) -> Item:
        return Item(self._number, part, _json.dumps({"n": self._number, **fields}))
