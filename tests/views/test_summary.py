"""The summary says how a response went: how much came, how fast, and why it is not a complete answer."""

from __future__ import annotations

import json

import pytest

from inspector.recording import End, Ending, Head, Recording, Request, Response, TimedBlock
from inspector.views.summary import Summary, summary


def block(t, name, **data):
    return TimedBlock(t, name, json.dumps({"type": name, **data}).encode())


def summed(*values):
    made = Summary()
    for value in values:
        made.add(value)
    return made


def head(status=200, kind="text/event-stream"):
    return Head("", Request(), Response(0.1, status, {"content-type": kind} if kind else {}))


USAGE = {"usage": {"input_tokens": 3, "output_tokens": 1}}
WHOLE = [
    block(0.2, "message_start", message={"stop_reason": None, **USAGE}),
    block(0.2, "ping"),
    block(0.5, "content_block_delta", index=0, delta={"type": "text_delta", "text": "Hi"}),
    block(0.6, "message_delta", delta={"stop_reason": "max_tokens"}, usage={"output_tokens": 9}),
    block(0.6, "message_stop"),
]
ERROR = block(1, "error", error={"type": "a", "message": "b"})


def test_a_complete_answer():
    made = summed(head(), *WHOLE, End(0.7, Ending.COMPLETE))
    assert (made.status, made.events, made.pings, made.reads) == (200, 5, 1, 3)
    assert (made.first_event, made.first_text) == (0.2, 0.5)
    assert made.usage_text == "3 in, 9 out"
    assert made.stop_reason == "max_tokens"
    assert "cut off" in made.warning
    assert made.problems == []
    assert made.size == sum(len(each.raw_bytes) for each in WHOLE)


@pytest.mark.parametrize("end", [End(0.7, Ending.COMPLETE), None])
def test_the_summary_of_a_recording_is_that_of_its_values(end):
    whole = vars(summary(Recording(head(), tuple(WHOLE), end)))
    assert whole == vars(summed(head(), *WHOLE, *([end] if end else [])))


@pytest.mark.parametrize(
    "extra, said",
    [
        (None, None),
        (
            {"body_length": 40_000_000},
            "only the beginning of the request's body of 40,000,000 bytes is recorded",
        ),
        ({"body_length": None}, "only the beginning of the request's body is recorded"),
    ],
)
def test_it_says_that_a_request_is_cut(extra, said):
    made = summed(
        Head("", Request(body=b"{", extra=extra), head().response), *WHOLE, End(0.7, Ending.COMPLETE)
    )
    assert made.cut_request == said
    assert made.problems == []  # the answer is whole


def test_it_can_be_read_at_any_time():
    made = Summary()
    assert (made.status, made.problems) == (None, ["no response came", "the recording stops without an end"])
    for count, value in enumerate([head(), *WHOLE]):
        made.add(value)
        assert made.events == count
        assert made.problems[-1] == "the recording stops without an end"


@pytest.mark.parametrize(
    ("blocks", "end", "problem"),
    [
        (WHOLE[:-1], Ending.COMPLETE, "without message_stop"),
        (WHOLE, Ending.CUT, "closed before the end"),
        (WHOLE, Ending.RESET, "was reset"),
        (WHOLE, Ending.TIMEOUT, "gave up waiting"),
        (WHOLE, Ending.ABANDONED, "reader stopped"),
        (WHOLE, None, "without an end"),
        ([], Ending.COMPLETE, "the body is empty"),
        ([TimedBlock(1, None, None, b"<html>")], Ending.COMPLETE, "not an event stream (text/event-stream)"),
        ([*WHOLE[:1], ERROR], Ending.COMPLETE, "the stream holds an error: a: b"),
    ],
)
def test_an_answer_that_is_not_complete_has_a_problem(blocks, end, problem):
    made = summed(head(), *blocks, *([End(2, end)] if end else []))
    (only,) = made.problems
    assert problem in only


