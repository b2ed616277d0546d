"""The verdict: how a response turned out."""

from __future__ import annotations

import json

import pytest
from check_examples import EXAMPLES
from streams import END, GOOD, STOP, TEXT, message_delta, opens, recording, start, stops

from inspector.checker import Severity, Verdict, report
from inspector.recording import End, Ending, Head, Recording, Request, Response, TimedBlock


@pytest.mark.parametrize(
    ("sent", "verdict", "detail"),
    [
        pytest.param(recording(GOOD), Verdict.COMPLETE, "end_turn, 7 events, text", id="good"),
        pytest.param(
            recording(GOOD, how=Ending.CUT), Verdict.COMPLETE, "end_turn, 7 events, text", id="cut at the end"
        ),
        pytest.param(
            recording(GOOD[:-1]), Verdict.COMPLETE, "end_turn, 6 events, text", id="unterminated message_stop"
        ),
        pytest.param(
            recording(start() + opens(0)), Verdict.PARTIAL, "no message_stop, 2 events, text", id="no end"
        ),
        pytest.param(
            recording(start() + TEXT + message_delta()),
            Verdict.PARTIAL,
            "no message_stop, end_turn, 6 events, text",
            id="no message_stop",
        ),
        pytest.param(
            recording(start(), how=Ending.ABANDONED),
            Verdict.PARTIAL,
            "no message_stop, 1 event, no content",
            id="abandoned",
        ),
        pytest.param(
            recording(start() + TEXT + STOP),
            Verdict.COMPLETE,
            "no stop reason, 6 events, text",
            id="no stop reason",
        ),
        pytest.param(
            recording(
                start()
                + b"".join(opens(n, kind) + stops(n) for n, kind in enumerate(["text", "x", "text"]))
                + END
            ),
            Verdict.COMPLETE,
            "end_turn, 9 events, 2 text + x",
            id="several blocks",
        ),
        pytest.param(
            EXAMPLES["error-event"].recording, Verdict.FAILED, "an error at ev 4 @513 after text", id="error"
        ),
        pytest.param(EXAMPLES["http-status"].recording, Verdict.FAILED, "HTTP 529", id="status"),
        pytest.param(EXAMPLES["no-response"].recording, Verdict.FAILED, "no response", id="no response"),
        pytest.param(EXAMPLES["body-not-sse"].recording, Verdict.NOT_A_STREAM, "no event stream", id="html"),
        pytest.param(EXAMPLES["body-empty"].recording, Verdict.NOT_A_STREAM, "no event stream", id="empty"),
        pytest.param(
            EXAMPLES["foreign-stream"].recording, Verdict.NOT_A_STREAM, "no Messages events", id="openai"
        ),
    ],
)
def test_the_verdict_says_how_the_response_turned_out(sent, verdict, detail):
    whole = report(sent)
    assert (whole.verdict, whole.detail) == (verdict, detail)


MESSAGE = {"type": "message", "stop_reason": "end_turn", "content": [{"type": "text"}, {"type": "text"}]}
ERROR_BODY = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@pytest.mark.parametrize(
    ("request_body", "absent", "value", "verdict", "detail"),
    [
        (None, [], MESSAGE, "complete", "end_turn, no stream, 2 text"),
        (b"{}", [], MESSAGE, "complete", "end_turn, no stream, 2 text"),
        (b'{"stream": true}', [], MESSAGE, "not a stream", "no event stream"),
        (None, [], ERROR_BODY, "not a stream", "no event stream"),
        (None, ["status"], ERROR_BODY, "failed", "an error, no event stream"),
    ],
)
def test_the_verdict_on_a_json_body(request_body, absent, value, verdict, detail):
    """A whole Message is what was requested unless the request wants a stream."""
    head = Head("", Request(body=request_body), Response(0.1), extra={"absent": absent})
    blocks = (TimedBlock(0.2, None, None, json.dumps(value).encode()),)
    made = report(Recording(head, blocks, End(0.3, Ending.COMPLETE)))
    assert (made.verdict, made.detail) == (verdict, detail)
    assert bool(made.count(Severity.ERROR)) == (verdict != "complete")
