"""Percentiles, exact: those of the standard library and of numpy."""

from __future__ import annotations

import importlib.util
import random
import statistics

import pytest

from inspector.views.distribution import distribution, quantile

DICE = random.Random(5)
LISTS = [[DICE.expovariate(1.0) for _ in range(count)] for count in (1, 2, 3, 10, 99, 100, 101, 1000)]


@pytest.mark.parametrize("values", LISTS, ids=len)
def test_percentiles_are_those_of_the_standard_library(values):
    made = distribution(values)
    if len(values) > 1:
        cuts = statistics.quantiles(values, n=100, method="inclusive")
        assert (made.p50, made.p90, made.p99) == pytest.approx((cuts[49], cuts[89], cuts[98]))
    assert (made.count, made.least, made.most) == (len(values), min(values), max(values))
    assert made.mean == pytest.approx(statistics.fmean(values))


@pytest.mark.skipif(importlib.util.find_spec("numpy") is None, reason="numpy is not here")
@pytest.mark.parametrize("values", LISTS, ids=len)
def test_percentiles_are_those_of_numpy(values):
    import numpy

    for part in (0.0, 0.1, 0.5, 0.99, 1.0):
        assert quantile(sorted(values), part) == pytest.approx(numpy.quantile(values, part))


def test_nothing_has_no_percentiles():
    assert distribution([]) is None
