"""Rules about `message_start`."""

from __future__ import annotations

import pytest
from streams import END, GOOD, STOP, TEXT, delta, event, message_delta, opens, recording, start, stops

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


@pytest.mark.parametrize(
    ("reason", "output", "severities"),
    [
        ("refusal", 0, []),
        ("pause_turn", 0, []),
        ("end_turn", 0, ["warning"]),
        ("end_turn", 3, ["info"]),
        ("stop_sequence", 0, ["info"]),
        ("stop_sequence", 1, ["info"]),
        ("max_tokens", 1, ["warning"]),
        (None, 1, ["warning"]),
    ],
)
def test_a_message_may_be_empty_for_some_reasons(reason, output, severities):
    body = start() + message_delta(reason, output=output) + STOP
    assert [f.severity for f in check(recording(body), select=["message-empty"])] == severities


WHOLE = start(content=[{"type": "text", "text": "Hello there"}], stop_reason="end_turn")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(WHOLE + STOP, [], id="nothing"),
        pytest.param(WHOLE + message_delta() + STOP, [], id="its end"),
        pytest.param(start() + TEXT + END, [], id="an empty start"),
        pytest.param(WHOLE + TEXT + END, ["content_block_start after"], id="all of it"),
        pytest.param(WHOLE + delta(0) * 2 + END, ["content_block_delta after"], id="deltas alone"),
    ],
)
def test_no_content_follows_a_message_that_came_whole(body, message):
    found = messages(body, "content-after-prefill")
    end = "a message_start that holds the whole message: clients show both"
    assert found == [f"{text} {end}" for text in message]


def test_a_block_without_text_is_content_too():
    assert messages(start() + opens(0) + stops(0) + END, "message-empty") == []


def test_one_id_twice_in_one_recording_is_no_reuse():
    assert messages(GOOD + GOOD, "message-id-reused") == []
