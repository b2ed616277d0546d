"""What was said becomes stars; what it is, stays; and the JSON of a tool stays JSON, however it is cut."""

from __future__ import annotations

import json
import math
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.redact import CONTENT, ContentMask
from inspector.redact.message_content import _Unfinished

REQUEST = {
    "model": "claude-haiku-5-5",
    "system": [{"type": "text", "text": "be kind", "cache_control": {"type": "ephemeral", "ttl": "5m"}}],
    "tools": [
        {
            "name": "find",
            "description": "finds it",
            "input_schema": {
                "type": "object",
                "properties": {"q": {"type": "string", "description": "what"}},
            },
        }
    ],
    "messages": [
        {"role": "user", "content": "hello"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {
                    "type": "tool_use",
                    "id": "toolu_1",
                    "name": "find",
                    "input": {"q": "me", "n": -12.5, "b": True},
                },
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "there"}]},
        {
            "role": "user",
            "content": [
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}}
            ],
        },
    ],
    "metadata": {"user_id": "u"},
}


def hidden(*content, of, how="request"):
    counts = Counter()
    text = json.dumps(of, ensure_ascii=False).encode()
    masked = getattr(ContentMask(content, counts), how)(text)
    assert len(masked) == len(text)
    assert set(counts) <= set(content)
    return json.loads(masked)


def test_prompts_are_hidden_and_nothing_else():
    masked = hidden("prompts", of=REQUEST)
    expected = json.loads(json.dumps(REQUEST))
    expected["system"][0]["text"] = "*" * 7
    expected["tools"][0]["description"] = "*" * 8
    expected["tools"][0]["input_schema"]["properties"]["q"]["description"] = "*" * 4
    user, assistant, result, image = expected["messages"]
    user["content"] = "*" * 5
    assistant["content"][0]["thinking"] = "**"
    result["content"][0]["content"] = "*" * 5
    image["content"][0]["source"]["data"] = "****"
    assert masked == expected


def test_signatures_and_inputs_of_tools_are_hidden_in_the_request_too():
    _, assistant, _, image = hidden("signatures", "tool-inputs", of=REQUEST)["messages"]
    thinking, tool = assistant["content"]
    assert (thinking["thinking"], thinking["signature"]) == ("hm", "****")
    assert tool["input"] == {"q": "**", "n": -11.1, "b": True}
    assert image["content"][0]["source"]["data"] == "iVBO"


RESULT = {"type": "web_search_result", "title": "T", "url": "https://h", "encrypted_content": "abc"}


def delta(kind, **members):
    return {"delta": {"type": f"{kind}_delta", **members}}


STOP = {"delta": {"stop_reason": "end_turn", "stop_details": None}}
REDACTED = {"content_block": {"type": "redacted_thinking", "data": "abc"}}
UNSTREAMED = {"content": [{"type": "tool_use", "id": "a", "input": {"x": ["y"]}}]}


@pytest.mark.parametrize(
    ("payload", "content", "expected"),
    [
        (delta("text", text="é\n"), "outputs", delta("text", text="****")),
        (delta("thinking", thinking="a"), "outputs", delta("thinking", thinking="*")),
        (delta("text", text="a"), "prompts", delta("text", text="a")),
        (delta("signature", signature="abc"), "signatures", delta("signature", signature="***")),
        (STOP, "outputs", STOP),
        (REDACTED, "signatures", {"content_block": {"type": "redacted_thinking", "data": "***"}}),
        ({"content_block": RESULT}, "outputs", {"content_block": {**RESULT, "title": "*", "url": "*" * 9}}),
        ({"content_block": RESULT}, "signatures", {"content_block": {**RESULT, "encrypted_content": "***"}}),
        (UNSTREAMED, "tool-inputs", {"content": [{"type": "tool_use", "id": "a", "input": {"x": ["*"]}}]}),
    ],
    ids=["text", "thinking", "others", "signature", "stop", "encrypted", "result", "its content", "whole"],
)
def test_a_response(payload, content, expected):
    assert hidden(content, of=payload, how="response") == expected


def test_the_message_that_a_stream_starts_with():
    message = {
        "id": "msg_1",
        "role": "assistant",
        "content": [{"type": "text", "text": "hi"}],
        "usage": {"a": 1},
    }
    masked = hidden(*CONTENT, of={"type": "message_start", "message": message}, how="response")["message"]
    assert masked == {**message, "content": [{"type": "text", "text": "**"}]}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def same_shape(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_shape(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same_shape, one, other))
    if isinstance(one, str):
        return set(other) <= {"*"}
    if isinstance(one, bool) or one is None:
        return other is one
    return math.isinf(other) or math.isclose(
        other, float(re.sub("[0-9]", "1", json.dumps(one))), rel_tol=1e-9
    )


@given(JSON, st.integers(1, 9), st.booleans())
def test_the_json_of_a_tool_stays_json_wherever_it_is_cut(value, size, is_ascii):
    whole = json.dumps({"x": value}, ensure_ascii=is_ascii)
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    unfinished = _Unfinished()
    masked = []
    for piece in pieces:
        text = json.dumps(piece, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")[1:-1]
        new = unfinished.masked(text)
        assert len(new) == len(text)
        masked.append(json.loads(b'"%b"' % new))
    assert same_shape({"x": value}, json.loads("".join(masked)))


def test_what_is_no_json_loses_its_letters_and_digits():
    text = b'{"type":"content_block_delta","delta":{"text":"a "b" 7"}'
    for content in ("outputs", "tool-inputs"):
        masked = ContentMask([content], Counter()).broken(text)
        assert len(masked) == len(text)
        assert not set(masked) & set(b"abtextype7")
    assert ContentMask(["prompts"], Counter()).broken(text) == text
    assert ContentMask(["outputs"], Counter()).broken(b"[DONE]") == b"[DONE]"
