"""What `check` says that the SDK does, against what the SDK does."""

from __future__ import annotations

import re

import pytest
import sdk
from check_examples import EXAMPLES, VARIANTS
from streams import GOOD, recording

ALL = [pytest.param(rule, example, id=rule) for rule, example in EXAMPLES.items()]
ALL += [pytest.param(rule, example, id=f"{rule}:{n}") for n, (rule, example) in enumerate(VARIANTS)]


def predicted(rule, example):
    """What the finding's own words say is raised by (`messages.stream()`, `create(stream=True)`)."""
    said = next(f.sdk for f in example.report().findings if f.rule == rule)
    if said is None:
        pytest.skip("nothing is predicted")
    both = re.match(r"the SDK raises ([\w.]*\w)", said)
    helper = re.match(r"messages\.stream\(\) raises ([\w.]*\w)", said)
    stream, create = (both[1], both[1]) if both else (helper[1], "nothing")
    old = re.search(r"anthropic 0\.x raises ([\w.]*\w)( from messages)?", said)
    if old and sdk.OLD:
        stream, create = old[1], create if old[2] else old[1]
    return stream, create


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize(("rule", "example"), ALL)
def test_the_sdk_raises_what_the_finding_says(rule, example):
    stream, create = predicted(rule, example)
    if sdk.OLD and example.new_only and rule == "frame-event-missing":
        pytest.skip("said of 2.x only")
    seen = sdk.run(example.recording)
    assert stream in (seen.stream or {"nothing"})
    assert create in (seen.create or {"nothing"})


@pytest.mark.parametrize(("rule", "example"), [p for p in ALL if p.values[1].sees])
def test_the_caller_of_the_sdk_sees_what_the_finding_says(rule, example):
    if sdk.OLD and example.new_only:
        pytest.skip("said of 2.x only")
    assert example.sees(sdk.run(example.recording))


def test_the_sdk_reads_a_good_stream():
    seen = sdk.run(recording(GOOD))
    assert (seen.stream, seen.create) == (set(), set())
    assert seen.message["content"][0]["text"] == "Hello there"


def test_an_error_in_the_stream_is_no_subclass_that_callers_catch():
    seen = sdk.run(EXAMPLES["error-event"].recording)
    assert "anthropic.OverloadedError" not in seen.create
