"""How the times, the tokens and the rates of a set are spread: p50, p90, p99, each with its interval.

Rule 1: only answers count, as in the table of `inspector stats`: an error's times say nothing of a model. How
long an answer took counts if it is whole, with a stop reason. The rest counts also if it broke off.
Rule 2: what is unknown does not count, and neither does what is no number. How many values remain is said.
Rule 3: quantiles are exact. One column of one set is in memory at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from inspector.corpus.trends.trend_counting import Group, split
from inspector.corpus.trends.trend_intervals import Interval, quantile_ranks
from inspector.corpus.trends.trend_sets import ResponseSet

__all__ = ["MEASURES", "PARTS", "Measure", "Spread", "spreads_of"]

PARTS = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
"""The quantiles that are compared."""


def _alone(batch: Any, name: str) -> Any:
    return batch[name]


def _rate(batch: Any, name: str) -> Any:
    """Return output tokens a second, from the first event to the end."""
    import pyarrow.compute as pc

    return pc.divide(batch[name], pc.subtract(batch["duration"], batch["time_to_first_event"]))


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of each response.

    `column` is where it stands, `kind` is `time` (seconds), `tokens` or `rate` (tokens a second). `whole`
    says that it counts of whole answers only.
    """

    kind: str
    column: str
    whole: bool = False
    also: tuple[str, ...] = ()
    value: Callable[[Any, str], Any] = _alone

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it needs."""
        return self.column, *self.also


_TIMES = ("time_to_first_byte", "time_to_first_event", "time_to_first_text", "longest_gap", "longest_silence")
_TOKENS = ("input", "cache_read", "cache_creation", "output", "thinking")
MEASURES: dict[str, Measure] = {
    **{name: Measure("time", name) for name in _TIMES},
    "duration": Measure("time", "duration", whole=True),
    **{f"{name}_tokens": Measure("tokens", f"{name}_tokens") for name in _TOKENS},
    "output_tokens_per_second": Measure(
        "rate", "output_tokens", whole=True, also=("duration", "time_to_first_event"), value=_rate
    ),
}
"""What is compared, by its name."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How the values of a measure are spread: how many there are, and each quantile with its interval."""

    count: int
    parts: dict[str, Interval]


def spreads_of(
    rows: ResponseSet, name: str, by: str | None, groups: Collection[Group], chance: float
) -> dict[Group, Spread]:
    """Return how a measure is spread in each group. Each interval is wrong with this `chance`."""
    measure = MEASURES[name]
    chunks: dict[Group, list[Any]] = {group: [] for group in groups}
    names = [*dict.fromkeys((*measure.columns, "stop_reason", "time_to_first_event"))]
    for group, batch in split(rows, names, by, groups):
        chunks[group].append(_values(measure, batch))
    return {group: _spread(chunks.pop(group), chance) for group in groups}


def _values(measure: Measure, batch: Any) -> Any:
    """Return the values that count."""
    import pyarrow.compute as pc

    counts = pc.is_valid(batch["stop_reason"])
    if not measure.whole:
        counts = pc.or_(counts, pc.is_valid(batch["time_to_first_event"]))
    values = measure.value(batch, measure.column)
    return values.filter(pc.and_(counts, pc.fill_null(pc.is_finite(values), False)))


def _spread(chunks: list[Any], chance: float) -> Spread:
    import pyarrow
    import pyarrow.compute as pc

    values = pyarrow.chunked_array(chunks, pyarrow.float64())
    count = len(values)
    if not count:
        return Spread(0, {})
    ranks = {name: quantile_ranks(count, part, chance) for name, part in PARTS.items()}
    # The place of rank r among the values is r - 1, and the place of the part q is q * (count - 1).
    inner = sorted({rank for pair in ranks.values() for rank in pair if 1 <= rank <= count})
    wanted = [*PARTS.values(), *((rank - 1) / max(count - 1, 1) for rank in inner)]
    got = pc.quantile(values, q=wanted).to_pylist()
    ends = {0: -math.inf, count + 1: math.inf, **dict(zip(inner, got[len(PARTS) :], strict=True))}
    return Spread(
        count,
        {
            name: Interval(value, ends[low], ends[high])
            for (name, (low, high)), value in zip(ranks.items(), got, strict=False)
        },
    )
