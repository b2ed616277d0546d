"""Usage over time, as the API counted it."""

from __future__ import annotations

import pytest

from inspector.views.usage_points import UsagePoint, token_intervals, tokens_of, usage_point


def point(t, output, **counts):
    return UsagePoint(
        t,
        1,
        **{"input": None, "cache_read": None, "cache_write": None, "thinking": None, **counts},
        output=output,
    )


def test_a_usage_object_has_five_counts():
    usage = {
        "input_tokens": 1,
        "output_tokens": 2,
        "cache_read_input_tokens": 3,
        "cache_creation_input_tokens": 4,
        "output_tokens_details": {"thinking_tokens": 5},
    }
    assert usage_point(usage, 1.5, 7) == UsagePoint(1.5, 7, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    "usage", [{}, {"service_tier": "standard"}, {"output_tokens": None}, {"output_tokens": "9"}]
)
def test_a_usage_object_without_counts_is_none(usage):
    assert usage_point(usage, 0.0, 1) is None


def test_the_last_count_of_each_kind_is_the_total():
    assert tokens_of([point(1.0, 5, input=20), point(2.0, 9), point(3.0, None, thinking=4)]) == {
        "input": 20,
        "output": 9,
        "cache_read": None,
        "cache_write": None,
        "thinking": 4,
    }


def test_tokens_are_counted_between_two_usage_objects():
    points = [point(1.0, 5), point(1.0, 6), point(3.0, None), point(4.0, 36), point(5.0, 36), point(6.0, 2)]
    assert [(each.t0, each.t1, each.tokens, each.per_second) for each in token_intervals(points)] == [
        (1.0, 4.0, 30, 10.0)
    ]