def test_events_without_a_name_say_what_others_say_and_are_a_problem():
    named = summed(head(), *WHOLE, End(0.7, Ending.COMPLETE))
    made = summed(head(), *(each._replace(event=None) for each in WHOLE), End(0.7, Ending.COMPLETE))
    for fact in ("events", "pings", "first_text", "stop_reason", "outcome", "usage"):
        assert getattr(made, fact) == getattr(named, fact)
    assert made.problems == ["5 events have no name: SDKs skip them"]


def test_the_done_of_other_protocols_is_no_event_without_a_name():
    made = summed(head(), *WHOLE, TimedBlock(0.6, None, b"[DONE]"), End(0.7, Ending.COMPLETE))
    assert made.problems == []


def test_events_that_are_no_json_are_a_problem():
    broken = TimedBlock(0.5, "content_block_delta", b'{"type":"content_block_delta",oops')
    made = summed(head(), *WHOLE[:3], broken, broken, *WHOLE[3:], End(0.7, Ending.COMPLETE))
    assert made.outcome == "max_tokens"
    assert made.problems == ["2 events are not JSON: SDKs fail on them"]


def test_a_last_event_that_no_blank_line_ends_counts_and_is_a_warning():
    last = TimedBlock(0.6, None, None, WHOLE[-1].raw_bytes[:-1])
    made = summed(head(), *WHOLE[:3], block(0.6, "message_delta", delta={"stop_reason": "end_turn"}), last)
    made.add(End(0.7, Ending.COMPLETE))
    assert (made.outcome, made.problems) == ("end_turn", [])
    assert made.warnings == ["no blank line follows message_stop: parsers drop it"]


def test_a_count_below_zero_is_a_warning():
    made = summed(head(), block(0.6, "message_delta", delta={}, usage={"output_tokens": -3}))
    assert made.warnings == ["output_tokens is -3: a count is never negative"]


def test_a_later_message_delta_adds_to_the_usage_and_a_null_takes_no_stop_reason_back():
    again = block(
        0.7, "message_delta", delta={"stop_reason": None}, usage={"input_tokens": 5, "output_tokens": None}
    )
    made = summed(head(), *WHOLE[:-1], again)
    assert (made.stop_reason, made.usage) == ("max_tokens", {"input_tokens": 5, "output_tokens": 9})


@pytest.mark.parametrize(
    ("delta", "counts"),
    [
        ({"type": "text_delta", "text": "a"}, True),
        ({"type": "thinking_delta", "thinking": "a"}, True),
        ({"type": "input_json_delta", "partial_json": "a"}, True),
        ({"type": "input_json_delta", "partial_json": ""}, False),
        ({"type": "signature_delta", "signature": "a"}, False),
        ({"type": "citations_delta", "citation": {}}, False),
    ],
)
def test_the_first_text_is_the_first_that_a_reader_can_use(delta, counts):
    made = summed(head(), block(0.4, "content_block_delta", index=0, delta=delta))
    assert made.first_text == (0.4 if counts else None)


def test_text_that_a_content_block_begins_with_is_its_first_text():
    empty = block(0.3, "content_block_start", index=0, content_block={"type": "text", "text": ""})
    begun = block(0.4, "content_block_start", index=1, content_block={"type": "text", "text": "Hi"})
    assert summed(head(), empty, begun, *WHOLE[2:]).first_text == 0.4


def body(text):
    return TimedBlock(0.3, None, None, text)


@pytest.mark.parametrize(
    ("status", "text", "error"),
    [
        (529, b'{"type":"error","error":{"type":"overloaded_error"}}', {"type": "overloaded_error"}),
        (529, b"<html>", {}),
        (529, b'{"error":"no"}', {}),
        (200, b'{"error":{}}', None),
    ],
)
def test_an_http_error_has_the_error_object_of_its_body(status, text, error):
    made = summed(
        head(status, "application/json"), body(text[:10]), body(text[10:]), End(0.4, Ending.COMPLETE)
    )
    assert made.http_error == error
    assert (f"the API answered with status {status}" in made.problems) is (status == 529)


