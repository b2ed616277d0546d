"""What is not compared between sets, or with care, and why."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from inspector._version import __version__
from inspector.checker import RULES
from inspector.corpus.trends.trend_counting import NAMED
from inspector.corpus.trends.trend_lines import Compared, SetFacts
from inspector.corpus.trends.trend_quantiles import PARTS
from inspector.corpus.trends.trend_sets import NUMBERS, ResponseSet

__all__ = ["few_values", "lacking_columns", "made_otherwise", "rules_not_run"]

_FEW = 100  # recordings


def lacking_columns(sets: Sequence[ResponseSet]) -> list[str]:
    """Say which columns a set lacks."""
    wanted = {*NAMED, "rules", "error", *NUMBERS}
    any_has = set.union(*(each.columns for each in sets)) & wanted
    notes = []
    for each in sets:
        if lacks := sorted(any_has - each.columns):
            notes.append(f"{each.name} has no {', no '.join(lacks)}: not compared")
    return notes


def few_values(facts: Sequence[SetFacts], lines: Sequence[Compared], chance: float) -> Iterator[str]:
    """Say where counts are too small."""
    for each in facts:
        if not each.counted.recordings:
            yield f"{each.name} has no recordings: there is nothing to compare"
        elif each.counted.recordings < _FEW:
            counted = (
                "1 recording" if each.counted.recordings == 1 else f"{each.counted.recordings} recordings"
            )
            yield f"{each.name} has {counted}: only a large change can be seen"
    unbounded = [line for line in lines if any(s.interval and not s.interval.is_bounded for s in line.sides)]
    if unbounded:
        parts = [part for part in PARTS if any(line.part == part for line in unbounded)]
        needs = (
            f"{part} needs {math.ceil(math.log(chance / 2) / math.log(PARTS[part])):,}" for part in parts
        )
        yield f"too few values for an interval of {len(unbounded)} quantiles; {', '.join(needs)}"


def rules_not_run(
    sets: Sequence[ResponseSet], versions: Collection[str], fired: Sequence[Counter[str]]
) -> set[str]:
    """Return the rules that fire in a set, and that another may not have run.

    `versions` are those of inspector that made the sets, `fired` has the rules that fire in each set.
    """
    all_fired = {rule for rules in fired for rule in rules}
    ran = [_rules_that_ran(settings) for each in sets for settings in each.settings]
    known = [each for each in ran if each is not None]
    if len(known) == len(ran):
        return {rule for rule in all_fired if not all(rule in each for each in known)}
    return {rule for rule in all_fired if len(versions) > 1 and not all(rule in each for each in fired)}


def _rules_that_ran(settings: Mapping[str, Any]) -> Collection[str] | None:
    """Return the rules that ran for a part with these settings; None if that is not known."""
    selected = settings.get("rules")
    if isinstance(selected, list):
        return selected
    return RULES if "rules" in settings and settings.get("inspector") == __version__ else None


def made_otherwise(sets: Sequence[ResponseSet], versions: Collection[str]) -> Iterator[str]:
    """Say if sets were made by several versions of inspector, or with several settings."""
    if len(versions) > 1:
        yield f"made by inspector {', '.join(sorted(versions))}, whose rules may differ in what they report"
    for name in ("profile", "limits"):
        values = [json.dumps(settings.get(name)) for each in sets for settings in each.settings if settings]
        if len(set(values)) > 1:
            yield f"checked with {name} that differ: {', '.join(dict.fromkeys(values))}"
