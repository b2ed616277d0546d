"""Many values as a few: percentiles, exact, by linear interpolation.

The percentile p of n sorted values is at place p · (n - 1), counted from 0; between two places it is on the
line between their values. So do numpy and `statistics.quantiles(method="inclusive")`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Distribution", "distribution", "quantile"]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How values are spread. Their unit is that of whoever has them."""

    count: int
    least: float
    p50: float
    p90: float
    p99: float
    most: float
    mean: float


def distribution(values: Iterable[float]) -> Distribution | None:
    """Return how the values are spread; None if there are none."""
    ordered = sorted(values)
    if not ordered:
        return None
    p50, p90, p99 = (quantile(ordered, part) for part in (0.5, 0.9, 0.99))
    mean = sum(ordered) / len(ordered)
    return Distribution(len(ordered), ordered[0], p50, p90, p99, ordered[-1], mean)


def quantile(ordered: Sequence[float], part: float) -> float:
    """Return the value below which `part` (0 to 1) of the sorted values lie."""
    place = part * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
