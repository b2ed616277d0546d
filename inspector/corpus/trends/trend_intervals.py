"""How sure a number is: intervals of shares, of quantiles, and of the difference of two.

Rule 1: no interval assumes a shape of the values, or large numbers. A share has the exact interval of the
binomial distribution (Clopper and Pearson, Biometrika 1934, 26:404). A quantile lies between two of the
sorted values, whose ranks the same distribution gives.
Rule 2: the interval of a difference is made of those of its two sides (Zou and Donner, Statistics in Medicine
2008, 27:1693), as Newcombe does it (Statistics in Medicine 1998, 17:873) with the intervals of Wilson. Those
are too short for rare events, and most for the small chances of rule 3.
Rule 3: many intervals share one chance of being wrong (Bonferroni). So all of them hold at once with 95 %,
also if they depend on each other, as p90 and p99 do; and an interval without zero is a change beyond chance.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

__all__ = ["CONFIDENCE", "Interval", "chance_of_each", "difference", "quantile_ranks", "share"]

CONFIDENCE = 0.95
"""The chance that all intervals of a comparison hold at once."""


class Interval(NamedTuple):
    """A number, and between which two numbers it lies; these are infinite if there are too few values."""

    value: float
    low: float
    high: float

    @property
    def is_bounded(self) -> bool:
        """Whether there are enough values for both ends."""
        return math.isfinite(self.low) and math.isfinite(self.high)


def chance_of_each(comparisons: int) -> float:
    """Return the chance of being wrong that each of several intervals may have, so that all hold at once."""
    return (1 - CONFIDENCE) / max(comparisons, 1)


def share(count: int, of: int, chance: float) -> Interval:
    """Return the share of `count` in `of`, with the interval that is wrong with at most this chance."""
    return Interval(count / of, _least(count, of, chance / 2), 1 - _least(of - count, of, chance / 2))


def quantile_ranks(count: int, part: float, chance: float) -> tuple[int, int]:
    """Return the ranks, from 1, of the two of `count` sorted values between which the quantile `part` lies.

    The interval is wrong with at most this chance, whatever the distribution. Rank 0, or `count + 1`, says
    that there are too few values for that end.
    """
    below = _most_of_tail(count, part, chance / 2)
    above = _most_of_tail(count, 1 - part, chance / 2)
    return below + 1, count - above


def difference(one: Interval, other: Interval) -> Interval:
    """Return by how much the other number is larger, with an interval as sure as each of theirs is."""
    value = other.value - one.value
    low = value - math.hypot(other.value - other.low, one.high - one.value)
    high = value + math.hypot(other.high - other.value, one.value - one.low)
    return Interval(value, low, high)


@functools.lru_cache(1024)
def _least(count: int, of: int, chance: float) -> float:
    """Return the probability with which `count` or more of `of` come with this `chance`."""
    if count == 0:
        return 0.0
    # Newton's method on logarithms. The tail is concave there: after the first step it never goes too far.
    at, wanted, step = math.log(count / of), math.log(chance), -1.0
    while abs(step) > 1e-9:
        odds = math.exp(at) / -math.expm1(at) if at < 0 else math.inf
        term = tail = 1.0  # in units of the tail's first term
        for k in range(count, of):
            term *= odds * (of - k) / (k + 1)
            tail += term
            if term < 1e-15 * tail:
                break
        rest = (of - count) * math.log1p(-math.exp(at)) if count < of else 0.0
        step = (wanted - _log_choices(of, count) - count * at - rest - math.log(tail)) * tail / count
        at += step
    return math.exp(at)


@functools.lru_cache(1024)
def _most_of_tail(count: int, part: float, chance: float) -> int:
    """Return the largest k for which at most k of `count` come with at most `chance`; -1 if none is.

    Each comes with the probability `part`.
    """
    mean, deviation = count * part, math.sqrt(count * part * (1 - part))
    # What lies below this is less than 1e-30 in any case, and what stands here is not yet zero.
    k = max(0, math.floor(mean - 12 * deviation - 50))
    probability = math.exp(_log_choices(count, k) + k * math.log(part) + (count - k) * math.log1p(-part))
    total, odds = probability, part / (1 - part)
    while total <= chance:
        probability *= odds * (count - k) / (k + 1)
        total += probability
        k += 1
    return k - 1


def _log_choices(of: int, count: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(count + 1) - math.lgamma(of - count + 1)
