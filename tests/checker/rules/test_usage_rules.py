"""Rules about token counts."""

from __future__ import annotations

import pytest
from streams import END, STOP, TEXT, message_delta, opens, recording, start, stops

from inspector.checker import check


def messages(body, rule):
    return [finding.message for finding in check(recording(body), select=[rule])]


@pytest.mark.parametrize(
    ("usage", "message"),
    [
        (None, "message_delta has no usage"),
        ([], "message_delta has no usage"),
        ({}, "message_delta.usage has no output_tokens"),
        ({"output_tokens": "12"}, "message_delta.usage has output_tokens that is a string"),
        ({"output_tokens": True}, "message_delta.usage has output_tokens that is true"),
        ({"output_tokens": -1}, "message_delta.usage has output_tokens that is -1"),
    ],
)
def test_usage_has_an_integer_of_output_tokens(usage, message):
    assert messages(start() + TEXT + message_delta(usage=usage) + STOP, "usage-missing") == [message]


def test_a_usage_in_the_wrong_place_is_not_missing_as_well():
    body = (
        start() + TEXT + message_delta(**{"usage": None}).replace(b'"delta": {', b'"delta": {"usage": {}, ')
    )
    assert [f.rule for f in check(recording(body + STOP), select=["usage"])] == ["usage-misplaced"]


def test_input_tokens_that_come_late_are_shown():
    begin = start(usage={"input_tokens": 0, "output_tokens": 1})
    late = message_delta(usage={"input_tokens": 8123, "output_tokens": 12})
    assert messages(begin + TEXT + late + STOP, "usage-input-zero") == [
        "input_tokens is 0 in message_start; message_delta says 8,123: context meters read 0"
    ]


def test_cached_input_is_input():
    usage = {"input_tokens": 0, "output_tokens": 1, "cache_read_input_tokens": 9}
    assert messages(start(usage=usage) + TEXT + message_delta() + STOP, "usage-input-zero") == []


def test_the_input_of_an_earlier_message_is_not_shown():
    first = start() + TEXT + message_delta(usage={"input_tokens": 99, "output_tokens": 1}) + STOP
    second = start("msg_2", usage={"input_tokens": 0, "output_tokens": 1}) + TEXT + message_delta() + STOP
    (message,) = messages(first + second, "usage-input-zero")
    assert "99" not in message


def test_output_may_fall_after_a_fallback():
    fallback = opens(1, "fallback") + stops(1)
    body = start() + TEXT + fallback + message_delta(output=50) + message_delta(output=5) + STOP
    assert messages(body, "usage-output-decreasing") == []


@pytest.mark.parametrize(
    ("reason", "first", "last", "found"),
    [
        ("end_turn", 100, 12, ["output_tokens 12 after 100 (ev 1 @0)"]),
        ("end_turn", 12, 12, []),
        ("end_turn", 1, 12, []),
        ("end_turn", None, 12, []),
        ("refusal", 100, 12, []),
    ],
)
def test_output_does_not_fall_below_the_count_of_the_start(reason, first, last, found):
    begin = start(usage={"input_tokens": 10, "output_tokens": first})
    body = begin + TEXT + message_delta(reason, output=last) + STOP
    assert messages(body, "usage-output-decreasing") == found


@pytest.mark.parametrize(
    ("thinking", "found"),
    [(13, ["thinking_tokens 13 of output_tokens 12"]), (12, []), (0, []), (None, []), ("99", [])],
)
def test_thinking_is_a_part_of_the_output(thinking, found):
    usage = {"output_tokens": 12, "output_tokens_details": {"thinking_tokens": thinking}}
    body = start() + TEXT + message_delta(usage=usage) + STOP
    assert messages(body, "usage-thinking-exceeds") == found
    assert messages(start(usage=usage) + TEXT + END, "usage-thinking-exceeds") == found


@pytest.mark.parametrize(("reason", "count"), [("end_turn", 1), ("refusal", 0)])
def test_text_without_output_tokens_is_odd_unless_it_is_refused(reason, count):
    assert (
        len(messages(start() + TEXT + message_delta(reason, output=0) + STOP, "usage-output-zero")) == count
    )


def test_null_counts_are_named_where_they_are():
    usage = {"output_tokens": 1, "input_tokens": None, "server_tool_use": None}
    assert messages(start() + TEXT + message_delta(usage=usage) + STOP, "usage-null") == [
        "input_tokens, server_tool_use null in message_delta"
    ]
