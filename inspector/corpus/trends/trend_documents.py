"""A comparison of sets as JSON for machines, and as Markdown for a report or a comment.

Names of sets, rules and models may hold anything. Secrets in them are masked. In Markdown they stand in
`<code>`, with each character that Markdown or GitHub reads as an entity.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from inspector._version import __version__
from inspector.corpus.trends.trend_intervals import CONFIDENCE, Interval
from inspector.corpus.trends.trend_lines import Compared, SetFacts, Trends
from inspector.corpus.trends.trend_texts import (
    change_text,
    facts_text,
    label,
    letter,
    result_text,
    value_text,
    within_text,
)
from inspector.escaping import escape
from inspector.redact import mask_text

__all__ = ["trends_document", "trends_markdown"]

_UNITS = {"time": "s", "tokens": "tokens", "rate": "tokens/s"}
_SPECIAL = re.compile(r"[&<>|\\`*\[\]~$#@_:]|(?<=www)\.", re.IGNORECASE)


def trends_document(trends: Trends) -> dict[str, Any]:
    """Return a comparison as JSON values; an end of an interval that is not known is null."""
    return {
        "inspector": __version__,
        "confidence": CONFIDENCE,
        "comparisons": trends.comparisons,
        "by": trends.by and mask_text(trends.by),
        "sets": [_set(facts) for facts in trends.sets],
        "lines": [_line(line) for line in trends.lines],
        "notes": [mask_text(note) for note in trends.notes],
    }


def _set(facts: SetFacts) -> dict[str, Any]:
    c = facts.counted
    return {
        "name": mask_text(facts.name),
        "recordings": c.recordings,
        "with_times": c.timed,
        "unreadable": c.unreadable,
        "first": _moment(c.first),
        "last": _moment(c.last),
        "inspector_versions": [mask_text(version) for version in sorted(c.versions)],
    }


def _line(line: Compared) -> dict[str, Any]:
    return {
        "group": line.group and mask_text(line.group),
        "kind": line.kind,
        "name": mask_text(line.name),
        "quantile": line.part,
        "unit": _UNITS.get(line.kind, "share"),
        "changed": line.changed,
        "at_least_ratio": _plain(math.exp(line.at_least)) if line.change else None,
        "difference": _interval(line.change),
        "sides": [{"count": side.count, "of": side.of, **_interval(side.interval)} for side in line.sides],
    }


def _interval(interval: Interval | None) -> dict[str, float | None]:
    return {name: _plain(getattr(interval, name, None)) for name in Interval._fields}


def _plain(value: float | None) -> float | None:
    return round(value, 9) if value is not None and math.isfinite(value) else None


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def trends_markdown(trends: Trends, *, everything: bool) -> str:
    """Return a comparison as Markdown: what changed, or with `everything` all numbers."""
    return "\n".join(_lines(trends, everything))


def _lines(trends: Trends, everything: bool) -> Iterator[str]:
    numbers = range(len(trends.sets))
    two = len(numbers) == 2
    for number, facts in enumerate(trends.sets):
        yield f"- **{letter(number)}** {_code(facts.name)}: {escape(mask_text(facts_text(facts)))}"
    yield from ("", result_text(trends), "")
    lines = trends.lines if everything or not two else trends.changed
    if lines:
        letters = [letter(number) for number in numbers]
        titles = [*([_code(trends.by)] if trends.by else []), "what", *letters]
        titles += [*(("B - A", "B - A within") if two else ()), *(f"count {each}" for each in letters)]
        yield f"| {' | '.join(titles)} |"
        yield f"| {' | '.join('---' if at <= bool(trends.by) else '---:' for at in range(len(titles)))} |"
    for line in lines:
        what = _code(label(line))
        cells = [*([_code(line.group or "")] if trends.by else []), f"**{what}**" if line.changed else what]
        cells += [value_text(line, number) for number in numbers]
        cells += [change_text(line), within_text(line)] if two else []
        yield f"| {' | '.join([*cells, *(f'{side.count:,}' for side in line.sides)])} |"
    yield from ("", *(f"- {_code(note)}" for note in trends.notes))


def _code(text: str) -> str:
    """Return a text as it is read, whatever it says."""
    entity = _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", escape(mask_text(text)))
    return f"<code>{entity}</code>"
