"""The numbers of a response: when things came, how long it stood still, how fast it was, what was counted.

Times are seconds since the request was sent, rates are per second, sizes are bytes of the decoded body. What
a recording cannot know is None: an untimed one has no time anywhere. `docs/stats.md` defines every number.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from inspector._json import as_object
from inspector.checker.buffering import Buffering
from inspector.recording import Ending
from inspector.recording.absent import Absent
from inspector.views.block_times import BlockStatistics
from inspector.views.distribution import Distribution
from inspector.views.silences import Silence, WatchdogResult
from inspector.views.time_windows import Window
from inspector.views.usage_points import TokenInterval, UsagePoint

__all__ = [
    "Gaps",
    "LongestGap",
    "Pings",
    "Rates",
    "Share",
    "Silences",
    "Statistics",
    "Tokens",
    "plain_values",
]


@dataclass(frozen=True, slots=True)
class LongestGap:
    """The longest gap: `seconds`, until event number `event` of content block `block`, at byte `offset`."""

    seconds: float
    event: int
    block: int | None
    offset: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """Times between two of something, in seconds, and where the longest is."""

    spread: Distribution
    longest: LongestGap


@dataclass(frozen=True, slots=True)
class Silences:
    """The times in which nothing came.

    `bytes` and `content` are the longest without a byte, and without an event other than `ping`; None if that
    is unknown. `listed` has those of a second or more, the longest first, up to 200 of each measure; `count`
    is how many there were.
    """

    bytes: Silence | None
    content: Silence | None
    listed: tuple[Silence, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Pings:
    """How many `ping` events came, and comments, and how many seconds lay between two pings."""

    count: int
    comments: int
    gaps: Distribution | None


@dataclass(frozen=True, slots=True)
class Tokens:
    """The API's last counts; `thinking` is a part of `output`. None for what it did not count."""

    input: int | None
    output: int | None
    cache_read: int | None
    cache_write: int | None
    thinking: int | None


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast the stream was.

    `output_tokens` are those that the API counted from its first usage object to its last, per second.
    `characters` are those of text, thinking and tools' input after the first read that brought some.
    `intervals` are the times between usage objects; `windows` are of equal length, over the whole response.
    """

    output_tokens: float | None
    characters: float | None
    intervals: tuple[TokenInterval, ...]
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """Where time went.

    `kind` is `waiting`, the type of a content block, `message`, `silent`, `body` or `end`.
    """

    kind: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of one response: times in seconds since the request, sizes in bytes; see `docs/stats.md`.

    `number` is the place of the recording in its file, from 1. `duration` is until the end, or until the last
    byte if nobody saw the end. `outcome` is the stop reason, or what came instead. `kinds` counts events by
    type, `deltas` by the type of the delta, `unreadable` those whose payload is not JSON. `absent` lists what
    the recording's source did not have.
    """

    source: str
    number: int
    at: str | None
    model: str | None
    status: int | None
    outcome: str
    stop_reason: str | None
    end: Ending | None
    problems: tuple[str, ...]
    torn: bool
    absent: tuple[str, ...]
    headers: float | None
    first_byte: float | None
    first_event: float | None
    first_token: float | None
    duration: float | None
    bytes: int | None
    reads: int | None
    events: int | None
    kinds: dict[str, int]
    deltas: dict[str, int]
    unreadable: int
    characters: int
    pings: Pings | None
    event_gaps: Gaps | None
    token_gaps: Gaps | None
    silences: Silences
    watchdogs: tuple[WatchdogResult, ...]
    blocks: tuple[BlockStatistics, ...]
    usage: tuple[UsagePoint, ...]
    tokens: Tokens
    rates: Rates
    shares: tuple[Share, ...]
    buffering: Buffering

    @property
    def timed(self) -> bool:
        """Whether the times are real."""
        return Absent.TIMES not in self.absent

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values, times to the microsecond."""
        return as_object(plain_values(self))


def plain_values(value: Any) -> Any:
    """Return fields, and what is computed from them, as plain JSON values, times to the microsecond."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        names = [field.name for field in fields(value)]
        names += [name for name, each in vars(type(value)).items() if isinstance(each, property)]
        return {name: plain_values(getattr(value, name)) for name in names}
    if isinstance(value, Buffering):
        return {"kind": value.kind.value, "reason": value.reason}
    if isinstance(value, dict):
        return {key: plain_values(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [plain_values(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value
