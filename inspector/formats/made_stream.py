"""The stream that a whole message would have been: for sources that keep messages and no events.

Such a recording says that its events are made (`Absent.EVENTS`). Each content block has one delta.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inspector import _json

__all__ = ["stream_payloads"]

_DELTAS = {
    "text": ("text", "text_delta", "text"),
    "thinking": ("thinking", "thinking_delta", "thinking"),
}
"""For a type of content block: its member, and the delta that fills it."""


_OF_THE_END = ("stop_details", "container")  # what message_delta may bring besides


def stream_payloads(message: Mapping[str, Any], content: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """Return the payloads of a stream for a message with these content blocks, in order."""
    return [_json.dumps(event) for event in _events(message, content)]


def _events(message: Mapping[str, Any], content: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    begun = {**message, "content": [], "stop_reason": None, "stop_sequence": None}
    yield {"type": "message_start", "message": begun}
    for index, block in enumerate(content):
        yield from _block_events(index, block)
    delta = {"stop_reason": message.get("stop_reason"), "stop_sequence": message.get("stop_sequence")}
    delta |= {name: message[name] for name in _OF_THE_END if message.get(name)}
    yield {"type": "message_delta", "delta": delta, "usage": message.get("usage") or {"output_tokens": 0}}
    yield {"type": "message_stop"}


def _block_events(index: int, block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    started, deltas = dict(block), []
    kind = block.get("type")
    if kind in _DELTAS:
        member, delta, name = _DELTAS[kind]
        started[member] = ""
        deltas.append({"type": delta, name: block.get(member) or ""})
        if kind == "thinking":
            started["signature"] = ""
            deltas.append({"type": "signature_delta", "signature": block.get("signature") or ""})
    elif kind == "tool_use":
        started["input"] = {}
        text = _json.dumps_text(block.get("input") or {})
        deltas.append({"type": "input_json_delta", "partial_json": text})
    yield {"type": "content_block_start", "index": index, "content_block": started}
    for each in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": each}
    yield {"type": "content_block_stop", "index": index}
