"""Rules about `message_start`."""

from __future__ import annotations

import pytest
from streams import END, GOOD, STOP, TEXT, event, message_delta, opens, recording, start, stops

from inspector.checker import Severity, check


def messages(body, rule):
    return [finding.message for finding in check(recording(body), select=[rule])]


@pytest.mark.parametrize(
    ("begin", "message"),
    [
        (event("message_start"), "message_start has no message"),
        (event("message_start", message=7), "message_start has no message"),
        (start(id=..., model=None), "message_start.message lacks id, model"),
        (start(usage={}), "message_start.message lacks usage.input_tokens, usage.output_tokens"),
        (
            start(usage={"input_tokens": None, "output_tokens": 1}),
            "message_start.message lacks usage.input_tokens",
        ),
    ],
)
def test_missing_fields_are_listed(begin, message):
    assert messages(begin + TEXT + END, "start-field-missing") == [message]


def test_a_wrong_type_is_not_a_missing_field():
    assert messages(start(id=7) + TEXT + END, "start-field-missing") == []


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (1, "content already has 1 block; the deltas that follow are added to it"),
        (3, "content already has 3 blocks; the deltas that follow are added to them"),
    ],
)
def test_content_in_the_start_is_counted(count, message):
    content = [{"type": "text", "text": "x"}] * count
    assert messages(start(content=content) + TEXT + END, "start-content-nonempty") == [message]


def test_a_whole_message_in_the_start_is_legal():
    tool = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    body = start(content=[tool], stop_reason="tool_use") + STOP
    assert [f for f in check(recording(body)) if f.severity is not Severity.INFO] == []


@pytest.mark.parametrize(("reason", "count"), [("refusal", 0), ("pause_turn", 0), ("end_turn", 1), (None, 1)])
def test_a_message_may_be_empty_for_some_reasons(reason, count):
    assert len(messages(start() + message_delta(reason, output=0) + STOP, "message-empty")) == count


def test_a_block_without_text_is_content_too():
    assert messages(start() + opens(0) + stops(0) + END, "message-empty") == []


def test_one_id_twice_in_one_recording_is_no_reuse():
    assert messages(GOOD + GOOD, "message-id-reused") == []
