"""What `check` predicts of the SDK, against what the SDK does."""

from __future__ import annotations

import re

import pytest
import sdk
from check_examples import EXAMPLES, VARIANTS
from streams import GOOD, recording

from inspector.checker import Reaction

ALL = [pytest.param(rule, example, id=rule) for rule, example in EXAMPLES.items()]
ALL += [pytest.param(rule, example, id=f"{rule}:{n}") for n, (rule, example) in enumerate(VARIANTS)]


def predicted(rule, example):
    """What the finding says is raised by (`messages.stream()`, `create(stream=True)`)."""
    sentence = next(f.sdk for f in example.report().findings if f.rule == rule)
    if sentence is None:
        pytest.skip("nothing is predicted")
    both = re.match(r"the SDK raises ([\w.]*\w)", sentence)
    helper = re.match(r"messages\.stream\(\) raises ([\w.]*\w)", sentence)
    stream, create = (both[1], both[1]) if both else (helper[1], "nothing")
    old = re.search(r"anthropic 0\.x raises ([\w.]*\w)( from messages)?", sentence)
    if old and sdk.OLD:
        stream, create = old[1], create if old[2] else old[1]
    return stream, create


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize(("rule", "example"), ALL)
def test_the_sdk_raises_what_the_finding_says(rule, example):
    stream, create = predicted(rule, example)
    if sdk.OLD and example.new_only and rule == "frame-event-missing":
        pytest.skip("this is about 2.x only")
    seen = sdk.run(example.recording)
    assert stream in (seen.stream or {"nothing"})
    assert create in (seen.create or {"nothing"})


@pytest.mark.parametrize(("rule", "example"), [p for p in ALL if p.values[1].sees])
def test_the_caller_of_the_sdk_sees_what_the_finding_says(rule, example):
    if sdk.OLD and example.new_only:
        pytest.skip("this is about 2.x only")
    assert example.sees(sdk.run(example.recording))


def test_the_sdk_reads_a_good_stream():
    seen = sdk.run(recording(GOOD))
    assert (seen.stream, seen.create) == (set(), set())
    assert seen.message["content"][0]["text"] == "Hello there"


def test_an_error_in_the_stream_is_no_subclass_that_callers_catch():
    seen = sdk.run(EXAMPLES["error-event"].recording)
    assert "anthropic.OverloadedError" not in seen.create


@pytest.mark.parametrize(
    ("reaction", "text"),
    [
        (Reaction(), "the SDK raises nothing"),
        (Reaction("drops it"), "the SDK raises nothing and drops it"),
        (Reaction("waits", "anthropic.X", "anthropic.X"), "the SDK raises anthropic.X; it waits"),
        (
            Reaction(stream="IndexError"),
            "messages.stream() raises IndexError, which is not an anthropic.APIError; "
            "create(stream=True) raises nothing",
        ),
        (
            Reaction("drops it", old_stream="ValueError", old_create=""),
            "the SDK raises nothing and drops it; anthropic 0.x raises nothing",
        ),
        (
            Reaction("drops it", old_stream="ValueError"),
            "the SDK raises nothing and drops it; anthropic 0.x raises ValueError from messages.stream()",
        ),
    ],
)
def test_a_reaction_is_one_sentence(reaction, text):
    assert reaction.text() == text
