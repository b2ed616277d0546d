"""What of a stream is missing in the final message that a client made of it.

Each content block that was sent is compared with the block of the final message that its start made. A client
appends a block for each start that it sees, whatever the index says, behind those of `message_start`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from inspector import _json
from inspector._json import as_object
from inspector.protocol import TOOL_BLOCKS
from inspector.recording import Event

__all__ = ["losses", "unusable", "whole_losses"]

_HOMES = {"text": "text", "thinking": "thinking", "signature": "thinking"}
"""The strings that are sent in pieces, and the type of the block that holds each."""
_LONG_NUMBER = re.compile(rb"[0-9]{19}")


@dataclass(slots=True)
class _Block:
    """A content block as it was sent.

    `index` is the stream's number for it, `place` its number in the final message: None if the client did
    not see its start. `is_unsigned` says that no delta has brought a signature. `parts` has the pieces of its
    strings and of its JSON, by field.
    """

    index: Any
    place: int | None
    start: Mapping[str, Any]
    is_open: bool = True
    is_unsigned: bool = True
    parts: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, value: Any) -> None:
        if isinstance(value, str):
            self.parts.setdefault(name, []).append(value)

    @property
    def type(self) -> str:
        return _string(self.start.get("type"))

    def __str__(self) -> str:
        number = self.index if self.place is None else self.place
        name = _string(self.start.get("name"))
        return f"tool {name} (block {number})" if name else f"the tool of block {number}"


class _Sent:
    """What a stream says, whatever the names of its events are, and whatever their order."""

    def __init__(self, events: Iterable[Event], hidden: Container[int]) -> None:
        self.blocks: list[_Block] = []
        self.output_tokens: Any = None
        self.has_usage = False
        self.messages = self._places = 0
        self._by_index: dict[int, _Block] = {}
        for event in events:
            data = _payload(event)
            if isinstance(data, dict):
                self._add(event.type or _string(data.get("type")), data, event.number not in hidden)

    @property
    def is_mixed(self) -> bool:
        """Whether a delta's index may mean another block to the client than to the server."""
        return self.messages > 1 or any(block.place != block.index for block in self.blocks)

    def _add(self, kind: str, data: Mapping[str, Any], seen: bool) -> None:
        match kind:
            case "message_start":
                self._start_message(as_object(data.get("message")), seen)
            case "message_delta":
                self._count(data.get("usage"))
            case "content_block_start":
                self._start(data.get("index"), as_object(data.get("content_block")), seen)
            case "content_block_delta":
                self._delta(data.get("index"), as_object(data.get("delta")))
            case "content_block_stop":
                block = self._known(data.get("index"))
                if block is not None:
                    block.is_open = False

    def _start_message(self, message: Mapping[str, Any], seen: bool) -> None:
        self.messages += 1
        self._by_index = {}
        is_first = self.messages == 1
        if is_first:
            self._count(message.get("usage"))
        content = message.get("content")
        for index, block in enumerate(content if isinstance(content, list) else ()):
            self._start(index, as_object(block), seen and is_first)
            self._by_index[index].is_open = False

    def _count(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self.has_usage = True
            self.output_tokens = usage.get("output_tokens", self.output_tokens)

    def _start(self, index: Any, start: Mapping[str, Any], seen: bool) -> None:
        block = _Block(index, self._places if seen else None, start)
        self._places += seen
        self.blocks.append(block)
        for name, home in _HOMES.items():
            if block.type == home:
                block.add(name, start.get(name))
        before = self._known(index)
        if isinstance(index, int) and not (before and before.is_open):
            self._by_index[index] = block

    def _delta(self, index: Any, delta: Mapping[str, Any]) -> None:
        block = self._known(index)
        if block is None:
            block = _Block(index, None, {})
            self.blocks.append(block)
        if block.is_unsigned and "signature" in delta:  # it takes the place of the start's
            block.is_unsigned = False
            block.parts.pop("signature", None)
        for name, home in _HOMES.items():
            if block.type == home or delta.get("type") == f"{name}_delta":
                block.add(name, delta.get(name))
        block.add("json", delta.get("partial_json"))

    def _known(self, index: Any) -> _Block | None:
        return self._by_index.get(index) if isinstance(index, int) else None


def losses(
    events: Iterable[Event], message: Mapping[str, Any], hidden: Container[int] = ()
) -> tuple[str, ...]:
    """Say in clauses where a final message differs from what was sent; empty if all of it is there.

    `hidden` has the numbers of the events that the client did not get.
    """
    sent = _Sent(events, hidden)
    content = message.get("content")
    kept = [as_object(block) for block in content] if isinstance(content, list) else []
    return (
        *(clause for name in _HOMES for clause in _strings(sent.blocks, kept, name)),
        *_tools(sent, kept),
        *_usage(sent, message.get("usage")),
        *_ending(message),
    )


def unusable(message: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in clauses what a final message lacks, whatever was sent."""
    return (*_usage(_Sent((), ()), message.get("usage")), *_ending(message))


def whole_losses(kind: str, message: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Say in clauses what a call without a stream returned, if it is no message: its class is `kind`."""
    if kind != "Message":
        return (f"{kind if kind == 'None' else f'a {kind}'}, not a Message",)
    type_ = (message or {}).get("type", "message")
    return (f'type is {_short(type_)}, not "message"',) if message and type_ != "message" else ()


def _strings(blocks: list[_Block], kept: list[dict[str, Any]], name: str) -> Iterator[str]:
    """Compare the pieces that were sent of one field with what each block holds."""
    total = lost = 0
    is_counted = True
    changed: list[int] = []
    for block in blocks:
        parts = block.parts.get(name, [])
        place = _place(block, kept)
        holder = {} if place is None else kept[place]
        is_home = holder.get("type") == _HOMES[name]
        held, sent = _string(holder.get(name)) if is_home else "", "".join(parts)
        total += len(sent)
        if place is None or _is_part(held, parts):
            lost += len(sent) - len(held)
        else:
            changed.append(place)
            is_counted = is_counted and held.startswith(sent)
    if lost:
        count = f"{lost} of {total} " if is_counted else ""
        yield f"{count}characters of {name} are {'not in their block' if changed else 'lost'}"
    for place in changed:
        yield f"the {name} of block {place} is not what was sent"


def _is_part(held: str, parts: list[str]) -> bool:
    """Whether a text is some of the pieces, in their order, or breaks off."""
    at = 0
    for part in parts:
        if held.startswith(part, at):
            at += len(part)
    return at == len(held) or "".join(parts).startswith(held)


def _place(block: _Block, kept: list[dict[str, Any]]) -> int | None:
    return block.place if block.place is not None and block.place < len(kept) else None


def _tools(sent: _Sent, kept: list[dict[str, Any]]) -> Iterator[str]:
    for block in sent.blocks:
        if block.type not in TOOL_BLOCKS:
            continue
        place = _place(block, kept)
        if place is None or _string(kept[place].get("type")) not in TOOL_BLOCKS:
            yield f"{block} is lost"
            continue
        value, text = kept[place].get("input"), "".join(block.parts.get("json", ()))
        wanted = block.start.get("input", {})
        if text.strip():
            try:
                wanted = json.loads(text, parse_constant=_refuse)
            except RecursionError:
                continue
            except ValueError as error:
                why = "which is not what was sent" if sent.is_mixed else f"from {_defect(error, text)}"
                yield f"{block} has the input {_short(value)}, {why}"
                continue
        if not _is_same(value, wanted):
            yield f"{block} has the input {_short(value)}, not {_short(wanted)}"


def _defect(error: ValueError, text: str) -> str:
    """Say what is wrong with JSON: it breaks off, or it goes wrong before its end."""
    if isinstance(error, json.JSONDecodeError) and (
        error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
    ):
        return "JSON that is not whole"
    return "text that is not valid JSON"


def _usage(sent: _Sent, usage: Any) -> Iterator[str]:
    if not isinstance(usage, dict):
        yield "usage is missing"
        return
    kept = usage.get("output_tokens")
    if kept is None:
        yield "usage has no output_tokens"
    elif sent.has_usage and str(kept) != str(sent.output_tokens) and kept != sent.output_tokens:
        yield f"output_tokens is {_short(kept)}, not {_short(sent.output_tokens)}"
    elif not isinstance(kept, int):
        yield f"output_tokens is {_short(kept)}"


def _ending(message: Mapping[str, Any]) -> Iterator[str]:
    if message.get("stop_reason") is None:
        yield "stop_reason is None"


def _payload(event: Event) -> Any:
    """Return the payload as the SDK's parser reads it: with all digits, and with NaN."""
    data = event.block.data or b""
    if event.valid and not _LONG_NUMBER.search(data):
        return event.data
    try:
        return json.loads(data.decode())
    except (ValueError, RecursionError):
        return event.data


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _text(value: Any) -> str:
    try:
        return _json.dumps_text(value)
    except (TypeError, ValueError, RecursionError):
        return str(type(value).__name__)


def _is_same(value: Any, other: Any) -> bool:
    try:
        return bool(value == other) or _text(value) == _text(other)
    except RecursionError:
        return _text(value) == _text(other)


def _short(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
