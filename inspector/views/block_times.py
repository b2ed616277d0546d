"""The content blocks of a stream: when each started, its first token came, and its deltas followed."""

from __future__ import annotations

import operator
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from inspector._json import as_text
from inspector.protocol import DELTA_TEXT, TOOL_BLOCKS
from inspector.views.distribution import Distribution, distribution

__all__ = ["TOKEN_DELTAS", "BlockStatistics", "BlockTimes", "Texts", "characters_per_second", "text_of_start"]

Texts = tuple[Sequence[float], Sequence[int]]
"""Times in order, and how many characters came at each."""

TOKEN_DELTAS = ("text_delta", "thinking_delta", "input_json_delta", "compaction_delta")
"""The deltas whose text is what the model writes; signatures and citations are none."""

_USUAL = {
    "text": "text_delta",
    "thinking": "thinking_delta",
    **dict.fromkeys(TOOL_BLOCKS, "input_json_delta"),
}


@dataclass(frozen=True, slots=True)
class BlockStatistics:
    """One content block. Times are seconds since the request, None if unknown or if there was no such event.

    `name` is that of a tool. `first_token` is when its first text came, of whatever kind. `characters` counts
    its text, in Unicode code points, `deltas` the events that brought it, None if the source has no events.
    `gaps` are the seconds between those. `seconds` is its share of the time.
    """

    index: int | None
    type: str
    name: str
    start: float | None
    first_token: float | None
    last_token: float | None
    stop: float | None
    deltas: int | None
    characters: int
    characters_per_second: float | None
    gaps: Distribution | None
    seconds: float | None


def text_of_start(block: dict[str, Any]) -> str:
    """Return the text that a content block begins with; empty if it begins with none."""
    text = block.get(DELTA_TEXT.get(_USUAL.get(as_text(block.get("type", "")), ""), ""))
    return text if isinstance(text, str) else ""


class BlockTimes:
    """One content block while it is read. `times` and `lengths` are of the deltas with text.

    `delta_type` is the delta that usually brings its text; `field` is the member that has the text, empty
    before the first. `last` is when the last text came. `seconds` is the block's share of the time.
    `long_way` counts the deltas that did not take the short cut.
    """

    __slots__ = (
        "delta_type",
        "field",
        "first_length",
        "first_token",
        "index",
        "last",
        "lengths",
        "long_way",
        "name",
        "seconds",
        "start",
        "stop",
        "times",
        "type",
    )

    def __init__(self, index: int | None, kind: str, name: str = "", start: float | None = None) -> None:
        self.index, self.type, self.name, self.start = index, kind, name, start
        self.delta_type = _USUAL.get(kind, "")
        self.field = ""
        self.first_token: float | None = None
        self.stop: float | None = None
        self.times, self.lengths = array("d"), array("q")
        self.first_length = 0
        self.last = self.seconds = 0.0
        self.long_way = 0

    @classmethod
    def started(cls, index: int | None, block: dict[str, Any], t: float) -> BlockTimes:
        """Return the block that an event starts. Text that it begins with is its first token."""
        kind = as_text(block.get("type", "unknown"))
        made = cls(index, kind, as_text(block.get("name") or ""), t)
        if text := text_of_start(block):
            made.first_token, made.first_length = t, len(text)
        return made

    def add(self, t: float, length: int) -> None:
        """Take a delta with text of `length` characters, the long way."""
        if self.first_token is None:
            self.first_token = t
        self.long_way += 1
        self.field = DELTA_TEXT.get(self.delta_type, "")
        self.last = t
        self.times.append(t)
        self.lengths.append(length)

    @property
    def label(self) -> str:
        """The block's type, and the name of its tool."""
        return f"{self.type} {self.name}" if self.name else self.type

    @property
    def plain(self) -> int:
        """How many deltas took the short cut."""
        return len(self.times) - self.long_way

    @property
    def characters(self) -> int:
        """How many characters of text the block has."""
        return self.first_length + sum(self.lengths)

    def gaps(self) -> list[float]:
        """Return the time between each two deltas with text, in seconds, the shortest first."""
        return sorted(map(operator.sub, self.times[1:], self.times))

    def statistics(self, gaps: Sequence[float], *, timed: bool) -> BlockStatistics:
        """Return what is known of the block. `gaps` are its gaps; `timed` says whether its times are real."""
        characters, count = self.characters, len(self.times)
        plain = (self.index, self.type, self.name)
        if not timed:
            return BlockStatistics(*plain, None, None, None, None, count, characters, None, None, None)
        last = self.times[-1] if count else self.first_token
        times = (self.start, self.first_token, last, self.stop)
        rate = characters_per_second(self.texts())
        return BlockStatistics(*plain, *times, count, characters, rate, distribution(gaps), self.seconds)

    def texts(self) -> Iterator[Texts]:
        """Yield the times and the lengths of the block's text."""
        if self.first_length and self.first_token is not None:
            yield (self.first_token,), (self.first_length,)
        if self.times:
            yield self.times, self.lengths


def characters_per_second(texts: Iterable[Texts]) -> float | None:
    """Return how fast text came after the first read that brought some; None if no time passed after it."""
    texts = list(texts)
    first = min((times[0] for times, _ in texts), default=0.0)
    last = max((times[-1] for times, _ in texts), default=0.0)
    later = sum(sum(sizes[bisect_right(times, first) :]) for times, sizes in texts)
    return later / (last - first) if last > first else None
