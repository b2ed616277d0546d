"""Rules about thinking blocks."""

from __future__ import annotations

import pytest
from example_parts import signed, thinking, thought
from streams import END, STOP, frame, message_delta, opens, recording, start, stops

from inspector.checker import check


def messages(body, rule):
    return [finding.message for finding in check(recording(start() + body), select=[rule])]


def test_thinking_that_was_cut_off_may_lack_its_signature():
    severities = {
        reason: [
            finding.severity
            for finding in check(
                recording(start() + thinking(thought()) + message_delta(reason) + STOP), select=["thinking"]
            )
        ]
        for reason in ("end_turn", "max_tokens")
    }
    assert severities == {"end_turn": ["error"], "max_tokens": ["warning"]}


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(thinking(thought(), signed()), id="signed by a delta"),
        pytest.param(opens(0, "thinking", signature="s") + thought() + stops(0), id="signed in the start"),
        pytest.param(
            opens(0, "thinking") + thought() + frame("content_block_delta", b"{") + stops(0),
            id="a delta was lost",
        ),
    ],
)
def test_a_signature_may_come_in_several_ways(block):
    assert messages(block + END, "thinking-unsigned") == []


def test_an_empty_signature_is_none():
    assert len(messages(thinking(thought(), signed("")) + END, "thinking-unsigned")) == 1


def test_empty_thinking_after_the_signature_is_harmless():
    body = thinking(thought(), signed(), thought("")) + END
    assert messages(body, "signature-not-last") == []


@pytest.mark.parametrize(
    ("signature", "rules"),
    [
        (..., ["thinking-start-no-signature"]),
        (None, ["thinking-start-no-signature"]),
        ("", []),
        (7, []),
    ],
)
def test_the_start_has_a_signature_field(signature, rules):
    body = opens(0, "thinking", signature=signature) + thought() + signed() + stops(0) + END
    findings = check(recording(start() + body), select=["thinking"])
    assert [finding.rule for finding in findings] == rules


@pytest.mark.parametrize(("data", "count"), [("x", 0), ("", 1), (..., 1), (None, 1)])
def test_redacted_thinking_has_data(data, count):
    body = opens(0, "redacted_thinking", data=data) + stops(0) + END
    assert len(messages(body, "redacted-data-missing")) == count


def test_thinking_with_text_is_not_omitted():
    assert messages(thinking(thought(), signed()) + END, "thinking-omitted") == []
    assert len(messages(thinking(signed()) + END, "thinking-omitted")) == 1
