"""aimock's fixtures: the stream that each answer would have been."""

from __future__ import annotations

import io
import warnings

import pytest
from conftest import ROOT
from format_texts import aimock, json_text

from inspector.checker import report
from inspector.formats import load_all, recordings
from inspector.recording import Absent

FILES = sorted((ROOT.parent / "shared" / "formats").glob("aimock-[123].json"))


def test_text_thinking_tools_and_errors_become_messages():
    text, tool, error = recordings(io.BytesIO(json_text(aimock())))
    assert [block["type"] for block in text.message()["content"]] == ["thinking", "text"]
    assert text.message()["content"][1]["text"] == "Hello!"
    (call,) = tool.message()["content"]
    assert (call["name"], call["input"], tool.message()["stop_reason"]) == (
        "get_weather",
        {"city": "Oslo"},
        "tool_use",
    )
    assert error.response.status == 529
    assert error.body == b'{"type":"error","error":{"type":"api_error","message":"Overloaded"}}'


def test_the_condition_stands_in_the_head_and_what_is_made_up_is_marked():
    text, _, error = recordings(io.BytesIO(json_text(aimock())))
    assert text.head.extra["match"] == {"userMessage": "hello"}
    made = {Absent.EVENTS, Absent.REQUEST, Absent.SPELLING, Absent.TIMES, Absent.FRAMING, Absent.USAGE}
    assert made <= text.head.absent
    assert error.head.extra["match"] == {"model": "x"}


TEXT = {"type": "text", "text": "x"}
CALL = {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}
HIDDEN = {"type": "redacted_thinking", "data": "abc"}
TOOL = {"name": "f", "arguments": '{"a": 1}', "id": "t1"}


@pytest.mark.parametrize(
    ("response", "content"),
    [
        ({"content": {"a": 1}}, [{"type": "text", "text": '{"a":1}'}]),
        ({"content": "x", "redactedThinking": ["abc"]}, [HIDDEN, TEXT]),
        ({"content": "x", "toolCalls": [TOOL]}, [TEXT, CALL]),
        ({"blocks": [{"type": "toolCall", **TOOL}, TEXT]}, [CALL, TEXT]),
        ({"toolCalls": [{**TOOL, "arguments": "not JSON"}]}, [{**CALL, "input": {}}]),
    ],
)
def test_every_kind_of_content_is_read(response, content):
    (recording,) = recordings(io.BytesIO(json_text({"fixtures": [{"match": {}, "response": response}]})))
    assert recording.message()["content"] == content


def test_the_fields_of_the_answer_are_those_of_the_message():
    response = {
        "content": "x",
        "finishReason": "length",
        "model": "m",
        "id": "i",
        "usage": {"prompt_tokens": 3, "output_tokens": 4},
    }
    (recording,) = recordings(io.BytesIO(json_text({"fixtures": [{"match": {}, "response": response}]})))
    message = recording.message()
    assert (message["id"], message["model"], message["stop_reason"]) == ("i", "m", "max_tokens")
    assert (message["usage"]["input_tokens"], message["usage"]["output_tokens"]) == (3, 4)
    assert Absent.USAGE not in recording.head.absent


@pytest.mark.parametrize("source", [None, *FILES], ids=lambda path: path.name if path else "ours")
def test_the_streams_that_are_made_are_clean(source):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = load_all(source) if source else list(recordings(io.BytesIO(json_text(aimock()))))
    for recording in loaded:
        if recording.response.status == 200:
            assert [finding.rule for finding in report(recording).findings] == []
