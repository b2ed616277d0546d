"""Numbers of a comparison as people read them."""

from __future__ import annotations

import math
from datetime import datetime

from inspector.corpus.trends.trend_lines import Compared, SetFacts, Trends
from inspector.views.key_numbers import rate_text, seconds_text

__all__ = [
    "change_text",
    "facts_text",
    "label",
    "letter",
    "result_text",
    "unknown",
    "value_text",
    "within_text",
]

unknown = "–"  # noqa: RUF001
"""What stands in the place of a number that is not known."""

_LABELS = {"stop_reason": "stop reason", "unreadable": "unreadable files"}


def letter(number: int) -> str:
    """Return how the set of this number, from 0, is called in a table."""
    return chr(ord("A") + number)


def label(line: Compared) -> str:
    """Return what is compared: `rule silence`, `first text p90`. Names come from streams."""
    if line.part is None:
        return f"{_LABELS.get(line.kind, line.kind)} {line.name}".rstrip()
    name = line.name.removeprefix("time_to_").replace("_", " ").replace(" per second", "/s")
    return f"{name} {line.part}"


def value_text(line: Compared, number: int) -> str:
    """Return the number in one of the sets."""
    interval = line.sides[number].interval
    return _text(line, interval.value) if interval else unknown


def change_text(line: Compared) -> str:
    """Return by how much the number is larger in the second set: `+1.4 pp`, `-20 ms`."""
    return _signed(line, line.change.value) if line.change else unknown


def within_text(line: Compared) -> str:
    """Return between which two changes the true one lies."""
    if line.change is None:
        return unknown
    ends = line.change.low, line.change.high
    if not any(map(math.isfinite, ends)):
        return "too few values"
    low, high = (_signed(line, each) if math.isfinite(each) else "?" for each in ends)
    number, _, unit = low.partition(" ")
    return f"{number if high.endswith(f' {unit}') else low} to {high}"


def facts_text(facts: SetFacts) -> str:
    """Return what a set is, in one line."""
    c = facts.counted
    said = [_many(c.recordings, "recording"), f"{c.timed:,} with times"]
    if c.first and c.last:
        said.append(" to ".join(dict.fromkeys((_day(c.first), _day(c.last)))))
    if c.unreadable:
        said.append(_many(c.unreadable, "unreadable file"))
    said += [f"inspector {', '.join(sorted(c.versions))}"] if c.versions else []
    return " · ".join(said)


def result_text(trends: Trends) -> str:
    """Return how many numbers changed, and what that means."""
    if len(trends.sets) != 2:
        others = "a second set" if len(trends.sets) == 1 else "two of the sets"
        return f"Give {others} to see what changed beyond chance."
    count = f"{len(trends.changed):,}" if trends.changed else "None"
    changed = f"{count} of {len(trends.lines):,} numbers changed beyond chance."
    return f"{changed} All intervals hold at once with 95 %. pp: percentage points."


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _text(line: Compared, value: float) -> str:
    match line.kind:
        case "time":
            return seconds_text(value)
        case "tokens":
            return f"{value:,.0f}"
        case "rate":
            return rate_text(value)
    return f"{_percent(100 * value)} %"


def _percent(value: float) -> str:
    """Return a number of percent, with two digits of it, or of what it lacks to a hundred."""
    rest = min(value, 100 - value)
    exponent = int(f"{rest:.1e}".partition("e")[2]) if rest > 1e-9 else 1
    return f"{value:.{min(max(1, 1 - exponent), 6)}f}" if rest > 1e-9 else f"{value:.0f}"


def _signed(line: Compared, value: float) -> str:
    sign = "+" if value > 0 else "-" if value < 0 else ""
    if line.part is None:
        return f"{sign}{_percent(100 * abs(value))} pp"
    return f"{sign}{_text(line, abs(value))}"
