"""What a person reads first of a response: one sentence, and the three numbers that matter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inspector.checker.buffering import BufferingKind
from inspector.checker.findings import Limits
from inspector.protocol import UNFINISHED_STOPS
from inspector.protocol.watchdogs import Measure
from inspector.views.silences import Silence
from inspector.views.statistics import Statistics

__all__ = [
    "LONG_SILENCE",
    "Headline",
    "Level",
    "Number",
    "headline",
    "longest_silence",
    "numbers",
    "rate_text",
    "seconds_text",
]

LONG_SILENCE = 10.0
"""From how many seconds on a silence is worth a word, though nothing gave up."""
_UNKNOWN = "–"  # noqa: RUF001

_DELIVERED = {
    BufferingKind.BURSTS: "delivered in bursts",
    BufferingKind.ONE_BURST: "held back, then delivered at once",
    BufferingKind.ONE_READ: "delivered all in one read",
}


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Headline:
    """A sentence in parts: a text, and whether it is the strong one. The text may come from the stream."""

    level: Level
    parts: tuple[tuple[str, bool], ...]

    def __str__(self) -> str:
        return "".join(text for text, _ in self.parts)


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its label; `bad` says that it is worse than it should be."""

    label: str
    text: str
    bad: bool = False


def headline(statistics: Statistics) -> Headline:
    """Say how a response went: `Complete, but silent for 63.4 s inside thinking`."""
    s = statistics
    if s.problems:
        problem = s.problems[0]
        silent = _silent(s, ", after a silence of ")
        return Headline(Level.ERROR, ((problem[:1].upper() + problem[1:], False), *silent))
    level, how = Level.WARNING, _silent(s, ", but silent for ")
    if not how and s.buffering.is_certain:
        how = ((", but ", False), (_DELIVERED[s.buffering.kind], True))
    elif not how:
        level = Level.OK
        how = () if s.duration is None else ((" in ", False), (seconds_text(s.duration), True))
    if warning := UNFINISHED_STOPS.get(s.stop_reason or ""):
        return Headline(Level.WARNING, (("Complete", False), *how, (f": {warning}", False)))
    return Headline(level, (("Complete", False), *how))


def _silent(s: Statistics, begin: str) -> tuple[tuple[str, bool], ...]:
    silence = longest_silence(s)
    if silence is None or silence.seconds < LONG_SILENCE:
        return ()
    return (
        (begin, False),
        (seconds_text(silence.seconds), True),
        (f" {silence.place}", False),
    )


def longest_silence(statistics: Statistics) -> Silence | None:
    """Return the longest time without content, or without a byte, if that is longer."""
    both = (statistics.silences.content, statistics.silences.bytes)
    return max((each for each in both if each), key=lambda each: each.seconds, default=None)


def numbers(statistics: Statistics) -> tuple[Number, ...]:
    """Return the three numbers that matter: the first event, the longest silence, output tokens a second."""
    s, limits = statistics, Limits()
    silence, rate = longest_silence(s), s.rates.output_tokens
    limit = limits.gap_content if silence and silence.by is Measure.CONTENT else limits.gap_idle
    first, quiet = s.first_event, silence.seconds if silence else None
    return (
        Number("first event", seconds_text(first), first is not None and first > limits.first_event),
        Number("longest silence", seconds_text(quiet), quiet is not None and quiet >= limit),
        Number("output tokens/s", rate_text(rate)),
    )


def rate_text(rate: float | None) -> str:
    """Return how many of something came in a second, as people read it; a dash if it is unknown."""
    if rate is None:
        return _UNKNOWN
    return f"{rate:,.0f}" if rate >= 9.95 else f"{rate:.1f}"


def seconds_text(seconds: float | None) -> str:
    """Return a time as people read it: `612 ms`, `63.4 s`, `12 min 5 s`; a dash if it is unknown."""
    if seconds is None:
        return _UNKNOWN
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 599.95:
        return f"{seconds:.1f} s" if seconds < 99.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
