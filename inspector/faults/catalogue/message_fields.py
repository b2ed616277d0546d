"""Faults of the message around its content: its first fields, its usage, how it says why it stopped."""

from __future__ import annotations

from collections.abc import Callable

from inspector.faults.edits import rewritten
from inspector.faults.parameters import choice, choices
from inspector.faults.payload_edits import (
    Payload,
    changed,
    event_of,
    events_of,
    frame,
    payload,
    reworded,
    spelt,
)
from inspector.faults.positions import Unfit, content_blocks, described, kind_of
from inspector.faults.registry import fault
from inspector.recording import Event, Recording

__all__ = ["start_fields", "stop", "usage"]


def _inner(value: Payload, name: str) -> Payload:
    inner = value.get(name)
    if not isinstance(inner, dict):
        raise Unfit(f"its {value.get('type')} has no {name}")
    return inner


@fault(
    "usage",
    choice("mode", "what is wrong with message_delta's", "drop", "null", "nest", "zero", "decrease"),
    incident="https://github.com/earendil-works/pi/issues/6567",
    sdk=(
        "drop, null, nest: AttributeError from messages.stream(), after all the text; create(stream=True)"
        " and zero, decrease: nothing"
    ),
    client="do without it",
)
def usage(recording: Recording, mode: str) -> Recording:
    """The final usage is missing, in the wrong place or wrong."""
    event = event_of(recording, "message_delta")
    value = payload(event)
    counts = _inner(value, "usage")
    if mode == "decrease":
        return _followed_by(recording, event, {**value, "usage": {**counts, "output_tokens": 0}})
    if mode == "drop":
        del value["usage"]
    elif mode == "null":
        value["usage"] = None
    elif mode == "nest":
        _inner(value, "delta")["usage"] = value.pop("usage")
    else:
        value["usage"] = {name: 0 if isinstance(each, int) else each for name, each in counts.items()}
    return rewritten(recording, [(event, reworded(event, spelt(value, event.block.data)))])


def _followed_by(recording: Recording, event: Event, value: Payload) -> Recording:
    return rewritten(recording, [(event, event.block.raw_bytes + frame(event.name, value))])


@fault(
    "start-fields",
    choices("fields", "which of them", "usage", "content", "id", "model", "role", "type"),
    incident="https://github.com/Alishahryar1/free-claude-code/issues/209",
    sdk=(
        "usage: AttributeError at message_delta; content: AttributeError at the first content block, both"
        " from messages.stream(); others: None"
    ),
    client="do without what it does not need",
)
def start_fields(recording: Recording, fields: str) -> Recording:
    """message_start lacks fields of its message."""

    def without(value: Payload) -> Payload:
        message = _inner(value, "message")
        for name in fields.split("+"):
            if message.pop(name, None) is None:
                raise Unfit(f"its message_start has no {name}")
        return value

    return changed(recording, events_of(recording, "message_start"), without)


@fault(
    "stop",
    choice(
        "mode",
        "null; an unknown word; tool_use without a tool; end_turn with one; erased by a second message_delta",
        "null",
        "unknown",
        "tool_use",
        "end_turn",
        "erase",
    ),
    incident="https://github.com/Wei-Shaw/sub2api/issues/3338",
    sdk="raises nothing: stop_reason is what came last, also None",
    client="go by the content: run a tool that is there whole, and treat None as failed",
)
def stop(recording: Recording, mode: str) -> Recording:
    """The stop_reason is missing, unknown, or not true."""
    event = event_of(recording, "message_delta")
    value = payload(event)
    delta = _inner(value, "delta")
    if mode == "erase":
        return _followed_by(recording, event, {**value, "delta": {**delta, "stop_reason": None}})
    if mode in _CHECKS:
        _CHECKS[mode](recording)
    delta["stop_reason"] = {"null": None, "unknown": "eos"}.get(mode, mode)
    return rewritten(recording, [(event, reworded(event, spelt(value, event.block.data)))])


def _has_tool(recording: Recording) -> bool:
    return "tool_use" in {kind_of(events) for events in content_blocks(recording).values()}


def _needs_tool(recording: Recording) -> None:
    if not _has_tool(recording):
        raise Unfit(f"that needs a tool_use block; {described(content_blocks(recording))}")


def _needs_none(recording: Recording) -> None:
    if _has_tool(recording):
        raise Unfit(f"that needs an answer without a tool_use block; {described(content_blocks(recording))}")


_CHECKS: dict[str, Callable[[Recording], None]] = {"end_turn": _needs_tool, "tool_use": _needs_none}
