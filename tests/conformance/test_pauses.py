"""Probes that judge times, on recordings with times of our own; and what only warns."""

from __future__ import annotations

import pytest
from right_endpoint import KEY, RightEndpoint, answer, error, streamed

import inspector
import inspector.conformance.direct
from inspector.conformance.evidence import Answer
from inspector.conformance.probes import PROBES, NotTested
from inspector.conformance.scoring.scorecard import State
from inspector.recording import End, Ending, Head, Recording, Request, Response, TimedBlock

START = (
    b'{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m",'
    b'"content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}}'
)
REST = [
    (
        "content_block_delta",
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x = 1"}}',
    ),
    ("content_block_stop", b'{"type":"content_block_stop","index":0}'),
    (
        "message_delta",
        b'{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},'
        b'"usage":{"output_tokens":5}}',
    ),
    ("message_stop", b'{"type":"message_stop"}'),
]
TEXT = b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'
PING = ("ping", b'{"type":"ping"}')
COMMENT = (None, None)


class Played:
    """An endpoint that answers with one recording: blocks at their times, and then all that is left."""

    def __init__(self, *timed, head=0.1, how=Ending.COMPLETE, rest=REST):
        last = timed[-1][0]
        blocks = [
            TimedBlock(t, name, data, b": wait\n\n" if data is None else b"")
            for t, (name, data) in [
                (head, ("message_start", START)),
                *timed,
                *((last, each) for each in rest),
            ]
        ]
        fields = {"content-type": "text/event-stream"}
        head = Head("", Request("POST", "http://x/v1/messages"), Response(head, 200, fields))
        end = End(blocks[-1].t, how)
        self._answer = Answer("idle-1", Recording(head, tuple(blocks), end))

    def ask(self, *_, **__):
        return self._answer


def idle(*timed, **named):
    return [(each.warns, each.message) for each in PROBES["idle"].run(Played(*timed, **named))]


def at(t, what=("content_block_start", TEXT)):
    return t, what


def test_a_pause_with_pings_is_right():
    assert idle(at(6, PING), at(12, PING), at(15)) == []


def test_a_pause_without_pings_fails():
    assert idle(at(15)) == [(False, "no ping came in 15 s without content")]


def test_a_comment_is_no_ping():
    assert idle(at(5, COMMENT), at(10, COMMENT), at(15)) == [
        (False, "2 comments and no ping came in 15 s without content")
    ]


def test_a_ping_at_the_begin_of_a_pause_keeps_nothing_alive():
    assert idle(at(0.11, PING), at(12.1)) == [(False, "no ping came in 12 s without content")]


def test_each_pause_needs_a_ping_of_its_own():
    assert idle(at(6, PING), at(12.1), at(32.1, REST[0])) == [(False, "no ping came in 20 s without content")]


def test_a_long_silence_warns():
    assert idle(at(2, PING), at(40)) == [
        (True, "no byte came for 38 s; clients and proxies give up after 20 to 60 s")
    ]


def test_a_pause_before_the_head_only_warns():
    assert idle(at(12.5), head=12.0) == [
        (True, "the response begins after 12 s, and no ping can come before it")
    ]


def test_without_a_pause_no_ping_was_due():
    with pytest.raises(NotTested, match="so no ping was due"):
        idle(at(0.2, PING), at(5))


@pytest.mark.parametrize("how", [Ending.CUT, Ending.RESET])
def test_a_stream_that_breaks_off_is_no_stream_without_a_pause(how):
    first = next(PROBES["idle"].run(Played(at(5), how=how, rest=[])))
    assert not first.warns


def test_an_error_event_is_a_failure():
    error = b'{"type":"error","error":{"type":"api_error","message":"no"}}'
    assert any(not warns for warns, _ in idle(at(6, PING), at(12), rest=[("error", error)]))


def long_text(deviate):
    with RightEndpoint(deviate) as endpoint:
        return inspector.probe(endpoint.url, key=KEY, only=["long-text"]).result("long-text")


def test_a_text_in_one_delta_warns():
    def in_one_delta(asked, reply):
        if "200 words" in asked.prompt:
            deltas = [event for event in reply.events if event["type"] == "content_block_delta"]
            deltas[0]["delta"]["text"] = "".join(event["delta"]["text"] for event in deltas)
            reply.events = [event for event in reply.events if event not in deltas[1:]]
        return reply

    result = long_text(in_one_delta)
    assert result.state is State.PASS
    assert "in 1 delta" in result.warnings[0].message


def test_a_short_answer_is_not_tested():
    def short(asked, reply):
        if "200 words" in asked.prompt:
            reply.events = [
                event
                for number, event in enumerate(reply.events)
                if event["type"] != "content_block_delta" or number < 6
            ]
        return reply

    assert "too few to judge" in long_text(short).reason


@pytest.mark.parametrize(("status", "said"), [(200, "it is ignored"), (400, "it is refused: 400")])
def test_an_unknown_field_may_be_ignored_or_refused(status, said):
    def deviate(asked, reply):
        if status == 400 and b"inspector_unknown_field" in asked.content:
            reply.events, reply.status = None, 400
            reply.body = {"type": "error", "error": {"type": "invalid_request_error", "message": "extra"}}
        return reply

    with RightEndpoint(deviate) as endpoint:
        result = inspector.probe(endpoint.url, key=KEY, only=["unknown-field"]).result("unknown-field")
    assert result.state is State.PASS
    assert said in result.reason


NOT_CALLED = [
    "tool",
    "tool-without-arguments",
    "text-and-tool",
    "parallel-tools",
    "thinking-round-trip",
    "idle",
]


def test_a_model_that_calls_no_tool_is_not_tested():
    def no_tools(asked, reply):
        if asked.body and asked.body.get("tools") and "messages" in asked.body and asked.stream:
            plain = type(asked)(
                asked.method, asked.path, asked.headers, asked.content.replace(b'"tools"', b'"x"')
            )
            reply.events = list(streamed(answer(plain)))
        return reply

    with RightEndpoint(no_tools) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY)
    states = {result.name: result.state for result in card.results}
    assert [name for name, state in states.items() if state is State.NOT_TESTED] == NOT_CALLED
    assert not card.failed


def test_what_an_endpoint_does_not_have_is_not_applicable():
    without = {"image": b'"image"', "document": b'"document"', "thinking": b'"thinking"'}

    def refuse(asked, reply):
        if asked.path != "/v1/messages":
            return error(404, "not_found_error")
        if any(word in asked.content for word in without.values()):
            return error(400, "invalid_request_error", "not here")
        return reply

    with RightEndpoint(refuse) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY)
    missing = {result.name for result in card.results if result.state is State.NOT_APPLICABLE}
    assert missing == {*without, "thinking-round-trip", "count-tokens", "models"}
    assert not card.failed
