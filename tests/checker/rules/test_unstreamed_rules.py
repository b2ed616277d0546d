"""Rules about answers to requests that do not ask for a stream."""

from __future__ import annotations

import pytest
from example_parts import JSON_HEADERS
from streams import GOOD, recording

from inspector.checker import Severity, check
from inspector.recording import Ending, Head, Recording, Request, Response

ASKED = b'{"model": "m", "max_tokens": 5}'
MESSAGE = b'{"id": "msg_1", "type": "message", "content": []}'


def findings(body, *, sent=ASKED, **options):
    found = check(recording(body, headers=JSON_HEADERS, body=sent, **options))
    return [(f.rule, f.message) for f in found if f.severity is not Severity.INFO]


@pytest.mark.parametrize("request_body", [b"{}", b'{"stream": false}'])
def test_a_response_that_was_never_to_be_a_stream_is_no_error(request_body):
    sent = recording(b'{"type":"message"}', body=request_body, headers=JSON_HEADERS)
    assert {f.severity for f in check(sent)} == {Severity.INFO}


def test_a_response_to_another_method_is_no_stream():
    head = Head("", Request(method="GET"), Response(0.1))
    blocks = recording(b'{"data": []}').blocks
    findings = check(Recording(head, blocks, recording().end), select=["unstreamed"])
    assert [finding.rule for finding in findings] == ["body-not-streamed"]


@pytest.mark.parametrize(
    "body",
    [
        MESSAGE,
        b" \n" + MESSAGE + b"\n\n",
        b'{\n\n"content": []}',
        MESSAGE[:-1] + b', "x": "%b"}' % (b"y" * 5000),
    ],
)
def test_a_message_is_clean_however_it_is_written(body):
    assert findings(body) == []


@pytest.mark.parametrize("body", [b"{bad", MESSAGE[:-1], b'{"a": NaN}', b'{"a": "\xff"}', b"[1,", b"{\n\n"])
def test_a_body_that_is_no_json_is_an_error_and_not_called_json(body):
    ((rule, message),) = findings(body)
    assert (rule, message[:22]) == ("body-json-invalid", "the body is not JSON: ")
    assert check(recording(body, headers=JSON_HEADERS, body=ASKED), select=["body-not-streamed"]) == []


@pytest.mark.parametrize("how", [Ending.CUT, Ending.RESET, Ending.TIMEOUT, Ending.ABANDONED, None])
def test_a_body_that_did_not_come_whole_is_not_blamed_for_it(how):
    rules = [rule for rule, _ in findings(MESSAGE[:20], how=how)]
    assert not {"body-json-invalid", "body-not-message"} & set(rules)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b'{"type": "error", "error": {"type": "x", "message": "y"}}',
            'an error, but the status is 200: x "y"',
        ),
        (b'{"type": "error", "error": "boom"}', 'an error, but the status is 200: error "boom"'),
        (b'{"type": "error"}', "an error, but the status is 200: error"),
        (b'{"detail": "no"}', 'an error, but the status is 200: "no"'),
        (b"[]", "an array, not a Message"),
        (b"null", "null, not a Message"),
        (b"3", "3, not a Message"),
        (b"{}", "an object, not a Message"),
        (b'{"object": "chat.completion", "choices": []}', "an object, not a Message"),
        (b'{"type": "completion"}', 'an object of type "completion", not a Message'),
    ],
)
def test_a_body_that_is_no_message_is_named(body, message):
    assert findings(body) == [("body-not-message", f"the body is {message}")]


@pytest.mark.parametrize("path", ["/v1/messages/count_tokens", "/v1/messages/batches", "/v1/complete", ""])
def test_other_requests_have_other_answers(path):
    assert findings(b'{"input_tokens": 7}', url=f"https://api.anthropic.com{path}") == []
    assert findings(b"{bad", url=f"https://api.anthropic.com{path}")[0][0] == "body-json-invalid"


@pytest.mark.parametrize("body", [MESSAGE, b"{bad", b"[]", GOOD])
@pytest.mark.parametrize("sent", [None, b"oops", b'{"stream": true}'])
def test_a_request_that_may_have_asked_for_a_stream_proves_nothing(body, sent):
    rules = {rule for rule, _ in findings(body, sent=sent)}
    assert rules.isdisjoint({"body-json-invalid", "body-not-message", "stream-unrequested"})


@pytest.mark.parametrize(
    ("sent", "path", "found"),
    [
        (ASKED, "/v1/messages", True),
        (b'{"stream": false}', "/v1/messages?beta=true", True),
        (b'{"stream": true}', "/v1/messages", False),
        (None, "/v1/messages", False),
        (ASKED, "/model/claude/invoke-with-response-stream", False),
        (ASKED, "/v1/publishers/anthropic/models/claude:streamRawPredict", False),
    ],
)
def test_a_stream_that_nobody_asked_for_is_an_error(sent, path, found):
    answer = recording(GOOD, body=sent, url=f"https://api.anthropic.com{path}")
    expected = ["the request did not ask for a stream, and the response is an event stream of 7 events"]
    assert [f.message for f in check(answer, select=["stream-unrequested"])] == (expected if found else [])
