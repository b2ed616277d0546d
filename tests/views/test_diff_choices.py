"""What is compared, and what can be left out of it."""

from __future__ import annotations

import typing

import pytest
from anthropic.types.beta import message_create_params
from conftest import ROOT

from inspector import UsageError, assert_same, diff, load
from inspector.views.diff_choices import Choices

HELLO = load(ROOT / "recordings" / "hello.jsonl")


@pytest.mark.parametrize(
    "text, hint",
    [
        ("bogus", "parts are request"),
        ("usgae", "usage"),
        ("sytem", "system"),
        ("contents[0].text", "content"),
    ],
)
def test_what_can_match_nothing_is_refused_with_the_nearest_names(text, hint):
    for compare in (diff, assert_same):
        with pytest.raises(UsageError, match="matches nothing") as error:
            compare(HELLO, HELLO, ignore=[text])
        assert hint in str(error.value)
        assert f"body.{text}" in str(error.value)


@pytest.mark.parametrize("text", ["body.bogus", "$.bogus", "*.bogus", "request.headers", "stop_sequence"])
def test_what_may_match_is_taken(text):
    assert diff(HELLO, HELLO, ignore=[text]).same


def test_each_parameter_of_the_sdk_may_be_ignored():
    for name in typing.get_type_hints(message_create_params.MessageCreateParamsBase):
        assert Choices.of([name]).paths == ((name,),) or name in Choices.of([name]).ignore


@pytest.mark.parametrize(
    "options, compared",
    [
        ({}, "meaning"),
        ({"exact": True}, "meaning, bytes and reads"),
        ({"exact": True, "ignore": ["reads"]}, "meaning and bytes"),
        ({"timing": 2}, "meaning and times"),
        ({"timing": 2, "exact": True}, "meaning, times, bytes and reads"),
    ],
)
def test_recordings_are_the_same_in_what_was_compared(options, compared):
    assert str(diff(HELLO, HELLO, **options)).splitlines()[0].endswith(f": the same in {compared}")
    folder = ROOT / "recordings" / "tool_session.jsonl"
    assert str(diff(folder, folder, **options)).startswith(
        f"{folder} → {folder}: all 2 are the same in {compared}"
    )
