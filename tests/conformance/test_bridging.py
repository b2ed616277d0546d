"""What a bridge made of an answer: a bridge that loses nothing, and bridges with one fault each."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from every_recording import RECORDINGS
from openai_client import openai, streamed

from inspector.conformance.bridging import bridge_differences
from inspector.conformance.through.material import with_cached_tokens
from inspector.play.streamed_message import streamed_message
from inspector.recording import End, Ending, Head, Recording, Request, Response, TimedBlock

STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
ANSWERED = [
    "citations", "context_window", "fallback", "hello", "max_tokens", "pause_turn", "prefilled", "refusal",
    "stop_sequence", "thinking", "tool_session.jsonl#2", "tool_use", "tools_parallel", "unicode",
    "web_search",
]  # fmt: skip


def answered(body, status=200, headers=None):
    """The recording of a JSON answer."""
    response = Response(0.1, status, {"content-type": "application/json", **(headers or {})})
    block = TimedBlock(0.2, None, None, json.dumps(body).encode())
    return Recording(Head("", Request(), response), (block,), End(0.2, Ending.COMPLETE))


def bridged(recording):
    """The Message that a bridge makes of what the openai package reads."""
    text, _, calls, reason, usage = streamed(recording)
    tools = [{"type": "tool_use", "id": i, "name": name, "input": value} for i, name, value in calls]
    cached = usage.prompt_tokens_details.cached_tokens
    return {
        "type": "message",
        "content": [{"type": "text", "text": text}, *tools],
        "stop_reason": STOP_REASONS[reason],
        "usage": {
            "input_tokens": usage.prompt_tokens - cached,
            "cache_read_input_tokens": cached,
            "output_tokens": usage.completion_tokens,
        },
    }


def said(behind, front):
    return [each.message for each in bridge_differences(RECORDINGS[behind], front) if not each.warns]


@pytest.mark.parametrize("name", ANSWERED)
@pytest.mark.parametrize("form", [lambda front: front, streamed_message], ids=["whole", "stream"])
def test_a_bridge_that_reads_with_the_openai_package_loses_nothing(name, form):
    assert said(name, form(answered(bridged(RECORDINGS[name])))) == []


def test_cached_tokens_that_are_counted_twice_are_named():
    behind = with_cached_tokens()
    right = bridged(behind)
    assert [*bridge_differences(behind, answered(right))] == []
    twice = right["usage"] | {"input_tokens": right["usage"]["input_tokens"] + 300}
    (difference,) = bridge_differences(behind, answered(right | {"usage": twice}))
    assert difference.message == "the 300 tokens out of the cache are counted twice"
    assert not difference.warns


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        (
            "hello",
            {"stop_reason": "max_tokens"},
            'the stop reason is "max_tokens", not compaction or end_turn',
        ),
        ("hello", {"stop_reason": None}, "the stop reason is null"),
        ("hello", {"content": []}, "the text is not the upstream's: 0 characters"),
        ("hello", {"usage": {"input_tokens": 0, "output_tokens": 2}}, "the input is 0 tokens, not "),
        ("hello", {"usage": {}}, "the output is 0 tokens, not "),
        ("tools_parallel", {"content": []}, "0 tool calls arrive, not 3"),
    ],
)
def test_what_a_bridge_loses_is_said(name, change, expected):
    sentences = said(name, answered(bridged(RECORDINGS[name]) | change))
    assert any(expected in sentence for sentence in sentences), sentences


def test_a_lost_character_is_named():
    message = bridged(RECORDINGS["unicode"])
    message["content"][0]["text"] = message["content"][0]["text"].replace("\u2028", "")
    [sentence] = said("unicode", answered(message))
    assert sentence.endswith("is 'o', not U+2028"), sentence


def test_a_tool_input_that_waits_for_its_end_is_a_warning():
    front = streamed_message(answered(bridged(RECORDINGS["tools_parallel"])))
    warnings = [*bridge_differences(RECORDINGS["tools_parallel"], front)]
    assert [each.message for each in warnings] == [
        "the input of tool call 1 arrives in 1 delta; the upstream sent 4",
        "the input of tool call 2 arrives in 1 delta; the upstream sent 6",
    ]
    assert all(each.warns and each.event.data["delta"]["partial_json"] for each in warnings)
    assert [*bridge_differences(RECORDINGS["tools_parallel"], RECORDINGS["tools_parallel"])] == []


def test_a_changed_tool_call_is_said():
    message = bridged(RECORDINGS["tools_parallel"])
    message["content"][1]["input"] = {"date": "today"}
    message["content"][2]["name"] = "other"
    assert said("tools_parallel", answered(message)) == [
        "the input of tool call 1 (get_calendar) is not the upstream's",
        'tool call 2 is of "other", not get_weather',
    ]


def test_tokens_of_the_cache_that_are_counted_twice_are_said():
    usage = {"input_tokens": 10, "cache_read_input_tokens": 30, "output_tokens": 5}
    behind = answered({**bridged(RECORDINGS["hello"]), "usage": usage})
    front = answered({**bridged(RECORDINGS["hello"]), "usage": {**usage, "input_tokens": 40}})
    [difference] = bridge_differences(behind, front)
    assert difference.message == "the 30 tokens out of the cache are counted twice"


@pytest.mark.parametrize("name", ["broken/cut_text", "broken/cut_tool", "broken/reset", "error_mid_stream"])
def test_a_broken_answer_that_becomes_a_success_is_said(name):
    behind = RECORDINGS[name]
    message = {**behind.message(), "stop_reason": "end_turn"}
    front = streamed_message(answered(message))
    [first, *_] = bridge_differences(behind, front)
    assert first.message.endswith('becomes a whole message, with the stop reason "end_turn"')
    assert first.event.type == "message_stop"


@pytest.mark.parametrize("name", ["broken/cut_text", "broken/cut_tool", "broken/reset", "error_mid_stream"])
def test_a_broken_answer_that_stays_broken_is_right(name):
    assert said(name, RECORDINGS[name]) == []


def test_an_error_event_must_come_and_have_its_shape():
    behind = RECORDINGS["error_mid_stream"]
    *blocks, error = behind.blocks
    assert said("error_mid_stream", replace(behind, blocks=tuple(blocks))) == [
        "an error within the stream is lost: no error event comes"
    ]
    bad = TimedBlock(error.t, "error", b'{"error":"Overloaded"}')
    [sentence] = said("error_mid_stream", replace(behind, blocks=(*blocks, bad)))
    assert sentence.startswith("the error event is not")


def test_text_that_the_upstream_did_not_send_is_said():
    message = {**RECORDINGS["broken/cut_text"].message(), "stop_reason": None}
    message["content"] = [{"type": "text", "text": "Sorry."}]
    assert "the answer has text that the upstream did not send" in said("broken/cut_text", answered(message))


@pytest.mark.parametrize(
    ("name", "status", "type_", "expected"),
    [
        ("error_401", 401, "authentication_error", []),
        ("error_529", 529, "overloaded_error", []),
        ("error_529", 503, "api_error", []),
        ("error_529", 500, "api_error", ["the upstream's error 529 becomes 500"]),
        ("error_401", 401, "api_error", ['the error\'s type is "api_error", not authentication_error']),
        ("error_401", 200, "authentication_error", ["the upstream's error 401 does not arrive as an error"]),
    ],
)
def test_errors_keep_their_status_and_their_type(name, status, type_, expected):
    error = {"type": "error", "error": {"type": type_, "message": "no"}}
    assert said(name, answered(error, status)) == expected


def test_a_lost_retry_after_and_a_misshapen_body_are_said():
    error = {"error": {"type": "rate_limit_error", "message": "no"}}
    wait = RECORDINGS["error_429"].response.headers["retry-after"]
    lost, shape = said("error_429", answered(error, 429))
    assert lost == f"the upstream's retry-after: {wait} is lost"
    assert shape.startswith("the error's body is not")
    assert len(said("error_429", answered(error, 429, {"retry-after": wait}))) == 1


def test_the_reference_bridge_cannot_read_half_of_a_tool_call():
    with pytest.raises((json.JSONDecodeError, openai.APIError)):
        streamed(RECORDINGS["broken/cut_tool"])


def test_the_error_event_of_a_bridge_is_quoted_without_secrets():
    key = "sk-ant-api03-" + "Ab1" * 31 + "-AAAAAAAA"
    value = {"type": "error", "error": {"type": "api_error", "message": f"no tool for {key}"}}
    response = Response(0.1, 200, {"content-type": "text/event-stream"})
    block = TimedBlock(0.2, "error", json.dumps(value).encode())
    front = Recording(Head("", Request(), response), (block,), End(0.2, Ending.COMPLETE))
    (difference,) = bridge_differences(RECORDINGS["hello"], front)
    assert 'message; its error event says "api_error: no tool for sk-ant-' in difference.message
    assert key not in difference.message
    assert difference.event.type == "error"
