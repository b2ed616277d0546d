"""Rules about payloads: each is one JSON object that names its type."""

from __future__ import annotations

import pytest
from streams import END, GOOD, TEXT, frame, message_delta, recording, start

from inspector.checker import Severity, check


def findings(body, *rules):
    return [(f.rule, f.severity, f.message) for f in check(recording(body), select=rules)]


@pytest.mark.parametrize(
    ("payload", "rule"),
    [
        (b"{", "json-invalid"),
        (b"7", "json-not-object"),
        (b"[DONE]", "done-sentinel"),
        (b"{}\ndata: {}", "frame-missing-blank-line"),
        (b'{"a": 1: ping', "keepalive-spliced"),
        (b'{"a": "\\ud83d"}', "surrogate-lone"),
        (b'{"a": 1e999}', "number-nonfinite"),
    ],
)
def test_one_rule_speaks_about_a_payload(payload, rule):
    body = start() + frame("odd", payload) + TEXT + END
    assert [name for name, _, _ in findings(body, "json")] == [rule]


@pytest.mark.parametrize("payload", [b"", b" "])
def test_an_empty_payload_is_no_json_error(payload):
    assert findings(start() + frame("odd", payload) + TEXT + END, "json") == []


@pytest.mark.parametrize(
    ("frame_", "message"),
    [
        (
            b'data: {"choices": []}\n\n',
            "the payload is an OpenAI chat completion chunk, not a Messages event",
        ),
        (b"data: {}\n\n", 'the payload has no "type" (the event\'s name is missing too)'),
        (frame("message_stop", b"{}"), 'the payload has no "type" (the event\'s name is "message_stop")'),
    ],
)
def test_a_payload_without_a_type_is_described(frame_, message):
    assert [text for _, _, text in findings(GOOD + frame_, "type-missing")] == [message]


@pytest.mark.parametrize("frame_", [frame("odd", b"{}"), frame("ping", b"{}"), b'data: {"error": "x"}\n\n'])
def test_a_payload_of_another_kind_needs_no_type(frame_):
    assert findings(GOOD + frame_, "type-missing") == []


@pytest.mark.parametrize(
    ("body", "severity", "message"),
    [
        (GOOD + b"data: [DONE]\n\n", Severity.WARNING, '"[DONE]" is an OpenAI sentinel'),
        (
            start() + TEXT + message_delta() + b"data: [DONE]\n\n",
            Severity.ERROR,
            '"[DONE]" stands in the place of message_stop',
        ),
        (
            GOOD + frame("done", b"[DONE]"),
            Severity.ERROR,
            '"[DONE]" in an event named "done"; it is not JSON',
        ),
    ],
)
def test_done_matters_where_it_does_harm(body, severity, message):
    assert findings(body, "done-sentinel") == [("done-sentinel", severity, message)]


def test_frames_at_the_end_that_no_blank_line_separates_are_counted():
    ((_, _, message),) = findings(GOOD.replace(b"\n\n", b"\n"), "frame-missing-blank-line")
    assert message == "7 JSON objects in one frame: no blank line separates their events"