def test_a_body_that_is_too_long_for_an_error_is_not_kept():
    made = summed(head(500), body(b" " * 2_000_000), body(b"{}"))
    assert (made.size, made.body_json) == (2_000_002, None)


def test_an_event_that_is_no_json_counts_but_changes_nothing():
    made = summed(head(), TimedBlock(0.2, "ping", b"{oops"), TimedBlock(0.3, "ping", b"[]"))
    assert (made.events, made.pings) == (2, 0)


def answer(text, *, request=None, kind="application/json", status=200, method="POST"):
    sent = Request(method, body=request)
    values = (
        Head("", sent, Response(0.1, status, {"content-type": kind})),
        body(text),
        End(0.4, Ending.COMPLETE),
    )
    return summed(*values)


def test_a_body_that_is_json_can_be_read():
    made = summed(head(kind=None), body(b'{"type":"message"}'), End(0.4, Ending.COMPLETE))
    assert made.body_json == {"type": "message"}
    assert made.problems == []


@pytest.mark.parametrize(
    "made",
    [
        answer(b'{"type":"message"}'),
        answer(b'{"type":"message"}', request=b'{"model":"m"}'),
        answer(b'{"input_tokens":9}', request=b'{"stream":false}'),
        answer(b'{"data":[]}', method="GET"),
    ],
    ids=["a message", "no stream requested", "a count", "a list"],
)
def test_an_answer_that_is_no_stream_is_no_problem_if_none_was_requested(made):
    assert made.problems == []
    assert made.outcome in ("answered", "no_stop_reason")


@pytest.mark.parametrize(
    "made",
    [
        answer(b'{"type":"message"}', request=b'{"stream":true}'),
        answer(b'{"type":"error","error":{"type":"x"}}', request=b"{}"),
        answer(b'{"error":"no"}', request=b"{}"),
        answer(b'{"input_tokens":9}'),
        answer(b"<html>Log in</html>", request=b"{}", kind="text/html"),
        answer(b"<html>Log in</html>", method="GET", kind="text/html"),
    ],
    ids=[
        "a stream requested",
        "an error",
        "a gateway's error",
        "an unknown request",
        "a page",
        "a page for GET",
    ],
)
def test_an_answer_that_is_no_stream_is_a_problem_if_it_is_not_what_was_requested(made):
    assert made.problems[0].startswith("the body is not an event stream")
    assert made.outcome in ("not_a_stream", "no_stop_reason", "x", "error")


def test_the_type_of_an_http_error_is_the_outcome_if_its_body_names_one():
    limited = b'{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}}'
    assert answer(limited, status=429).outcome == "rate_limit_error"
    assert answer(b"<html>Bad gateway</html>", status=502, kind="text/html").outcome == "http_502"
    assert answer(b'{"error":{"code":404,"message":"no model"}}', status=404).outcome == "http_404"


@pytest.mark.parametrize(
    "method, url, text", [("HEAD", "https://a/", b""), ("POST", "https://a/telemetry", b"ok")]
)
def test_what_is_not_of_the_api_is_answered_by_anything_but_an_error(method, url, text):
    other = Head("", Request(method, url, body=b"x=1"), Response(0.1, 200, {"content-type": "text/plain"}))
    made = summed(other, *([body(text)] if text else []), End(0.4, Ending.COMPLETE))
    assert (made.outcome, made.problems) == ("answered", [])


def test_a_message_that_is_no_stream_has_its_stop_reason_and_its_usage():
    made = answer(
        b'{"type":"message","stop_reason":"max_tokens","usage":{"input_tokens":3,"output_tokens":9}}'
    )
    assert (made.stop_reason, made.usage_text) == ("max_tokens", "3 in, 9 out")
    assert made.warning is not None


@pytest.mark.parametrize(("reason", "text"), [(5, "5"), (["x"], '["x"]'), ({}, "{}"), ("", "")])
def test_a_stop_reason_that_is_no_text_is_shown_as_json(reason, text):
    made = summed(head(), block(0.6, "message_delta", delta={"stop_reason": reason}))
    assert (made.stop_reason, made.warning) == (text, None)


