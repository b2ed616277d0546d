"""Faults of the message around its content: its first fields, its usage, its stop reason."""

from __future__ import annotations

from inspector.faults.contents import (
    NotApplicableError,
    block_type,
    content_blocks,
    describe_blocks,
    events_of_type,
    last_of_type,
)
from inspector.faults.edits import Payload, frame, parsed_payload, rewritten, with_payload, with_payloads
from inspector.faults.parameters import choice, choices
from inspector.faults.registry import fault
from inspector.recording import Event, Recording

__all__ = ["start_fields", "stop", "usage"]


@fault(
    "usage",
    choice(
        "mode",
        "what is wrong with the usage of message_delta",
        {
            "drop": "it is missing",
            "null": "it is null",
            "nest": "it stands inside the delta",
            "zero": "all its counts are 0",
            "decrease": "a second message_delta sets output_tokens to 0",
        },
    ),
    incident="https://github.com/earendil-works/pi/issues/6567",
    client="not depend on it",
)
def usage(recording: Recording, mode: str) -> Recording:
    """The final usage is missing, in the wrong place, or wrong."""
    event = last_of_type(recording, "message_delta")
    payload = parsed_payload(event)
    counts = _member(payload, "usage")
    if mode == "decrease":
        return _with_second(recording, event, {**payload, "usage": {**counts, "output_tokens": 0}})
    if mode == "drop":
        del payload["usage"]
    elif mode == "null":
        payload["usage"] = None
    elif mode == "nest":
        _member(payload, "delta")["usage"] = payload.pop("usage")
    else:
        payload["usage"] = {name: 0 if isinstance(value, int) else value for name, value in counts.items()}
    return rewritten(recording, [(event, with_payload(event, payload))])


@fault(
    "start-fields",
    choices("fields", "the missing fields", "usage", "content", "id", "model", "role", "type"),
    incident="https://github.com/Alishahryar1/free-claude-code/issues/209",
    client="not depend on fields that it does not need",
)
def start_fields(recording: Recording, fields: str) -> Recording:
    """The message in message_start lacks fields."""

    def without(payload: Payload) -> Payload:
        message = _member(payload, "message")
        for name in fields.split("+"):
            if message.pop(name, None) is None:
                raise NotApplicableError(f"its message_start has no {name}")
        return payload

    return with_payloads(recording, events_of_type(recording, "message_start"), without)


@fault(
    "stop",
    choice(
        "mode",
        "what the stop_reason is",
        {
            "null": "null",
            "unknown": "a word that is not a stop reason",
            "tool_use": "tool_use, although there is no tool call",
            "end_turn": "end_turn, although there is a tool call",
            "erase": "null, by a second message_delta",
        },
    ),
    incident="https://github.com/Wei-Shaw/sub2api/issues/3338",
    client="go by the content: run a tool call that is complete, and treat None as failed",
)
def stop(recording: Recording, mode: str) -> Recording:
    """The stop_reason is missing, unknown, or not true."""
    event = last_of_type(recording, "message_delta")
    payload = parsed_payload(event)
    delta = _member(payload, "delta")
    if mode == "erase":
        return _with_second(recording, event, {**payload, "delta": {**delta, "stop_reason": None}})
    if mode in ("tool_use", "end_turn"):
        _check_tool(recording, wanted=mode == "end_turn")
    delta["stop_reason"] = {"null": None, "unknown": "eos"}.get(mode, mode)
    return rewritten(recording, [(event, with_payload(event, payload))])


def _check_tool(recording: Recording, *, wanted: bool) -> None:
    """Raise `NotApplicableError` if the stop reason would be true."""
    blocks = content_blocks(recording)
    if ("tool_use" in map(block_type, blocks.values())) is not wanted:
        needed = "a tool_use block" if wanted else "an answer without a tool_use block"
        raise NotApplicableError(f"that needs {needed}; {describe_blocks(blocks)}")


def _member(payload: Payload, name: str) -> Payload:
    member = payload.get(name)
    if not isinstance(member, dict):
        raise NotApplicableError(f"its {payload.get('type')} has no {name}")
    return member


def _with_second(recording: Recording, event: Event, payload: Payload) -> Recording:
    """Put another event of the same name behind an event."""
    return rewritten(recording, [(event, event.block.raw_bytes + frame(event.name, payload))])
