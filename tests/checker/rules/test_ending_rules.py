"""Rules about how the response came to its end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from example_parts import DELTA, FIRST
from streams import GOOD, STOP, recording

from inspector.checker import Severity, check
from inspector.recording import Ending


def findings(sent, rule):
    return [(finding.severity, finding.message) for finding in check(sent, select=[rule])]


@pytest.mark.parametrize(
    ("how", "way"),
    [(Ending.CUT, "the connection closed before the body's end"), (Ending.RESET, "the connection was reset")],
)
def test_a_cut_says_how_far_the_body_came(how, way):
    ((severity, message),) = findings(recording(FIRST + DELTA[:40], how=how), "body-truncated")
    assert severity is Severity.ERROR
    assert message == (
        f"{way} after ev 3 (content_block_delta), in the middle of a frame (40 bytes of it came); "
        "open: block 0 (text)"
    )


@pytest.mark.parametrize(("how", "rule"), [(Ending.CUT, "body-truncated"), (Ending.TIMEOUT, "body-timeout")])
def test_an_end_after_message_stop_is_a_warning(how, rule):
    ((severity, message),) = findings(recording(GOOD, how=how), rule)
    assert severity is Severity.WARNING
    assert "; the message itself is whole" in message


@pytest.mark.parametrize(
    ("end", "limit"), [(59.2, "60 s"), (60.8, "60 s"), (61.0, None), (126.0, "125 s"), (0.51, None)]
)
def test_an_end_at_a_usual_time_limit_is_pointed_out(end, limit):
    ((_, message),) = findings(recording(FIRST, how=Ending.CUT, end=end), "body-truncated")
    assert ("which looks like a" in message) is (limit is not None)
    assert limit is None or f"{end:.1f} s after the request, which looks like a {limit} limit" in message


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        (Ending.TIMEOUT, None, "no response; the reader gave up after 9.0 s: the recorder saw no answer"),
        (None, None, "no response; the recording ends after 0.0 s: the recorder saw no answer"),
        (Ending.CUT, "closed", "no response; the connection closed after 9.0 s: closed"),
    ],
)
def test_no_response_says_what_the_recorder_saw(how, error, message):
    sent = recording(status=None, how=how, error=error, t=0.0, end=9.0)
    assert [text for _, text in findings(sent, "no-response")] == [message]


def test_a_reader_that_gave_up_before_the_response_is_no_finding():
    assert check(recording(status=None, how=Ending.ABANDONED)) == []


@pytest.mark.parametrize("body", [GOOD, FIRST + b'event: error\ndata: {"type":"error"}\n\n'])
def test_after_its_last_event_a_reader_may_stop(body):
    assert findings(recording(body, how=Ending.ABANDONED), "reader-stopped") == []


@pytest.mark.parametrize("body", [GOOD, FIRST + b'event: error\ndata: {"type":"error"}\n\n'])
def test_a_recording_that_stops_after_its_last_event_says_that_its_end_is_unknown(body):
    (finding,) = [each for each in check(recording(body, how=None)) if each.rule == "recording-unfinished"]
    assert finding.severity == "info"
    assert "the recording's end line is missing" in finding.message


@pytest.mark.parametrize("how", [Ending.CUT, Ending.TIMEOUT, Ending.ABANDONED])
def test_the_end_of_an_error_response_is_not_reported(how):
    rules = {finding.rule for finding in check(recording(b"x", status=500, how=how), select=["ending"])}
    assert rules == set()


def test_a_torn_recording_says_so():
    sent = recording(FIRST, how=None)
    for torn, trace in ((True, "last line is torn"), (False, "end line is missing")):
        ((_, message),) = findings(replace(sent, torn=torn), "recording-unfinished")
        assert f"the recording's {trace};" in message


def test_before_any_event_there_is_no_number():
    ((_, message),) = findings(recording(b": c\n\n", how=Ending.CUT), "body-truncated")
    assert "before any event" in message
    ((_, message),) = findings(recording(STOP, how=Ending.TIMEOUT), "body-timeout")
    assert "after ev 1 (message_stop)" in message
