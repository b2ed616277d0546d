"""How sure a number is: intervals of shares, of quantiles, and of the difference of two.

Rule 1: no interval assumes a shape of the values. A share has Wilson's score interval (JASA 1927, 22:209).
A quantile lies between two of the sorted values, whose ranks the binomial distribution gives.
Rule 2: the interval of a difference is made of those of its two sides (Zou and Donner, Statistics in Medicine
2008, 27:1693). For shares that is the tenth method of Newcombe (Statistics in Medicine 1998, 17:873).
Rule 3: many intervals share one chance of being wrong (Bonferroni). So all of them hold at once with 95 %,
also if they depend on each other, as p90 and p99 do; and an interval without zero is a change beyond chance.
"""

from __future__ import annotations

import functools
import math
from statistics import NormalDist
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
    """Return the share of `count` in `of`, with the interval that is wrong with this chance."""
    z = _z(chance)
    p = count / of
    middle = (count + z * z / 2) / (of + z * z)
    half = z / (of + z * z) * math.sqrt(count * (1 - p) + z * z / 4)
    # Both ends are exact where nothing is known beyond them; rounding would put them past zero and one.
    low = 0.0 if count == 0 else middle - half
    high = 1.0 if count == of else middle + half
    return Interval(p, low, high)


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


def _z(chance: float) -> float:
    return NormalDist().inv_cdf(1 - chance / 2)


@functools.lru_cache(1024)
def _most_of_tail(count: int, part: float, chance: float) -> int:
    """Return the largest k for which at most k of `count` come with at most `chance`; -1 if none is.

    Each comes with the probability `part`.
    """
    mean, deviation = count * part, math.sqrt(count * part * (1 - part))
    # What lies below this is less than 1e-30 in any case, and what stands here is not yet zero.
    k = max(0, math.floor(mean - 12 * deviation - 50))
    logarithm = math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
    probability = math.exp(logarithm + k * math.log(part) + (count - k) * math.log1p(-part))
    total, odds = probability, part / (1 - part)
    while total <= chance:
        probability *= odds * (count - k) / (k + 1)
        total += probability
        k += 1
    return k - 1
