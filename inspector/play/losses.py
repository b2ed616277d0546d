"""What of a stream is missing in the final message that a client made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from inspector import _json
from inspector._json import as_object
from inspector.protocol import TOOL_BLOCKS
from inspector.recording import Event

__all__ = ["losses"]


@dataclass(slots=True)
class _Tool:
    """A tool call as it was sent: its content block, and the JSON of its input."""

    index: Any
    name: str
    input: Any
    parts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"tool {self.name} (block {self.index})" if self.name else f"the tool of block {self.index}"


class _Sent:
    """What a stream says, whatever the names of its events are, and whatever their order."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.text: list[str] = []
        self.thinking: list[str] = []
        self.tools: list[_Tool] = []
        self.output_tokens: Any = None
        self.has_usage = False
        self._open: dict[Any, _Tool] = {}
        for event in events:
            if isinstance(event.data, dict):
                self._add(event.type, event.data)

    def _add(self, kind: str | None, data: Mapping[str, Any]) -> None:
        match kind:
            case "message_start":
                self._count(as_object(data.get("message")).get("usage"))
            case "message_delta":
                self._count(data.get("usage"))
            case "content_block_start":
                self._start(data.get("index"), as_object(data.get("content_block")))
            case "content_block_delta":
                self._delta(data.get("index"), as_object(data.get("delta")))

    def _count(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self.has_usage = True
            self.output_tokens = usage.get("output_tokens", self.output_tokens)

    def _start(self, index: Any, block: Mapping[str, Any]) -> None:
        kind = block.get("type")
        if kind == "text":
            self.text.append(_string(block.get("text")))
        elif kind == "thinking":
            self.thinking.append(_string(block.get("thinking")))
        elif isinstance(kind, str) and kind in TOOL_BLOCKS:
            tool = _Tool(index, _string(block.get("name")), block.get("input"))
            self.tools.append(tool)
            if isinstance(index, int):
                self._open[index] = tool

    def _delta(self, index: Any, delta: Mapping[str, Any]) -> None:
        self.text.append(_string(delta.get("text")))
        self.thinking.append(_string(delta.get("thinking")))
        tool = self._open.get(index) if isinstance(index, int) else None
        if tool is not None:
            tool.parts.append(_string(delta.get("partial_json")))


def losses(events: Iterable[Event], message: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in clauses where a final message differs from what was sent; empty if all of it is there."""
    sent = _Sent(events)
    content = message.get("content")
    blocks = [as_object(block) for block in content] if isinstance(content, list) else []
    return (
        *_text(sent.text, blocks, "text"),
        *_text(sent.thinking, blocks, "thinking"),
        *_tools(sent.tools, [block for block in blocks if _string(block.get("type")) in TOOL_BLOCKS]),
        *_usage(sent, message.get("usage")),
        *_ending(message),
    )


def _text(parts: list[str], blocks: list[dict[str, Any]], kind: str) -> Iterator[str]:
    sent = "".join(parts)
    kept = "".join(_string(block.get(kind)) for block in blocks if block.get("type") == kind)
    if len(kept) < len(sent):
        yield f"{len(sent) - len(kept)} of {len(sent)} characters of {kind} are lost"
    elif kept != sent:
        yield f"the {kind} is not what was sent"


def _tools(sent: list[_Tool], kept: list[dict[str, Any]]) -> Iterator[str]:
    for number, tool in enumerate(sent):
        if number >= len(kept):
            yield f"{tool} is lost"
            continue
        value, text = kept[number].get("input"), "".join(tool.parts)
        try:
            wanted = _json.loads(text.encode("utf-8", "replace")) if text.strip() else tool.input or {}
        except ValueError:
            yield f"{tool} has the input {_short(value)}, from JSON that is not whole"
            continue
        if value != wanted:
            yield f"{tool} has the input {_short(value)}, not {_short(wanted)}"


def _usage(sent: _Sent, usage: Any) -> Iterator[str]:
    if not isinstance(usage, dict):
        yield "usage is missing"
    elif not isinstance(usage.get("output_tokens"), int):
        yield "usage has no output_tokens"
    elif sent.has_usage and usage.get("output_tokens") != sent.output_tokens:
        yield f"output_tokens is {usage.get('output_tokens')}, not {sent.output_tokens}"


def _ending(message: Mapping[str, Any]) -> Iterator[str]:
    if message.get("stop_reason") is None:
        yield "stop_reason is None"


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _short(value: Any) -> str:
    try:
        text = _json.dumps_text(value)
    except (TypeError, ValueError, RecursionError):
        text = str(type(value).__name__)
    return text if len(text) <= 40 else f"{text[:39]}…"
