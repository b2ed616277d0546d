"""Fixtures of aimock (https://github.com/CopilotKit/aimock): the whole answer, and when to give it.

A fixture matches by the request's last user message: its text, or the tool call whose result it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from inspector import _json
from inspector.formats.interaction import as_list, as_mapping
from inspector.protocol.error_bodies import read_error
from inspector.recording import Recording

__all__ = ["fixtures"]

_REASONS = {"end_turn": "stop", "tool_use": "tool_calls", "max_tokens": "length", "refusal": "content_filter"}


def fixtures(recordings: Sequence[Recording]) -> bytes:
    """Return a file of fixtures, one for each recording with a response."""
    seen: Counter[str] = Counter()
    made = []
    for recording in recordings:
        response = _response(recording)
        if response is None:
            continue
        match = _match(recording)
        key = _json.dumps_text(match)
        if sum(_json.dumps_text(_match(each)) == key for each in recordings) > 1:
            match["sequenceIndex"] = seen[key]
        seen[key] += 1
        made.append({"match": match, "response": response})
    return _json.dumps_text({"fixtures": made}, indent=2).encode() + b"\n"


def _match(recording: Recording) -> dict[str, Any]:
    body = as_mapping(recording.request.json())
    for message in reversed(as_list(body.get("messages"))):
        if as_mapping(message).get("role") == "user":
            content = as_mapping(message).get("content")
            results = [each for each in as_list(content) if as_mapping(each).get("type") == "tool_result"]
            if results:
                return {"toolCallId": str(as_mapping(results[-1]).get("tool_use_id"))}
            text = content if isinstance(content, str) else _text_of(as_list(content))
            # aimock looks for the last text of the user, which stays the same after a tool's result.
            return {"userMessage": text, "hasToolResult": False} if text else {}
    return {}


def _text_of(content: list[Any]) -> str:
    return "".join(str(as_mapping(each).get("text") or "") for each in content)


def _response(recording: Recording) -> dict[str, Any] | None:
    response = recording.response
    if response is None:
        return None
    if response.status != 200:
        error = read_error(recording.body)
        return {
            "error": {"message": error.message, "type": error.type or "api_error"},
            "status": response.status,
        }
    message = recording.message()
    return None if message is None else _answer(message)


def _answer(message: Mapping[str, Any]) -> dict[str, Any]:
    blocks = [as_mapping(block) for block in as_list(message.get("content"))]
    thinking = [block for block in blocks if block.get("type") == "thinking"]
    redacted = [str(block.get("data")) for block in blocks if block.get("type") == "redacted_thinking"]
    reason = str(message.get("stop_reason"))
    answer: dict[str, Any] = {
        "id": message.get("id"),
        "model": message.get("model"),
        "finishReason": _REASONS.get(reason, reason),
        "usage": {
            name: count for name, count in as_mapping(message.get("usage")).items() if isinstance(count, int)
        },
    }
    if thinking:
        answer["reasoning"] = "".join(str(block.get("thinking") or "") for block in thinking)
        answer["reasoningSignature"] = str(thinking[-1].get("signature") or "")
    if redacted:
        answer["redactedThinking"] = redacted
    text = "".join(str(block.get("text") or "") for block in blocks if block.get("type") == "text")
    calls = [_call(block) for block in blocks if block.get("type") == "tool_use"]
    if text or not calls:
        answer["content"] = text
    if calls:
        answer["toolCalls"] = calls
    ordered = [_ordered(block) for block in blocks if block.get("type") in ("text", "tool_use")]
    if len(ordered) > 1:
        answer["blocks"] = ordered
    return answer


def _call(block: Mapping[str, Any]) -> dict[str, Any]:
    arguments = _json.dumps_text(block.get("input") or {})
    return {"name": block.get("name"), "arguments": arguments, "id": block.get("id")}


def _ordered(block: Mapping[str, Any]) -> dict[str, Any]:
    if block.get("type") == "text":
        return {"type": "text", "text": block.get("text") or ""}
    return {"type": "toolCall", **_call(block)}
