"""Faults inside a tool call and inside thinking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from inspector.faults.contents import (
    NotApplicableError,
    block_type,
    content_blocks,
    delta_of,
    describe_blocks,
)
from inspector.faults.edits import Payload, frame, parsed_payload, rewritten, with_payload, with_payloads
from inspector.faults.parameters import choice, count
from inspector.faults.registry import fault
from inspector.protocol import TOOL_BLOCKS
from inspector.recording import Event, Recording

__all__ = ["thinking", "tool_json", "tool_shape"]

_BLOCK = count("block", "the index of the content block; default: the first tool call", None)


def _find_block(blocks: Mapping[int, list[Event]], types: Collection[str], index: int | None) -> list[Event]:
    """Return the events of the first content block of these types, or of the one with this index."""
    for number, events in blocks.items():
        if block_type(events) in types and (index is None or number == index):
            return events
    wanted = "tool call" if "tool_use" in types else f"{', '.join(sorted(types))} block"
    problem = f"it has no {wanted}" if index is None else f"content block {index} is not a {wanted}"
    raise NotApplicableError(f"{problem}; {describe_blocks(blocks)}")


def _deltas(events: Sequence[Event], type_: str) -> list[Event]:
    deltas = [event for event in events if delta_of(event).get("type") == type_]
    if not deltas:
        raise NotApplicableError(f"content block {events[0].data['index']} has no {type_}")
    return deltas


@fault(
    "tool-json",
    choice(
        "mode",
        "what is wrong with the JSON",
        {
            "truncate": "its end is missing",
            "invalid": "it is not JSON",
            "trailing": "a second object follows it",
            "non-object": "it is an array",
            "surrogate": "it contains a lone surrogate",
        },
    ),
    _BLOCK,
    count("keep", "truncate: how many characters are left; default: half", None),
    incident="https://github.com/dust-tt/dust/pull/24414",
    client="run no tool whose JSON is not one complete object",
)
def tool_json(recording: Recording, mode: str, block: int | None, keep: int | None) -> Recording:
    """The JSON of a tool's input is broken."""
    events = _find_block(content_blocks(recording), TOOL_BLOCKS, block)
    deltas = _deltas(events, "input_json_delta")
    parts = [str(delta_of(event).get("partial_json") or "") for event in deltas]
    whole = "".join(parts)
    if not whole.strip():
        index = deltas[0].data["index"]
        raise NotApplicableError(f"the tool in content block {index} has no input; set block= to another")
    if mode == "truncate":
        return _truncated(recording, deltas, parts, len(whole) // 2 if keep is None else keep)
    broken = zip(deltas, _BROKEN[mode](parts), strict=True)
    return rewritten(recording, [(event, _with_json(event, part)) for event, part in broken])


def _with_json(event: Event, part: str) -> bytes:
    payload = parsed_payload(event)
    if payload["delta"].get("partial_json") == part:
        return event.block.raw_bytes
    payload["delta"]["partial_json"] = part
    return with_payload(event, payload)


def _truncated(recording: Recording, deltas: Sequence[Event], parts: Sequence[str], keep: int) -> Recording:
    size = sum(map(len, parts))
    if keep >= size:
        raise NotApplicableError(f"the tool's JSON has {size} characters")
    changes = []
    for event, part in zip(deltas, parts, strict=True):
        changes.append((event, _with_json(event, part[:keep]) if keep > 0 or not part else b""))
        keep = max(keep - len(part), 0)
    return rewritten(recording, changes)


def _invalid(parts: Sequence[str]) -> list[str]:
    """Remove the first value's opening quote. If there is none, replace the last character by commas."""
    whole = "".join(parts)
    colon = whole.find(":")
    at = whole.find('"', colon + 1) if colon >= 0 else -1
    return _replaced(parts, at, at + 1, "") if at >= 0 else _replaced(parts, len(whole) - 1, len(whole), ",,")


def _surrogate(parts: Sequence[str]) -> list[str]:
    whole = "".join(parts)
    at = whole.find('"', whole.find(":") + 1) + 1
    return _replaced(parts, at, at, "\ud83d")


def _replaced(parts: Sequence[str], start: int, stop: int, new: str) -> list[str]:
    """Replace characters of the joined text. Each part keeps the rest of its own."""
    made, at = [], 0
    for part in parts:
        first, last = max(start - at, 0), max(stop - at, 0)
        here = at <= start < at + len(part)
        made.append(part[:first] + (new if here else "") + part[last:] if here or last else part)
        at += len(part)
    return made


_BROKEN = {
    "invalid": _invalid,
    "trailing": lambda parts: [*parts[:-1], parts[-1] + '{"a":1}'],
    "non-object": lambda parts: ["[1, 2]", *[""] * (len(parts) - 1)],
    "surrogate": _surrogate,
}


@fault(
    "tool-shape",
    choice(
        "mode",
        "what is wrong with content_block_start",
        {
            "no-input": "it has no input",
            "prefill": "it has an input already",
            "no-id": "it has no id",
            "dup-id": "it has the id of another tool call",
        },
    ),
    _BLOCK,
    incident="https://github.com/ggml-org/llama.cpp/pull/22960",
    client="check a tool call before it runs",
)
def tool_shape(recording: Recording, mode: str, block: int | None) -> Recording:
    """The start of a tool call lacks something, or has too much."""
    blocks = content_blocks(recording)
    start = _find_block(blocks, TOOL_BLOCKS, block)[0]
    tools = [events[0] for events in blocks.values() if block_type(events) in TOOL_BLOCKS]
    others = [each.data["content_block"].get("id") for each in tools if each.number != start.number]
    if mode == "dup-id" and not others:
        raise NotApplicableError(f"that needs two tool calls; {describe_blocks(blocks)}")

    def changed(payload: Payload) -> Payload:
        tool = payload["content_block"]
        if mode == "dup-id":
            tool["id"] = others[0]
        elif mode == "prefill":
            tool["input"] = {"prefilled": True}
        elif tool.pop(mode.removeprefix("no-"), None) is None:
            raise NotApplicableError(f"its content_block_start has no {mode.removeprefix('no-')}")
        return payload

    return with_payloads(recording, [start], changed)


@fault(
    "thinking",
    choice(
        "mode",
        "what is wrong",
        {
            "no-signature": "there is no signature",
            "early": "the signature comes before the text",
            "double": "a second signature follows",
            "wrong-field": "the text is in the field `text`",
            "omit-text": "there is no text",
        },
    ),
    incident="https://github.com/InternLM/lmdeploy/pull/4851",
    client="not send back thinking that has no signature",
)
def thinking(recording: Recording, mode: str) -> Recording:
    """The signature or the text of a thinking block is missing or misplaced."""
    events = _find_block(content_blocks(recording), {"thinking"}, None)
    if mode in ("wrong-field", "omit-text"):
        deltas = _deltas(events, "thinking_delta")
        return with_payloads(recording, deltas, _misnamed if mode == "wrong-field" else lambda _: None)
    signature = _deltas(events, "signature_delta")[-1]
    raw = signature.block.raw_bytes
    if mode == "double":
        second = parsed_payload(signature)
        second["delta"]["signature"] = "c2Vjb25k"
        return rewritten(recording, [(signature, raw + frame(signature.name, second))])
    if mode == "no-signature":
        return rewritten(recording, [(signature, b"")])
    first = _deltas(events, "thinking_delta")[0]
    return rewritten(recording, [(first, raw + first.block.raw_bytes), (signature, b"")])


def _misnamed(payload: Payload) -> Payload:
    payload["delta"]["text"] = payload["delta"].pop("thinking")
    return payload
