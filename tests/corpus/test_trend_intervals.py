"""Intervals agree with published tables and with scipy, and hold as often as they say."""

from __future__ import annotations

import math
import random

import pytest

from inspector.corpus.trend_intervals import (
    CONFIDENCE,
    Interval,
    chance_of_each,
    difference,
    quantile_ranks,
    share,
)

NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0),
    (10, 10, 0, 10, 0.6075, 1.0),
]
"""Table II of Newcombe 1998, method 10: the difference of the first share and the second."""


@pytest.mark.parametrize(("count", "of", "other", "of_other", "low", "high"), NEWCOMBE)
def test_the_difference_of_two_shares_is_that_of_the_paper(count, of, other, of_other, low, high):
    made = difference(share(other, of_other, 0.05), share(count, of, 0.05))
    assert made.low == pytest.approx(low, abs=5e-5)
    assert made.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize("of", [1, 2, 10, 1000, 10**7])
@pytest.mark.parametrize("chance", [0.05, 0.0005])
def test_a_share_has_the_interval_that_scipy_gives(of, chance):
    scipy = pytest.importorskip("scipy.stats")
    for count in {0, 1, of // 3, of - 1, of}:
        expected = scipy.binomtest(count, of).proportion_ci(1 - chance, method="wilson")
        made = share(count, of, chance)
        assert (made.low, made.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
        assert 0 <= made.low <= made.value <= made.high <= 1


@pytest.mark.parametrize("part", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("chance", [0.05, 0.0005])
@pytest.mark.parametrize("count", [1, 2, 6, 7, 60, 700, 5_000, 10**6, 10**7])
def test_the_ranks_of_a_quantile_are_those_of_the_binomial_distribution(part, chance, count):
    binom = pytest.importorskip("scipy.stats").binom
    low, high = quantile_ranks(count, part, chance)
    # P(the value of rank r lies above the quantile) = P(fewer than r lie below it)
    assert low == 0 or binom.cdf(low - 1, count, part) <= chance / 2
    assert binom.cdf(low, count, part) > chance / 2, "a narrower interval would do"
    assert high == count + 1 or binom.sf(high - 1, count, part) <= chance / 2
    assert binom.sf(high - 2, count, part) > chance / 2, "a narrower interval would do"


@pytest.mark.parametrize("part", [0.5, 0.9, 0.99])
def test_a_quantile_has_the_interval_that_scipy_gives(part):
    scipy = pytest.importorskip("scipy.stats")
    numbers = random.Random(7)
    values = sorted(numbers.lognormvariate(0, 1) for _ in range(2_000))
    expected = scipy.quantile_test(values, p=part).confidence_interval(0.95)
    low, high = quantile_ranks(len(values), part, 0.05)
    assert (values[low - 1], values[high - 1]) == (expected.low, expected.high)


@pytest.mark.parametrize(("part", "needed"), [(0.5, 6), (0.9, 36), (0.99, 368)])
def test_too_few_values_bound_no_quantile(part, needed):
    assert quantile_ranks(needed - 1, part, 0.05)[1] == needed, "one more than there are"
    assert quantile_ranks(needed, part, 0.05)[1] == needed
    ends = difference(Interval(1, -math.inf, 2), Interval(3, 2, math.inf))
    assert not ends.is_bounded
    assert ends.high == math.inf
    assert ends.low < ends.value == 2


def test_a_difference_of_quantiles_holds_at_least_as_often_as_it_says():
    numbers = random.Random(14)
    part, runs = 0.9, 600
    ranks = quantile_ranks(150, part, 0.05)

    def interval(factor):
        values = sorted(factor * numbers.lognormvariate(0, 1) for _ in range(150))
        at = part * 149
        value = values[int(at)] + (at - int(at)) * (values[int(at) + 1] - values[int(at)])
        return Interval(value, values[ranks[0] - 1], values[ranks[1] - 1])

    true = math.exp(1.2815515655) * (1.5 - 1)
    held = sum(
        made.low <= true <= made.high
        for made in (difference(interval(1), interval(1.5)) for _ in range(runs))
    )
    assert held / runs >= CONFIDENCE - 0.015


def test_many_comparisons_share_one_chance():
    assert chance_of_each(1) == pytest.approx(0.05)
    assert chance_of_each(100) == pytest.approx(0.0005)
    numbers, wrong = random.Random(3), 0
    for _ in range(200):  # each a table of 40 lines in which nothing differs
        wrong += any(
            not (made.low <= 0 <= made.high)
            for made in (
                difference(
                    *(
                        share(sum(numbers.random() < 0.1 for _ in range(60)), 60, chance_of_each(40))
                        for _ in "ab"
                    )
                )
                for _ in range(40)
            )
        )
    assert wrong <= 200 * 0.05
