"""Faults of the message around its content: first fields, usage, stop reason."""

from __future__ import annotations

import pytest
from edited import edit, load, payloads

from inspector.errors import UsageError


def last_delta(fault, name="hello"):
    return payloads(edit(name, fault), "message_delta")[-1]


def test_the_final_usage_is_wrong_in_each_mode():
    whole = payloads(load("hello"), "message_delta")[-1]
    assert "usage" not in last_delta("usage=drop")
    assert last_delta("usage=null") == {**whole, "usage": None}
    nested = last_delta("usage=nest")
    assert "usage" not in nested and nested["delta"]["usage"] == whole["usage"]
    zero = last_delta("usage=zero")["usage"]
    assert zero["output_tokens"] == zero["input_tokens"] == 0
    assert last_delta("usage=decrease")["usage"] == {**whole["usage"], "output_tokens": 0}
    assert len(payloads(edit("hello", "usage=decrease"), "message_delta")) == 2


@pytest.mark.parametrize("fields", ["usage", "content", "id+model+role+type"])
def test_the_first_fields_are_missing(fields):
    (before,), (after,) = (
        payloads(recording, "message_start")
        for recording in (load("hello"), edit("hello", f"start-fields={fields}"))
    )
    assert before["message"].keys() - after["message"].keys() == set(fields.split("+"))


@pytest.mark.parametrize(
    ("name", "mode", "reason"),
    [
        ("hello", "null", None),
        ("hello", "unknown", "eos"),
        ("hello", "tool_use", "tool_use"),
        ("tool_use", "end_turn", "end_turn"),
        ("hello", "erase", None),
    ],
)
def test_the_stop_reason_is_wrong_in_each_mode(name, mode, reason):
    assert last_delta(f"stop={mode}", name)["delta"]["stop_reason"] == reason
    assert len(payloads(edit(name, f"stop={mode}"), "message_delta")) == 1 + (mode == "erase")


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (["start-fields=usage", "start-fields=usage"], "its message_start has no usage"),
        (["usage=drop", "usage=null"], "its message_delta has no usage"),
    ],
)
def test_a_field_that_is_missing_already_cannot_be_changed(faults, reason):
    with pytest.raises(UsageError, match=reason):
        edit("hello", faults)