COMPLETE = End(0.7, Ending.COMPLETE)


def stream(*values, end=COMPLETE, of=None):
    return summed(of or head(), *values, *([end] if end else []))


PLAIN = TimedBlock(0.2, None, None, b'{"type":"message","stop_reason":"refusal"}')


@pytest.mark.parametrize(
    "made, outcome",
    [
        (stream(*WHOLE), "max_tokens"),
        (stream(*WHOLE, end=End(0.7, Ending.ABANDONED)), "max_tokens"),
        (stream(*WHOLE, end=None), "max_tokens"),
        (stream(*WHOLE[:-1]), "partial"),
        (stream(*WHOLE[:-1], end=None), "unfinished"),
        (stream(*WHOLE[:2], end=End(0.7, Ending.CUT)), "cut"),
        (stream(*WHOLE[:2], end=End(0.7, Ending.TIMEOUT)), "timeout"),
        (stream(*WHOLE[:2], ERROR), "a"),
        (stream(block(1, "error", error={})), "error"),
        (stream(*WHOLE, ERROR), "a"),
        (stream(ERROR, *WHOLE), "a"),
        (stream(TimedBlock(1, "error", b"oops")), "error"),
        (stream(TimedBlock(1, "odd", b'{"object":"error","message":"no"}')), "error"),
        (stream(WHOLE[0], WHOLE[-1]), "no_stop_reason"),
        (stream(WHOLE[-1]), "partial"),
        (stream(TimedBlock(1, "x", b'{"choices":[]}')), "not_a_stream"),
        (stream(of=head(529, "application/json")), "http_529"),
        (stream(of=head(529), end=End(0.7, Ending.RESET)), "http_529"),
        (stream(of=head(204, None)), "http_204"),
        (stream(), "empty"),
        (stream(PLAIN, of=head(200, "application/json")), "refusal"),
        (summed(Head("", Request()), End(0.1, Ending.RESET)), "no_response"),
        (summed(Head("", Request())), "unfinished"),
    ],
)
def test_the_outcome_is_one_word(made, outcome):
    assert made.outcome == outcome


def test_deltas_that_are_passed_over_change_nothing():
    """Only a plain delta after the first text is not parsed: a payload of another type counts."""
    late = block(0.55, "content_block_delta", delta={"stop_reason": "refusal"})
    other = TimedBlock(0.55, "content_block_delta", b'{"type":"message_stop"}')
    made = summed(head(), *WHOLE[:3], late, other)
    assert (made.events, made.stop_reason, made.stopped) == (5, None, True)


NOT_SEPARATED = "5 JSON objects in one frame: no blank line separates their events"
LINES = [b"event: %b\ndata: %b\n" % (each.event.encode(), each.data) for each in WHOLE]


@pytest.mark.parametrize("is_event", [False, True], ids=["tail", "event"])
@pytest.mark.parametrize("count", [5, 4], ids=["stopped", "partial"])
def test_events_without_blank_lines_between_them_are_named_as_check_does(is_event, count):
    """The frame brings a whole message, but no client can read it."""
    data = b"\n".join(each.data for each in WHOLE[:count]) if is_event else None
    raw = b"" if is_event else b"".join(LINES[:count])
    made = summed(head(), TimedBlock(0.5, "message_stop" if is_event else None, data, raw=raw), COMPLETE)
    sentences = [NOT_SEPARATED.replace("5", str(count))]
    if count < 5:
        sentences.append("the stream ended without message_stop: what came is partial")
    assert made.problems == sentences
    assert made.outcome == ("max_tokens" if count == 5 else "partial")
    assert (made.events, made.pings) == (int(is_event), 0)


@pytest.mark.parametrize("text", [b"event: message_start\nda", b"\n\ndata: {"])
def test_a_stream_that_is_cut_in_its_first_event_is_partial(text):
    cut = summed(head(), TimedBlock(0.5, None, None, raw=text), COMPLETE)
    assert cut.outcome == "partial"
    assert cut.problems == ["the stream ended before its first event was complete"]
