"""Intervals agree with published tables and with scipy, and hold as often as they say."""

from __future__ import annotations

import math
import random

import pytest

from inspector.corpus.trends.trend_intervals import (
    CONFIDENCE,
    Interval,
    chance_of_each,
    difference,
    quantile_ranks,
    share,
)


@pytest.mark.parametrize("of", [1, 2, 10, 1000, 10**7])
@pytest.mark.parametrize("chance", [0.05, 0.0005])
def test_a_share_has_the_exact_interval_that_scipy_gives(of, chance):
    scipy = pytest.importorskip("scipy.stats")
    for count in {0, 1, of // 3, of - 1, of}:
        expected = scipy.binomtest(count, of).proportion_ci(1 - chance, method="exact")
        made = share(count, of, chance)
        assert (made.low, made.high) == pytest.approx((expected.low, expected.high), rel=1e-6)
        assert 0 <= made.low <= made.value <= made.high <= 1


NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0),
]
"""Table II of Newcombe 1998, method 10: by how much the first share is larger than the second."""


@pytest.mark.parametrize(("count", "of", "other", "of_other", "low", "high"), NEWCOMBE)
def test_of_the_intervals_of_wilson_come_those_of_newcombe(count, of, other, of_other, low, high):
    binomtest = pytest.importorskip("scipy.stats").binomtest
    sides = []
    for k, n in ((other, of_other), (count, of)):
        ends = binomtest(k, n).proportion_ci(method="wilson")
        sides.append(Interval(k / n, ends.low, ends.high))
    made = difference(*sides)
    assert (made.low, made.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("chance", [0.05, 0.0003])
@pytest.mark.parametrize(("of", "of_other"), [(1, 50), (10, 10), (12, 90), (60, 60)])
def test_shares_that_are_equal_are_seldom_seen_as_changed(of, of_other, chance):
    """For every true share, over all that can come. With Wilson's intervals it is up to 90 times as often."""
    marked = [
        (k, n)
        for k in range(of + 1)
        for n in range(of_other + 1)
        if (made := difference(share(k, of, chance), share(n, of_other, chance))).low > 0 or made.high < 0
    ]
    for p in (0.001, 0.01, 0.03, 0.1, 0.3, 0.5):
        comes = [[math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)] for n in (of, of_other)]
        assert sum(comes[0][k] * comes[1][n] for k, n in marked) <= chance


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
