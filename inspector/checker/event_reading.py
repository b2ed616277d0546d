"""Reading an event's payload: the object, its `delta`, what is wrong with its fields, and what kind it is.

The events around the text of a message, such as the start and the stop of a content block, come in every
stream with the same bytes. So what is read of short ones is kept, for all recordings. Nobody changes it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from inspector._json import as_object
from inspector.checker.shapes import ShapeFault, find_faults
from inspector.protocol.event_payloads import kind_of
from inspector.recording.parsing import payload_of

__all__ = ["RECURRING", "EventReading", "read_object", "read_payload", "read_recurring"]

RECURRING = 112
"""How many bytes of payload may recur: a start of a text block has 80, and up to 16 blanks beside them."""


class EventReading(NamedTuple):
    """What an event says. The fields are those of `EventFacts`."""

    payload: dict[str, Any]
    delta: dict[str, Any]
    faults: tuple[ShapeFault, ...]
    kind: str | None


def read_payload(name: str | None, data: bytes) -> EventReading | None:
    """Read the payload of an event of this name; return None if it is not plainly an object."""
    try:
        payload = payload_of(data)
    except ValueError:
        return None
    return read_object(name, payload) if isinstance(payload, dict) else None


read_recurring = lru_cache(1024)(read_payload)
"""Read a payload of up to `RECURRING` bytes, or remember it."""


def read_object(name: str | None, payload: dict[str, Any]) -> EventReading:
    """Read a payload that is an object."""
    kind = payload.get("type")
    kind = kind if isinstance(kind, str) else name
    faults = find_faults(kind, payload) if kind else ()
    return EventReading(payload, as_object(payload.get("delta")), faults, kind_of(name, payload))
