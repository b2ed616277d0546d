"""Rules about stop reasons."""

from __future__ import annotations

import pytest
from streams import STOP, TEXT, TOOL, event, message_delta, opens, recording, start, stops

from inspector.checker import check
from inspector.protocol import STOP_REASONS, UNFINISHED_STOPS


def findings(*events):
    sent = recording(start() + TEXT + b"".join(events) + STOP)
    return [(f.rule, f.message) for f in check(sent, select=["stop"])]


@pytest.mark.parametrize("reason", sorted(STOP_REASONS - {"stop_sequence", "tool_use"}))
def test_a_documented_reason_is_fine_and_some_are_worth_knowing(reason):
    expected = [("stop-notable", f"stop_reason {reason}: {UNFINISHED_STOPS.get(reason)}")]
    assert findings(message_delta(reason)) == expected * (reason in UNFINISHED_STOPS)


@pytest.mark.parametrize(
    ("reason", "severity"),
    [
        ("eos", "warning"),
        ("STOP", "warning"),
        ("tool_calls", "warning"),
        ("end_turns", "warning"),
        ("EndTurn", "warning"),
        ("", "warning"),
        (7, "warning"),
        ("budget_reached", "info"),
    ],
)
def test_a_new_reason_is_worth_knowing_and_a_wrong_one_is_a_warning(reason, severity):
    for body in (
        start() + TEXT + message_delta(reason) + STOP,
        start(content=[{}], stop_reason=reason) + STOP,
    ):
        sent = recording(body)
        found = [f.severity for f in check(sent, select=["stop-reason-unknown"])]
        assert found == [severity] or (found == [] and reason == 7)


@pytest.mark.parametrize(
    ("kind", "reason", "count"),
    [("tool_use", "pause_turn", 1), ("server_tool_use", "pause_turn", 0), ("tool_use", "tool_use", 0)],
)
def test_a_turn_pauses_for_the_tools_of_the_server_alone(kind, reason, count):
    body = start() + opens(0, kind) + stops(0) + message_delta(reason) + STOP
    assert len(check(recording(body), select=["stop-pause-turn-with-tool"])) == count


@pytest.mark.parametrize("reason", [7, [], {"a": 1}, ""])
def test_a_reason_of_another_kind_is_not_documented(reason):
    assert "stop-reason-unknown" in [rule for rule, _ in findings(message_delta(reason))]


@pytest.mark.parametrize(
    ("reason", "sequence", "messages"),
    [
        ("stop_sequence", "END", []),
        ("stop_sequence", None, ["stop_sequence null with stop_reason stop_sequence"]),
        ("end_turn", "END", ['stop_sequence "END" with stop_reason end_turn']),
        ("end_turn", 7, ['stop_sequence "7" with stop_reason end_turn']),
        (None, "END", []),
    ],
)
def test_a_stop_sequence_goes_with_its_reason(reason, sequence, messages):
    sent = recording(start() + TEXT + message_delta(reason, stop_sequence=sequence) + STOP)
    assert [f.message for f in check(sent, select=["stop-sequence-mismatch"])] == messages


def test_a_message_delta_without_a_reason_needs_no_stop_sequence():
    usage = {"output_tokens": 3}
    rules = [rule for rule, _ in findings(event("message_delta", delta={}, usage=usage), message_delta())]
    assert rules == ["message-delta-multiple"]


def test_a_reason_stays():
    gone = event("message_delta", delta={}, usage={"output_tokens": 13})
    rules = dict(findings(message_delta(), gone))
    assert rules["stop-reason-erased"] == 'stop_reason is null after "end_turn" (ev 6 @718)'
    again = dict(findings(message_delta(), message_delta()))
    assert "stop-reason-erased" not in again


def test_a_tool_of_the_server_is_no_reason_to_stop():
    body = start() + TOOL.replace(b'"tool_use"', b'"server_tool_use"') + message_delta() + STOP
    assert check(recording(body), select=["stop"]) == []
