"""Faults inside a tool call and inside thinking."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from inspector.faults.edits import rewritten
from inspector.faults.parameters import choice, count
from inspector.faults.payload_edits import Payload, changed, delta_of, frame, payload, reworded, spelt
from inspector.faults.positions import Unfit, content_blocks, described, kind_of
from inspector.faults.registry import fault
from inspector.protocol import TOOL_BLOCKS
from inspector.recording import Event, Recording

__all__ = ["thinking", "tool_json", "tool_shape"]

_BLOCK = count("block", "which content block, by its index; the first tool unless said", None)


def _block_of(recording: Recording, kinds: Collection[str], index: int | None) -> list[Event]:
    """Find the events of the first content block of these types, or of the one that is asked for."""
    blocks = content_blocks(recording)
    found = [
        events
        for number, events in blocks.items()
        if kind_of(events) in kinds and (index is None or number == index)
    ]
    if not found:
        which = "there is no" if index is None else f"content block {index} is no"
        what = "tool call" if "tool_use" in kinds else f"{', '.join(sorted(kinds))} block"
        raise Unfit(f"{which} {what}; {described(blocks)}")
    return found[0]


def _deltas(events: Sequence[Event], kind: str) -> list[Event]:
    found = [event for event in events if delta_of(event).get("type") == kind]
    if not found:
        raise Unfit(f"content block {events[0].data['index']} has no {kind}")
    return found


@fault(
    "tool-json",
    choice(
        "mode",
        "cut off; not JSON; a second object after it; an array; a lone surrogate",
        "truncate",
        "invalid",
        "trailing",
        "non-object",
        "surrogate",
    ),
    _BLOCK,
    count("keep", "truncate: how many characters are left; half of them unless said", None),
    incident="https://github.com/dust-tt/dust/pull/24414",
    sdk=(
        "truncate, trailing, non-object: raises nothing, input is what could be read, perhaps {}; "
        "messages.stream() raises for invalid: ValueError, for surrogate: UnicodeEncodeError"
    ),
    client="run no tool whose JSON is not one whole object",
)
def tool_json(recording: Recording, mode: str, block: int | None, keep: int | None) -> Recording:
    """The JSON of a tool's input is broken."""
    deltas = _deltas(_block_of(recording, TOOL_BLOCKS, block), "input_json_delta")
    parts = [str(delta_of(event).get("partial_json") or "") for event in deltas]
    whole = "".join(parts)
    if not whole.strip():
        raise Unfit(f"the tool in content block {deltas[0].data['index']} has no input; say block=")
    if mode == "truncate":
        return _truncated(recording, deltas, parts, len(whole) // 2 if keep is None else keep)
    new = _BROKEN[mode](parts)
    texts = dict(zip((event.number for event in deltas), new, strict=True))
    return rewritten(recording, [(event, _with_json(event, texts[event.number])) for event in deltas])


def _with_json(event: Event, text: str) -> bytes:
    value = payload(event)
    if value["delta"].get("partial_json") == text:
        return event.block.raw_bytes
    value["delta"]["partial_json"] = text
    return reworded(event, spelt(value, event.block.data))


def _truncated(recording: Recording, deltas: Sequence[Event], parts: Sequence[str], keep: int) -> Recording:
    if keep >= sum(map(len, parts)):
        raise Unfit(f"the tool's JSON has {sum(map(len, parts))} characters")
    changes = []
    for event, part in zip(deltas, parts, strict=True):
        changes.append((event, _with_json(event, part[:keep]) if keep > 0 or not part else b""))
        keep = max(keep - len(part), 0)
    return rewritten(recording, changes)


def _invalid(parts: Sequence[str]) -> list[str]:
    """The first value loses its quotation mark, or there is none and a comma is too many."""
    text = "".join(parts)
    colon = text.find(":")
    at = text.find('"', colon + 1) if colon >= 0 else -1
    return _edited(parts, at, at + 1, "") if at >= 0 else _edited(parts, len(text) - 1, len(text), ",,")


def _surrogate(parts: Sequence[str]) -> list[str]:
    text = "".join(parts)
    at = text.find('"', text.find(":") + 1) + 1
    return _edited(parts, at, at, "\ud83d")


def _edited(parts: Sequence[str], start: int, stop: int, new: str) -> list[str]:
    """Replace characters of the joined text, each part keeping the rest of its own."""
    found, at = [], 0
    for part in parts:
        first, last = max(start - at, 0), max(stop - at, 0)
        here = at <= start < at + len(part)
        found.append(part[:first] + (new if here else "") + part[last:] if here or last else part)
        at += len(part)
    return found


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
        "no input in its start; an input there already; no id; another tool's id",
        "no-input",
        "prefill",
        "no-id",
        "dup-id",
    ),
    _BLOCK,
    incident="https://github.com/ggml-org/llama.cpp/pull/22960",
    sdk="raises nothing: id is None, or two tools have the same; the input is what its deltas say",
    client="check what it is about to run",
)
def tool_shape(recording: Recording, mode: str, block: int | None) -> Recording:
    """A tool call's start lacks something, or has too much."""
    start = _block_of(recording, TOOL_BLOCKS, block)[0]
    tools = [events[0] for events in content_blocks(recording).values() if kind_of(events) in TOOL_BLOCKS]
    others = [each.data["content_block"].get("id") for each in tools if each.number != start.number]
    if mode == "dup-id" and not others:
        raise Unfit(f"that needs two tools; {described(content_blocks(recording))}")

    def shaped(value: Payload) -> Payload:
        tool = value["content_block"]
        if mode == "dup-id":
            tool["id"] = others[0]
        elif mode == "prefill":
            tool["input"] = {"prefilled": True}
        elif tool.pop(mode[3:], None) is None:
            raise Unfit(f"its content_block_start has no {mode[3:]}")
        return value

    return changed(recording, [start], shaped)


@fault(
    "thinking",
    choice(
        "mode",
        "no signature; it comes early, or twice; the text in `text`, or not there",
        "no-signature",
        "early",
        "double",
        "wrong-field",
        "omit-text",
    ),
    incident="https://github.com/InternLM/lmdeploy/pull/4851",
    sdk="raises nothing: signature is empty or the last; wrong-field: TypeError from messages.stream()",
    client="not send back thinking whose signature is missing",
)
def thinking(recording: Recording, mode: str) -> Recording:
    """A thinking block's signature or text is missing or misplaced."""
    events = _block_of(recording, {"thinking"}, None)
    if mode in ("wrong-field", "omit-text"):
        deltas = _deltas(events, "thinking_delta")
        return changed(recording, deltas, _misnamed if mode == "wrong-field" else lambda _: None)
    signature = _deltas(events, "signature_delta")[-1]
    raw = signature.block.raw_bytes
    if mode == "double":
        second = payload(signature)
        second["delta"]["signature"] = "c2Vjb25k"
        return rewritten(recording, [(signature, raw + frame(signature.name, second))])
    if mode == "no-signature":
        return rewritten(recording, [(signature, b"")])
    first = _deltas(events, "thinking_delta")[0]
    return rewritten(recording, [(first, raw + first.block.raw_bytes), (signature, b"")])


def _misnamed(value: Payload) -> Payload:
    value["delta"]["text"] = value["delta"].pop("thinking")
    return value
