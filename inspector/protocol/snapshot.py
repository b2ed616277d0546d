"""The Message so far: events folded the way the SDK's own accumulation folds them.

`Snapshot` follows `accumulate_event` of anthropic 2.11 (its beta form, which covers more), and the tests
compare the two. If an event would crash the SDK, the snapshot leaves it out and goes on, so there is always
something to show.

Cost is linear in the deltas: their text is kept as pieces, and joined when the Message is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jiter

from inspector import _json
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

    Return None if there is no `message_start`. Stop at an `error` event, as the SDK does.
    """
    snapshot = Snapshot()
    for name, data in events:
        if name == "error":
            break
        snapshot.add(name, data)
    return snapshot.message


class Snapshot:
    """The Message so far; `add` events in order, read `message` at any time (None before it starts)."""

    __slots__ = ("_json", "_message", "_new_json", "_new_text", "missing")

    def __init__(self) -> None:
        self._message: dict[str, Any] | None = None
        self.missing: int | None = None
        """The index of the last delta's content block, if no such block has started; else None."""
        # All pieces of each tool's JSON, by block. A piece alone says nothing, so all are parsed again.
        self._json: dict[int, list[str]] = {}
        # What came since `message` was read last: blocks with new JSON, and new text by block and field.
        self._new_json: set[int] = set()
        self._new_text: dict[tuple[int, str], list[str]] = {}

    @property
    def message(self) -> dict[str, Any] | None:
        """The Message as far as it has come; the same dict every time."""
        if self._message is not None:
            content = self._message["content"]
            for (index, field), pieces in self._new_text.items():
                before = content[index].get(field)
                content[index][field] = "".join([before, *pieces] if isinstance(before, str) else pieces)
            for index in self._new_json:
                text = "".join(self._json[index])
                if text:
                    content[index]["input"] = _partial(text)
        self._new_text.clear()
        self._new_json.clear()
        return self._message

    def add(self, name: str | None, data: Any) -> None:
        """Fold one event in. Events that the SDK skips (no name, `ping`) or cannot use change nothing."""
        if name is None or name == "ping" or not isinstance(data, dict):
            return
        kind = data.get("type")
        if kind == "message_start":
            message = data.get("message")
            if self._message is None and isinstance(message, dict):
                self._message = _json.copied(message)
                if not isinstance(message.get("content"), list):
                    self._message["content"] = []
        elif self._message is not None and isinstance(kind, str) and kind in _STEPS:
            _STEPS[kind](self, self._message, data)

    def _start_block(self, message: dict[str, Any], data: dict[str, Any]) -> None:
        block = data.get("content_block")
        if isinstance(block, dict):
            message["content"].append(_json.copied(block))
            if block.get("type") == "fallback" and isinstance(block.get("to"), dict):
                message["model"] = block["to"].get("model", message.get("model"))

    def _delta(self, message: dict[str, Any], data: dict[str, Any]) -> None:
        index, delta = data.get("index"), data.get("delta")
        content = message["content"]
        self.missing = None
        if isinstance(index, int) and index >= len(content):
            self.missing = index
        elif isinstance(index, int) and index >= 0 and isinstance(delta, dict):
            block = content[index]
            if isinstance(block, dict):
                self._add_delta(index, block, delta)

    def _add_delta(self, index: int, block: dict[str, Any], delta: dict[str, Any]) -> None:
        match block.get("type"), delta.get("type"):
            case ("text", "text_delta") | ("thinking", "thinking_delta"):
                field = str(block["type"])
                text = delta.get(field)
                if isinstance(text, str):
                    # Not `block[field] += text`: that copies the whole text for each delta.
                    self._new_text.setdefault((index, field), []).append(text)
            case "text", "citations_delta":
                if not isinstance(block.get("citations"), list):
                    block["citations"] = []
                block["citations"].append(delta.get("citation"))
            case "thinking", "signature_delta":
                block["signature"] = delta.get("signature")
            case "compaction", "compaction_delta":
                block["content"] = delta.get("content")
                block["encrypted_content"] = delta.get("encrypted_content")
            case str(kind), "input_json_delta" if kind in TOOL_BLOCKS:
                text = delta.get("partial_json")
                if isinstance(text, str):
                    self._json.setdefault(index, []).append(text)
                    self._new_json.add(index)

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
    """Parse a tool's JSON as far as it goes, as the SDK does; return text that is not JSON as it is."""
    try:
        return jiter.from_json(text.encode(), partial_mode=True)
    except ValueError:
        return text
