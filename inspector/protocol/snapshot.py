"""The Message so far: events folded the way the SDK's own accumulation folds them.

`Snapshot` follows `accumulate_event` of anthropic 2.11 (its beta form, which is the wider one), and is
checked against it in the tests. Where the SDK would crash on a broken stream, the snapshot leaves the
event out and goes on, so there is always something to show.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import jiter

from inspector.protocol.events import TOOL_BLOCKS

__all__ = ["Snapshot", "fold"]

_STOP_FIELDS = ("stop_reason", "stop_sequence", "stop_details")
_USAGE_FIELDS = (
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "server_tool_use",
    "output_tokens_details",
    "iterations",
    "fallback_credit",
)


def fold(events: Iterable[tuple[str | None, Any]]) -> dict[str, Any] | None:
    """Fold (event name, parsed payload) pairs into the final Message, a dict in the API's own shape.

    None where there was no `message_start`. Reading stops at an `error` event, as the SDK's does.
    """
    snapshot = Snapshot()
    for name, data in events:
        if name == "error":
            break
        snapshot.add(name, data)
    return snapshot.message


class Snapshot:
    """The Message so far; `add` events in order, read `message` at any time (None before it starts)."""

    __slots__ = ("_json", "_message", "_stale")

    def __init__(self) -> None:
        self._message: dict[str, Any] | None = None
        self._json: dict[int, list[str]] = {}
        self._stale: set[int] = set()

    @property
    def message(self) -> dict[str, Any] | None:
        """The Message as far as it has come; the same dict at every reading."""
        for index in self._stale:
            text = "".join(self._json[index])
            if self._message is not None and text:
                self._message["content"][index]["input"] = _partial(text)
        self._stale.clear()
        return self._message

    def add(self, name: str | None, data: Any) -> None:
        """Fold one event in. What the SDK skips (no name, `ping`) and what makes no sense changes nothing."""
        if name is None or name == "ping" or not isinstance(data, dict):
            return
        kind = data.get("type")
        if kind == "message_start":
            message = data.get("message")
            if self._message is None and isinstance(message, dict):
                self._message = copy.deepcopy(message)
                if not isinstance(message.get("content"), list):
                    self._message["content"] = []
        elif self._message is not None and isinstance(kind, str) and kind in _STEPS:
            _STEPS[kind](self, self._message, data)

    def _start_block(self, message: dict[str, Any], data: dict[str, Any]) -> None:
        block = data.get("content_block")
        if isinstance(block, dict):
            message["content"].append(copy.deepcopy(block))
            if block.get("type") == "fallback" and isinstance(block.get("to"), dict):
                message["model"] = block["to"].get("model", message.get("model"))

    def _delta(self, message: dict[str, Any], data: dict[str, Any]) -> None:
        index, delta = data.get("index"), data.get("delta")
        content = message["content"]
        if isinstance(index, int) and 0 <= index < len(content) and isinstance(delta, dict):
            block = content[index]
            if isinstance(block, dict):
                self._add_delta(index, block, delta)

    def _add_delta(self, index: int, block: dict[str, Any], delta: dict[str, Any]) -> None:
        match block.get("type"), delta.get("type"):
            case ("text", "text_delta") | ("thinking", "thinking_delta"):
                field = str(block["type"])
                before, text = block.get(field), delta.get(field)
                if isinstance(text, str):
                    block[field] = before + text if isinstance(before, str) else text
            case "text", "citations_delta":
                before = block.get("citations")
                block["citations"] = [*(before if isinstance(before, list) else ()), delta.get("citation")]
            case "thinking", "signature_delta":
                block["signature"] = delta.get("signature")
            case "compaction", "compaction_delta":
                block["content"] = delta.get("content")
                block["encrypted_content"] = delta.get("encrypted_content")
            case str(kind), "input_json_delta" if kind in TOOL_BLOCKS:
                self._json.setdefault(index, []).append(str(delta.get("partial_json") or ""))
                self._stale.add(index)

    def _message_delta(self, message: dict[str, Any], data: dict[str, Any]) -> None:
        delta, usage = data.get("delta"), data.get("usage")
        if isinstance(delta, dict):
            for field in _STOP_FIELDS:
                message[field] = delta.get(field)
            if delta.get("container") is not None:
                message["container"] = delta["container"]
        for field in ("context_management", "input_transformations"):
            if data.get(field) is not None:
                message[field] = data[field]
        if isinstance(usage, dict):
            kept = message.get("usage")
            kept = message["usage"] = kept if isinstance(kept, dict) else {}
            kept["output_tokens"] = usage.get("output_tokens")
            for field in _USAGE_FIELDS:
                if usage.get(field) is not None:
                    kept[field] = usage[field]


_STEPS = {
    "content_block_start": Snapshot._start_block,
    "content_block_delta": Snapshot._delta,
    "message_delta": Snapshot._message_delta,
}


def _partial(text: str) -> Any:
    """Parse a tool's JSON as far as it goes, as the SDK does; text that is no JSON comes back as it is."""
    try:
        return jiter.from_json(text.encode(), partial_mode=True)
    except ValueError:
        return text
