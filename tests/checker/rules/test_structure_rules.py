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
    content = [{"type": "redacted_thinking"}] * 8
    ((_, _, message),) = findings(start(content=content) + TEXT + END)
    assert message == (
        "message_start: message.content[0].data is missing; message.content[1].data is missing; "
        "message.content[2].data is missing; message.content[3].data is missing; "
        "message.content[4].data is missing and 3 more"
    )


@pytest.mark.parametrize(
    ("body", "rule", "severity", "message"),
    [
        pytest.param(
            start(usage={"input_tokens": -1, "output_tokens": 2**63}) + TEXT + END,
            "field-value-wrong",
            WARNING,
            "message_start: message.usage.input_tokens is -1, not a count from 0; "
            "message.usage.output_tokens is 9223372036854775808, not a number of 64 bits",
            id="counts",
        ),
        pytest.param(
            start(role="user") + TEXT + END,
            "field-value-wrong",
            ERROR,
            'message_start: message.role is "user", not "assistant"',
            id="role",
        ),
        pytest.param(
            start(type="msg") + TEXT + END,
            "field-value-wrong",
            WARNING,
            'message_start: message.type is "msg", not "message"',
            id="type",
        ),
        pytest.param(
            start("") + TEXT + END,
            "field-value-wrong",
            WARNING,
            'message_start: message.id is "", not a name',
            id="empty id",
        ),
        pytest.param(
            start(usage={"input_tokens": 2**70, "output_tokens": 1}) + TEXT + END,
            "field-type-wrong",
            WARNING,
            "message_start: message.usage.input_tokens is a number of more than 64 bits, not an integer",
            id="huge count",
        ),
        pytest.param(
            start(usage={"input_tokens": True, "output_tokens": 1}) + TEXT + END,
            "field-type-wrong",
            WARNING,
            "message_start: message.usage.input_tokens is true, not an integer",
            id="true",
        ),
        pytest.param(
            start() + opens(0, "texts", text="") + stops(0) + END,
            "name-misspelled",
            ERROR,
            'content_block_start: content_block.type "texts" must mean "text"',
            id="misspelled type",
        ),
        pytest.param(
            start(stopReason=None) + TEXT + END,
            None,
            None,
            None,
            id="a second spelling beside the right one",
        ),
        pytest.param(
            start(stopReason=None, stop_reason=...) + TEXT + END,
            "name-misspelled",
            WARNING,
            'message_start: message.stopReason must mean "stop_reason"',
            id="misspelled field",
        ),
        pytest.param(
            start(content=[5]) + TEXT + END,
            "field-type-wrong",
            ERROR,
            "message_start: message.content[0] is an integer, not an object",
            id="content that the SDK fails on",
        ),
    ],
)
def test_a_value_that_makes_no_sense_is_named_with_its_path(body, rule, severity, message):
    structure = [f for f in findings(body) if f[0] != "start-content-nonempty"]
    assert structure == ([(rule, severity, message)] if rule else [])


def test_a_process_that_a_signal_ended_has_a_negative_return_code():
    result = {
        "type": "bash_code_execution_result",
        "content": [],
        "return_code": -9,
        "stdout": "",
        "stderr": "",
    }
    block = opens(0, "bash_code_execution_tool_result", tool_use_id="srvtoolu_1", content=result)
    assert findings(start() + block + stops(0) + END) == []


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
