"""The values that one request makes secrets or ids: where they stand in a text, or begin at its end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["KnownValues"]

_SEARCHED_BY_ONE = 12  # more values than these are searched for together, by RE2
_LEAST = 4  # bytes of a value that say that it begins, or a quarter of it


class KnownValues:
    """Values with their kinds. To search costs each event of a stream something, so it is all prepared."""

    __slots__ = ("_begins", "_kinds", "_search", "_tail", "_values")

    def __init__(self) -> None:
        self._kinds: dict[bytes, str] = {}
        self._values: list[bytes] = []  # the longest first
        self._begins: list[tuple[bytes, bytes]] = []  # what says that a value begins, and the value
        self._tail = 0
        self._search: Any = None

    def add(self, values: Iterable[tuple[bytes, str]]) -> None:
        """Take more values. One that is known keeps its kind."""
        self._kinds = {**dict(values), **self._kinds}
        self._values = sorted(self._kinds, key=len, reverse=True)
        self._begins = [(value[: max(_LEAST, len(value) // 4 + 1)], value) for value in self._values]
        self._tail = len(self._values[0]) if self._values else 0
        self._search = None
        if len(self._values) > _SEARCHED_BY_ONE:
            from inspector.redact.searching import any_of  # loads RE2

            self._search = any_of(self._values)

    def spans(self, text: bytes, *, part: bool) -> list[tuple[int, int, str]]:
        """Return where the values stand. `part`: also where one begins at the end of the text."""
        spans: list[tuple[int, int, str]] = []
        if self._search is not None:
            spans += [(*match.span(), self._kinds[match[0]]) for match in self._search.finditer(text)]
        else:
            for value in self._values:
                at = text.find(value)
                while at >= 0:
                    spans.append((at, at + len(value), self._kinds[value]))
                    at = text.find(value, at + len(value))
        if part and self._tail:
            tail = text[-self._tail :]
            for begin, value in self._begins:
                if begin in tail and (begun := _overlap(text, value, begin)):
                    spans.append((len(text) - begun, len(text), self._kinds[value]))
        return spans


def _overlap(text: bytes, value: bytes, begin: bytes) -> int:
    """Return how many bytes of `value` `text` ends in; 0 if those are fewer than `begin`."""
    end = text[1 - len(value) :]
    at = end.find(begin)
    while at >= 0 and not value.startswith(end[at:]):
        at = end.find(begin, at + 1)
    return len(end) - at if at >= 0 else 0
