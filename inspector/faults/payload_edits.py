"""Changing payloads: one event's JSON at a time, everything around it as it stood on the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from inspector import _json
from inspector.faults.edits import rewritten
from inspector.faults.positions import Unfit
from inspector.recording import Event, Recording

__all__ = ["Payload", "changed", "delta_of", "event_of", "events_of", "frame", "payload", "reworded", "spelt"]

Payload = dict[str, Any]

_PADDING = re.compile(rb"( *)\}$")


def payload(event: Event) -> Payload:
    """Parse an event's payload afresh, to be changed. Raises `Unfit` where it is no JSON object."""
    if not isinstance(event.data, dict):
        raise Unfit(f"event {event.number} is no JSON object")
    value: Payload = json.loads(event.block.data or b"")  # exact integers, and nobody else's dict
    return value


def spelt(value: Any, like: bytes | None = None) -> bytes:
    """Write a payload as the API does: compact, padded with as many blanks as `like`."""
    text = _json.dumps_text(value).encode()
    padding = _PADDING.search(like or b"")
    return text[:-1] + padding[1] + b"}" if padding and text.endswith(b"}") else text


def frame(name: str | None, data: Any) -> bytes:
    """Write an event: its name, None for no `event:` line, and its payload, bytes as they are."""
    line = b"" if name is None else b"event: %b\n" % name.encode()
    return line + b"data: %b\n\n" % (data if isinstance(data, bytes) else spelt(data))


def reworded(event: Event, data: bytes) -> bytes:
    """Write an event's block with another payload; in the plain form where its own had several lines."""
    raw, old = event.block.raw_bytes, event.block.data or b""
    if old and raw.count(old) == 1:
        return raw.replace(old, data)
    return frame(event.name, data)


def changed(
    recording: Recording, events: Iterable[Event], change: Callable[[Payload], Payload | None]
) -> Recording:
    """Change the payloads of events; where `change` returns None, the event is dropped."""

    def new(event: Event) -> bytes:
        value = change(payload(event))
        return b"" if value is None else reworded(event, spelt(value, event.block.data))

    return rewritten(recording, [(event, new(event)) for event in events])


def events_of(recording: Recording, kind: str) -> list[Event]:
    """Return the events of a type, in order. Raises `Unfit` where there is none."""
    found = [event for event in recording.events() if event.type == kind]
    if not found:
        raise Unfit(f"there is no {kind}")
    return found


def event_of(recording: Recording, kind: str) -> Event:
    """Return the last event of a type. Raises `Unfit` where there is none."""
    return events_of(recording, kind)[-1]


def delta_of(event: Event) -> Payload:
    """Return an event's delta, as it was parsed; empty where it has none."""
    delta = event.data.get("delta") if isinstance(event.data, dict) else None
    return delta if isinstance(delta, dict) else {}
