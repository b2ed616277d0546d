"""What changed between two sets of responses: of last week and this week, of two gateways, of two clients.

`compare` puts sets side by side: a line for each number that is compared, with its interval in each set and,
for two sets, the interval of the difference. All intervals hold at once (see `trend_intervals`). They take
recordings as independent of each other: an outage that breaks a thousand at once looks surer than it is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from inspector.corpus.trends.trend_counting import NAMED, Counted, Group, count_rows, groups_of
from inspector.corpus.trends.trend_intervals import Interval, chance_of_each, difference, share
from inspector.corpus.trends.trend_lines import Compared, SetFacts, Side, Trends
from inspector.corpus.trends.trend_notes import few_values, lacking_columns, made_otherwise, rules_not_run
from inspector.corpus.trends.trend_quantiles import MEASURES, PARTS, Spread, spreads_of
from inspector.corpus.trends.trend_sets import NUMBERS, ResponseSet, open_set
from inspector.errors import UsageError

__all__ = ["STEPS", "compare"]

STEPS = 1 + len(MEASURES)
"""How many steps `compare` takes for a set, at most."""

_MOST_NAMES = 100  # of one kind that are compared
_MOST_SETS = 8
_MOST_GROUPS = 12
_NOT_DIVIDING = ("at", "rules", "source", "error", "number", "sha256", "message_id", "request_id", "modified")
_GRAIN = {"time": 0.001, "tokens": 1.0, "rate": 1.0}
"""What is not seen as a change: a millisecond, a token, a token a second."""


def compare(
    paths: Sequence[str], *, by: str | None = None, advance: Callable[[int], None] = lambda steps: None
) -> Trends:
    """Compare sets of responses, each a folder that `inspector stats -o` made, or a Parquet file.

    `by` is a column: the rows of each of its values are compared for themselves. `advance` is called with the
    number of steps done, `STEPS` for a set. Raises `RecordingError` for a set that cannot be read, and
    `UsageError` for a column that does not exist.
    """
    if len(paths) > _MOST_SETS:
        raise UsageError(f"{len(paths)} sets are too many for one table; give at most {_MOST_SETS}")
    sets = [open_set(path) for path in paths]
    groups, notes = _groups(sets, by)
    totals, counted = [], []
    for each in sets:
        total, of_groups = count_rows(each, by, groups)
        totals.append(total)
        counted.append(of_groups)
        advance(1)
    versions = {version for total in totals for version in total.versions}
    names, left_out = _names(sets, by, counted, versions)
    measures = [name for name, each in MEASURES.items() if all(set(each.columns) <= s.columns for s in sets)]
    comparisons = len(groups) * (len(names) + len(measures) * len(PARTS))
    chance = chance_of_each(comparisons)
    lines = list(_shares(names, groups, counted, chance))
    for name in measures:
        spreads = []
        for each in sets:
            spreads.append(spreads_of(each, name, by, groups, chance))
            advance(1)
        lines += _quantiles(name, groups, spreads)
    if len(sets) == 2:
        lines.sort(key=lambda line: (not line.changed, -line.at_least))
    facts = tuple(SetFacts(each.name, total) for each, total in zip(sets, totals, strict=True))
    notes += [*lacking_columns(sets), *made_otherwise(sets, versions), *left_out]
    notes += few_values(facts, lines, chance)
    return Trends(facts, by, tuple(lines), comparisons, tuple(notes))


def _groups(sets: Sequence[ResponseSet], by: str | None) -> tuple[list[Group], list[str]]:
    if by is None:
        return [None], []
    possible = set.intersection(*(each.columns for each in sets)) - {*NUMBERS, *_NOT_DIVIDING}
    if by not in possible:
        raise UsageError(f"--by {by}: every set has the columns {', '.join(sorted(possible))}")
    groups, more = groups_of(sets, by, _MOST_GROUPS)
    notes = [f"{more:,} more values of {by} with fewer recordings are not compared"] if more else []
    return [*groups], notes


_Names = list[tuple[str, str]]


def _names(
    sets: Sequence[ResponseSet],
    by: str | None,
    counted: Sequence[Mapping[Group, Counted]],
    versions: Collection[str],
) -> tuple[_Names, list[str]]:
    """Return the kinds and names whose shares are compared, and say which are not."""
    columns = set.intersection(*(each.columns for each in sets))
    # What cannot be read belongs to no group.
    names, notes = [("unreadable", "")] if "error" in columns and not by else [], []
    for kind in (*NAMED, "rule"):
        if (kind if kind in NAMED else "rules") not in columns:
            continue
        each_set = [_total(groups, kind) for groups in counted]
        total = sum(each_set, Counter[str]())
        if kind == "rule":
            if unknown := rules_not_run(sets, versions, each_set):
                notes.append(
                    f"not compared, for not every set was made with them: {', '.join(sorted(unknown))}"
                )
            total = Counter({name: count for name, count in total.items() if name not in unknown})
        names += [(kind, name) for name, _ in total.most_common(_MOST_NAMES)]
        if len(total) > _MOST_NAMES:
            kinds = kind.replace("_", " ")
            notes.append(f"{len(total) - _MOST_NAMES:,} rarer values of {kinds} are not compared")
    return names, notes


def _total(groups: Mapping[Group, Counted], kind: str) -> Counter[str]:
    return sum((each.names[kind] for each in groups.values()), Counter[str]())


def _shares(
    names: _Names, groups: Sequence[Group], counted: Sequence[Mapping[Group, Counted]], chance: float
) -> Iterator[Compared]:
    for group in groups:
        for kind, name in names:
            sides = []
            for each in counted:
                count, of = each[group].share_of(kind, name)
                sides.append(Side(share(count, of, chance) if of else None, count, of))
            if any(side.count for side in sides):
                yield _compared(kind, name, None, group, sides)


def _quantiles(
    name: str, groups: Sequence[Group], spreads: Sequence[Mapping[Group, Spread]]
) -> Iterator[Compared]:
    for group in groups:
        of_group = [each[group] for each in spreads]
        if any(each.count for each in of_group):
            for part in PARTS:
                sides = [Side(each.parts.get(part), each.count, each.count) for each in of_group]
                yield _compared(MEASURES[name].kind, name, part, group, sides)


def _compared(kind: str, name: str, part: str | None, group: Group, sides: Sequence[Side]) -> Compared:
    intervals = [side.interval for side in sides if side.interval]
    if len(sides) != 2 or len(intervals) != 2:
        return Compared(kind, name, part, group, tuple(sides))
    change = difference(*intervals)
    scaled = [_scaled(kind, side) for side in sides]
    ratio = difference(*scaled)
    at_least = max(ratio.low, -ratio.high, 0.0)
    return Compared(kind, name, part, group, tuple(sides), change, at_least)


def _scaled(kind: str, side: Side) -> Interval:
    """Return an interval as logarithms: for a share of its odds, with half a recording on either side."""
    assert side.interval is not None
    if grain := _GRAIN.get(kind):
        return Interval(*(math.log(max(each, 0.0) + grain) for each in side.interval))
    return Interval(
        *(math.log((each * side.of + 0.5) / ((1 - each) * side.of + 0.5)) for each in side.interval)
    )
