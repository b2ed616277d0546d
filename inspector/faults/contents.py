"""What a recording contains, as faults look for it: events, their types, content blocks.

`event_places` parses no payload, so it suits positions such as `@ev:N`. Everything else here parses all
payloads, which takes most of a fault's time: call it once per fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from inspector import _json
from inspector.recording import Event, Recording, TimedBlock, events

__all__ = [
    "EventPlace",
    "NotApplicableError",
    "block_type",
    "content_blocks",
    "delta_of",
    "describe_blocks",
    "event_numbered",
    "event_places",
    "event_types",
    "events_of_type",
    "last_of_type",
]


class NotApplicableError(Exception):
    """The recording lacks what a fault needs; the message says what the recording has instead.

    `inspector.faults.apply` raises it as an `InapplicableFaultError` that names the fault and the recording.
    """


class EventPlace(NamedTuple):
    """Where an event stands: its number, counted from 1, the offset of its block in the body, the block."""

    number: int
    offset: int
    block: TimedBlock

    @property
    def end(self) -> int:
        """The offset of the first byte after the block."""
        return self.offset + len(self.block.raw_bytes)

    @property
    def event(self) -> Event:
        """The event itself: this parses its payload."""
        (event,) = events([self.block])
        return event._replace(number=self.number, offset=self.offset)


def event_places(recording: Recording) -> Iterator[EventPlace]:
    """Yield where each event of a recording stands, without parsing any payload."""
    number = offset = 0
    for block in recording.blocks:
        if block.data is not None:
            number += 1
            yield EventPlace(number, offset, block)
        offset += len(block.raw_bytes)


def event_numbered(recording: Recording, number: int) -> Event:
    """Return one event by its number, counted from 1. Raises `NotApplicableError` if there are fewer."""
    last = 0
    for place in event_places(recording):
        if place.number == number:
            return place.event
        last = place.number
    raise NotApplicableError(f"it has {last} events, so there is no event {number}")


def event_types(event: Event) -> set[str]:
    """Return the type names that an event matches: of its name, payload, delta and content block."""
    data = _json.as_object(event.data)
    inner = (_json.as_object(data.get(name)).get("type") for name in ("delta", "content_block"))
    return {name for name in (event.type, event.name, *inner) if isinstance(name, str)}


def events_of_type(recording: Recording, type_: str) -> list[Event]:
    """List the events whose own type this is. Raises `NotApplicableError` if there are none."""
    matching = [event for event in recording.events() if event.type == type_]
    if not matching:
        raise NotApplicableError(f"it has no {type_}")
    return matching


def last_of_type(recording: Recording, type_: str) -> Event:
    """Return the last event whose own type this is. Raises `NotApplicableError` if there is none."""
    return events_of_type(recording, type_)[-1]


def delta_of(event: Event) -> dict[str, Any]:
    """Return an event's delta as it was parsed; empty if the event has none."""
    return _json.as_object(_json.as_object(event.data).get("delta"))


def content_blocks(recording: Recording) -> dict[int, list[Event]]:
    """Gather the events of each content block by its index, from the block's start on."""
    blocks: dict[int, list[Event]] = {}
    for event in recording.events():
        index = _json.as_object(event.data).get("index")
        if isinstance(index, int) and (event.type == "content_block_start" or index in blocks):
            blocks.setdefault(index, []).append(event)
    return blocks


def block_type(events: Sequence[Event]) -> str:
    """Name the type of the content block that these events make."""
    block = events[0].data.get("content_block")
    return str(block.get("type")) if isinstance(block, dict) else "unknown"


def describe_blocks(blocks: Mapping[int, Sequence[Event]]) -> str:
    """Say which content blocks a recording has, for an error message."""
    if not blocks:
        return "it has no content blocks"
    listed = ", ".join(f"{index} {block_type(events)}" for index, events in blocks.items())
    return f"its content blocks are {listed}" if len(blocks) > 1 else f"its only content block is {listed}"
