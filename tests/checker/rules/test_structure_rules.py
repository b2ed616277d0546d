"""Rules about the fields of events: they are present, and of the right type."""

from __future__ import annotations

import pytest
from streams import END, STOP, TEXT, delta, event, message_delta, opens, recording, start, stops

from inspector.checker import Severity, check


def findings(body, rule="structure"):
    return [(f.rule, f.severity, f.message) for f in check(recording(body), select=[rule])]


ERROR, WARNING = Severity.ERROR, Severity.WARNING


@pytest.mark.parametrize(
    ("body", "rule", "severity", "message"),
    [
        pytest.param(
            start(model=7) + TEXT + END,
            "field-type-wrong",
            WARNING,
            "message_start: message.model is an integer, not a string",
            id="a scalar",
        ),
        pytest.param(
            start(stop_details={"type": "refusal", "category": 3}) + TEXT + END,
            "field-type-wrong",
            WARNING,
            "message_start: message.stop_details.category is an integer, not a string or null",
            id="deep inside",
        ),
        pytest.param(
            start(content={}) + TEXT + END,
            "field-type-wrong",
            ERROR,
            "message_start: message.content is an object, not an array",
            id="what breaks the SDK",
        ),
        pytest.param(
            start() + opens(0, citations=[{"type": "char_location"}]) + stops(0) + END,
            "field-missing",
            WARNING,
            "content_block_start: content_block.citations[0].cited_text is missing; "
            "content_block.citations[0].document_index is missing; "
            "content_block.citations[0].end_char_index is missing; "
            "content_block.citations[0].start_char_index is missing",
            id="several",
        ),
        pytest.param(
            start() + opens(0, text=None) + stops(0) + END,
            "field-missing",
            ERROR,
            "content_block_start: content_block.text is null",
            id="null",
        ),
        pytest.param(
            start()
            + opens(0)
            + event("content_block_delta", index=0, delta={"type": "citations_delta"})
            + stops(0)
            + END,
            "field-missing",
            ERROR,
            "content_block_delta: delta.citation is missing",
            id="lost data",
        ),
        pytest.param(
            start() + TEXT + event("error", error={"type": "api_error", "message": "m"}, request_id=7),
            "field-type-wrong",
            WARNING,
            "error: request_id is an integer, not a string or null",
            id="error",
        ),
    ],
)
def test_a_fault_is_named_with_its_path(body, rule, severity, message):
    assert findings(body) == [(rule, severity, message)]


def test_an_error_does_not_hide_among_warnings():
    body = start(content="x", id=7, model=7) + TEXT + END
    assert findings(body) == [
        ("field-type-wrong", ERROR, "message_start: message.content is a string, not an array"),
        (
            "field-type-wrong",
            WARNING,
            "message_start: message.id is an integer, not a string; "
            "message.model is an integer, not a string",
        ),
    ]


def test_many_faults_are_counted():
    content = [{"type": "thinking"}] * 4
    ((_, _, message),) = findings(start(content=content) + TEXT + END)
    assert message == (
        "message_start: message.content[0].signature is missing; message.content[0].thinking is missing; "
        "message.content[1].signature is missing; message.content[1].thinking is missing; "
        "message.content[2].signature is missing and 3 more"
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(start(colour="red") + TEXT + END, id="unknown field"),
        pytest.param(start() + opens(0, citations=None) + stops(0) + END, id="null"),
        pytest.param(start() + TEXT + opens(1, "sketch", text=7) + stops(1) + END, id="unknown block"),
        pytest.param(
            start() + TEXT + message_delta(usage={"output_tokens": 1, "server_tool_use": {}}) + STOP,
            id="absent counts",
        ),
        pytest.param(start() + opens(0) + delta(0, "x", colour=7) + stops(0) + END, id="unknown in a delta"),
        pytest.param(event("odd", text=7) + start() + TEXT + END, id="unknown event"),
        pytest.param(start() + b'event: message\ndata: {"error": 7}\n\n', id="an error in another form"),
    ],
)
def test_what_the_api_may_send_is_no_fault(body):
    assert findings(body) == []


def test_fields_with_a_rule_of_their_own_are_left_to_it():
    body = start(id=...) + event("content_block_start", index="0") + event("message_delta")
    rules = {finding.rule for finding in check(recording(body)) if finding.severity is ERROR}
    assert rules >= {"start-field-missing", "index-missing", "message-delta-invalid", "usage-missing"}
    assert findings(body) == []


def test_every_event_is_compared_wherever_it_stands():
    body = start() + TEXT + END + start("msg_2", model=7)
    assert [rule for rule, _, _ in findings(body)] == ["field-type-wrong"]
    glued = start(model=7)[:-1] + TEXT
    assert [rule for rule, _, _ in findings(glued + END)] == ["field-type-wrong"]
