"""Fixtures of aimock (https://github.com/CopilotKit/aimock): answers by what the request says.

A fixture has no events and no request: the recording's stream is made from the answer, and the condition
stands in the head as `match`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from inspector import _json
from inspector.formats.documents import Document
from inspector.formats.interaction import SAVED, Interaction, as_list, as_mapping
from inspector.formats.made_stream import stream_payloads
from inspector.recording import Absent

__all__ = ["claims", "interactions"]

_ABSENT = SAVED | {Absent.EVENTS, Absent.REQUEST, Absent.SPELLING}
_STOP_REASONS = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "length": "max_tokens",
    "content_filter": "refusal",
}
_ANSWERS = {"content", "toolCalls", "blocks"}


def claims(value: Any) -> bool:
    """Whether a document is a file of fixtures."""
    listed = as_mapping(value).get("fixtures")
    return isinstance(listed, list) and all(
        {"match", "response"} <= {*as_mapping(each)} for each in listed[:20]
    )


def interactions(documents: Iterator[Document]) -> Iterator[Interaction]:
    """Yield an exchange for each fixture. Fixtures of other endpoints have no response."""
    for line, value in documents:
        for number, fixture in enumerate(as_list(as_mapping(value).get("fixtures")), 1):
            yield _interaction(as_mapping(fixture), number, line)


def _interaction(fixture: Mapping[str, Any], number: int, line: int) -> Interaction:
    response = as_mapping(fixture.get("response"))
    match = as_mapping(fixture.get("match"))
    extra: dict[str, Any] = {"match": _json.copied(dict(match))} if match else {}
    total = as_mapping(fixture.get("recordedTimings")).get("totalDurationMs")
    if isinstance(total, int | float):
        extra["duration"] = round(total / 1000, 6)
    error = as_mapping(response.get("error"))
    endpoint = match.get("endpoint", "chat")
    if error:
        status = response.get("status")
        body = _error(error)
        return Interaction(
            line=line,
            url="/v1/messages",
            status=status if isinstance(status, int) else 500,
            response_headers=[("content-type", "application/json")],
            reads=[(0.0, body)],
            absent=_ABSENT,
            extra=extra,
        )
    if not (_ANSWERS & response.keys()) or endpoint != "chat" or "audio" in response:
        return Interaction(line=line, url=f"/{endpoint}", status=0, absent=_ABSENT)
    payloads = stream_payloads(_message(response, number), list(_content(response, number)))
    return Interaction(
        line=line,
        url="/v1/messages",
        response_headers=[("content-type", "text/event-stream")],
        payloads=[(0.0, payload) for payload in payloads],
        absent=_ABSENT if as_mapping(response.get("usage")) else _ABSENT | {Absent.USAGE},
        extra=extra,
    )


def _message(response: Mapping[str, Any], number: int) -> dict[str, Any]:
    usage = as_mapping(response.get("usage"))
    calls = bool(response.get("toolCalls")) or any(
        as_mapping(block).get("type") == "toolCall" for block in as_list(response.get("blocks"))
    )
    reason = response.get("finishReason") or ("tool_calls" if calls else "stop")
    return {
        "id": str(response.get("id") or f"msg_fixture_{number}"),
        "type": "message",
        "role": "assistant",
        "model": str(response.get("model") or "unknown"),
        "content": [],
        "stop_reason": _STOP_REASONS.get(reason, reason),
        "stop_sequence": None,
        "usage": {
            "input_tokens": _count(usage, "input_tokens", "prompt_tokens", "promptTokenCount"),
            "output_tokens": _count(usage, "output_tokens", "completion_tokens", "candidatesTokenCount"),
        },
    }


def _count(usage: Mapping[str, Any], *names: str) -> int:
    return next((usage[name] for name in names if isinstance(usage.get(name), int)), 0)


def _content(response: Mapping[str, Any], number: int) -> Iterator[dict[str, Any]]:
    if response.get("reasoning"):
        signature = str(response.get("reasoningSignature") or "")
        yield {"type": "thinking", "thinking": str(response["reasoning"]), "signature": signature}
    for data in as_list(response.get("redactedThinking")):
        yield {"type": "redacted_thinking", "data": str(data)}
    blocks = [as_mapping(block) for block in as_list(response.get("blocks"))]
    if not blocks:
        content = response.get("content")
        blocks = [{"type": "text", "text": content}] if content else []
        blocks += [{**as_mapping(call), "type": "toolCall"} for call in as_list(response.get("toolCalls"))]
    for place, block in enumerate(blocks, 1):
        if block.get("type") == "toolCall":
            yield {
                "type": "tool_use",
                "id": str(block.get("id") or f"toolu_fixture_{number}_{place}"),
                "name": str(block.get("name") or ""),
                "input": _arguments(block.get("arguments")),
            }
        else:
            yield {"type": "text", "text": _json.as_text(block.get("text", ""))}


def _arguments(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return _json.loads(value.encode("utf-8", "surrogatepass"))
        except ValueError:
            return {}
    return {} if value is None else value


def _error(error: Mapping[str, Any]) -> bytes:
    kind, message = error.get("type") or error.get("code") or "api_error", error.get("message") or ""
    return _json.dumps({"type": "error", "error": {"type": str(kind), "message": str(message)}})
