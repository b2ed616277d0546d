"""Quantiles agree with DuckDB and numpy; only answers count; what is no number is left out."""

from __future__ import annotations

import math
import statistics

import pytest
from response_sets import cut, response, some_responses, unreadable, write_set

from inspector.corpus.trends.trend_intervals import quantile_ranks
from inspector.corpus.trends.trend_quantiles import MEASURES, PARTS, spreads_of
from inspector.corpus.trends.trend_sets import open_set


def spread(folder, rows, name="duration", chance=0.05):
    return spreads_of(open_set(write_set(folder, rows)), name, None, [None], chance)[None]


@pytest.mark.parametrize("count", [1, 2, 3, 37, 1000, 2500])
def test_quantiles_and_their_intervals_are_values_of_the_sorted_list(tmp_path, count):
    rows = list(some_responses(count, count, broken=0))
    values = sorted(row["duration"] for row in rows)
    made = spread(tmp_path, rows)
    assert made.count == count
    for name, part in PARTS.items():
        low, high = quantile_ranks(count, part, 0.05)
        expected = (
            statistics.quantiles(values, n=100, method="inclusive")[round(part * 100) - 1]
            if count > 1
            else values[0],
            values[low - 1] if low else -math.inf,
            values[high - 1] if high <= count else math.inf,
        )
        assert tuple(made.parts[name]) == pytest.approx(expected)


@pytest.mark.parametrize("name", list(MEASURES))
def test_quantiles_are_those_of_duckdb(tmp_path, name):
    duckdb = pytest.importorskip("duckdb")
    made = spread(tmp_path, [*some_responses(1500, 8, broken=0.2), unreadable()], name)
    value = {"output_tokens_per_second": "output_tokens / (duration - time_to_first_event)"}.get(name, name)
    whole = MEASURES[name].whole
    counts = "stop_reason is not null" + ("" if whole else " or time_to_first_event is not null")
    query = f"select count({value}), quantile_cont({value}, [0.5, 0.9, 0.99]) from t where {counts}"
    count, parts = duckdb.from_parquet(f"{tmp_path}/responses/*.parquet").query("t", query).fetchall()[0]
    assert made.count == count
    assert [each.value for each in made.parts.values()] == pytest.approx(parts or [])


def test_an_answer_that_broke_off_has_no_duration(tmp_path):
    rows = [cut(duration=100.0, longest_silence=60.0), response(duration=2.0)]
    assert spread(tmp_path, rows).parts["p99"].value == 2.0
    assert spread(tmp_path, rows, "longest_silence").count == 2


def test_an_error_is_no_answer(tmp_path):
    rows = [response(), cut(status=529, time_to_first_event=None, time_to_first_byte=0.01)]
    assert spread(tmp_path, rows, "time_to_first_byte").count == 1


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_is_no_number_does_not_count(tmp_path, value):
    made = spread(tmp_path, [response(duration=value), response(duration=1.0)])
    assert made.count == 1
    assert made.parts["p50"].value == 1.0


def test_no_values_have_no_quantiles(tmp_path):
    made = spread(tmp_path, [response(duration=None), unreadable()])
    assert (made.count, made.parts) == (0, {})


def test_a_rate_is_of_the_time_after_the_first_event(tmp_path):
    rows = [response(output_tokens=100, duration=3.0, time_to_first_event=1.0)]
    rows += [response(duration=1.0, time_to_first_event=1.0)]  # all at once: no rate
    made = spread(tmp_path, rows, "output_tokens_per_second")
    assert (made.count, made.parts["p50"].value) == (1, 50.0)


def test_equal_values_have_an_interval_without_width(tmp_path):
    made = spread(tmp_path, [response()] * 50)
    assert tuple(made.parts["p50"]) == (3.0, 3.0, 3.0)


def test_each_group_has_its_own_quantiles(tmp_path):
    rows = [response(model="a", duration=1.0), response(model="b", duration=2.0)]
    made = spreads_of(open_set(write_set(tmp_path, rows)), "duration", "model", ["a", "b"], 0.05)
    assert {group: each.parts["p50"].value for group, each in made.items()} == {"a": 1.0, "b": 2.0}
