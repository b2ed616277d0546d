"""Where a fault applies: `@ev:7`, `@byte:100`, `@type:ping#2`, `@block:1`, `@time:2s`, `@mid`, `@end`.

Faults that cut, wait or insert take a position as a *point* of the body, just before the event that it
names: `error-event@ev:1` comes first, and `cut-fin@ev:7` lets six events through. Faults that change events
take it as the *events* that it names: `drop@type:ping` drops every ping, `drop@ev:3..5` three events,
`drop@block:1` all events of content block 1. `#N` and `ev:N` count from 1; negative numbers count from the
end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from inspector.faults.contents import (
    EventPlace,
    NotApplicableError,
    content_blocks,
    describe_blocks,
    event_places,
    event_types,
)
from inspector.recording import Event, Recording

__all__ = ["POSITIONS", "Point", "Position", "events_at", "parse_position", "point_at"]

POSITIONS = {
    "ev:N": "event N, counted from 1, pings too; -1 is the last; ev:3..5 are three events",
    "type:NAME#N": "the Nth event of a type: of event, delta or content block; without #N all of them",
    "block:N": "the events of content block N, by its index",
    "byte:N": "after N bytes of the body",
    "time:SECONDS": "the first byte or event at that time or later, in seconds since the request",
    "mid": "the middle event",
    "end": "after the last byte",
    "head": "before the response's head, so that there is no response",
    "random": "an event chosen by the seed",
}
"""The ways to write a position, and what each means."""

_ARGUMENTS = {
    "ev": re.compile(r"(-?[1-9]\d{0,8})(?:\.\.(-?[1-9]\d{0,8}))?"),
    "type": re.compile(r"([^#]+)(?:#(-?[1-9]\d{0,8}))?"),
    "block": re.compile(r"(\d{1,9})"),
    "byte": re.compile(r"(\d{1,12})"),
    "time": re.compile(r"(\d{1,9}(?:\.\d+)?)s?"),
}
_WITHOUT_ARGUMENTS = frozenset({"mid", "end", "head", "random"})


@dataclass(frozen=True, slots=True)
class Position:
    """A position as it was written: its kind (`ev`, `type`, …, `end`), its arguments, its text."""

    kind: str
    first: str = ""
    second: str | None = None
    text: str = ""


class Point(NamedTuple):
    """A point of a body: how many bytes stand before it, and when the byte after it came.

    `head` is true for the point before the response's head. `event` is the event that starts at the point,
    or None.
    """

    offset: int
    t: float
    head: bool = False
    event: Event | None = None


def parse_position(text: str) -> Position:
    """Parse a position. Raises `ValueError` that lists the ways to write one."""
    kind, colon, argument = text.partition(":")
    if not colon and kind in _WITHOUT_ARGUMENTS:
        return Position(kind, text=text)
    match = _ARGUMENTS[kind].fullmatch(argument) if kind in _ARGUMENTS else None
    if not match:
        raise ValueError(f"a position is {', '.join(POSITIONS)}")
    return Position(kind, match[1], match[2] if match.re.groups > 1 else None, text)


def point_at(position: Position, recording: Recording, chance: Random) -> Point:
    """Resolve a position to a point. Raises `NotApplicableError` if the recording has no such place."""
    match position.kind:
        case "head":
            return Point(0, recording.response.t if recording.response else 0.0, head=True)
        case "end" | "byte" | "time":
            return _point_at_offset(_offset_of(position, recording), recording)
        case "mid" if not any(event_places(recording)):  # an error's body has a middle too
            return _point_at_offset(len(recording.body) // 2, recording)
    event = events_at(position, recording, chance)[0]
    return Point(event.offset, event.t, event=event)


def _offset_of(position: Position, recording: Recording) -> int:
    if position.kind == "time":
        return _offset_at(float(position.first), recording)
    size = len(recording.body)
    offset = size if position.kind == "end" else int(position.first)
    if offset > size:
        raise NotApplicableError(f"its body has {size} bytes")
    return offset


def _offset_at(seconds: float, recording: Recording) -> int:
    offset, last = 0, 0.0
    for t, chunk in recording.chunks():
        if t >= seconds:
            return offset
        offset, last = offset + len(chunk), t
    raise NotApplicableError(f"its last byte came at {last:.3f} s")


def _point_at_offset(offset: int, recording: Recording) -> Point:
    event = next((place.event for place in event_places(recording) if place.offset == offset), None)
    at, t = 0, recording.response.t if recording.response else 0.0
    for t, chunk in recording.chunks():
        at += len(chunk)
        if at > offset:
            return Point(offset, t, event=event)
    return Point(offset, max(t, recording.end.t) if recording.end else t, event=event)


def events_at(position: Position, recording: Recording, chance: Random) -> Sequence[Event]:
    """List the events that a position names, in order. Raises `NotApplicableError` if there are none.

    Only the kinds `type` and `block` have to parse every payload.
    """
    if not any(event_places(recording)):
        raise NotApplicableError("it has no events")
    if position.kind == "type":
        return _of_type(position, list(recording.events()))
    if position.kind == "block":
        return _of_block(int(position.first), recording)
    places = list(event_places(recording))
    match position.kind:
        case "ev":
            return [place.event for place in _numbered(position, places)]
        case "mid":
            return [places[len(places) // 2].event]
        case "random":
            return [chance.choice(places).event]
        case "time" | "byte":
            return [_first_from(position, places, recording).event]
    raise NotApplicableError(f"@{position.kind} names no event; the last event is @ev:-1")


def _numbered(position: Position, places: Sequence[EventPlace]) -> Sequence[EventPlace]:
    first = _from_start(position.first, len(places))
    last = first if position.second is None else _from_start(position.second, len(places))
    return places[first - 1 : max(first, last)]


def _from_start(text: str, size: int) -> int:
    number = int(text)
    if not 1 <= abs(number) <= size:
        raise NotApplicableError(f"it has {size} events")
    return number if number > 0 else size + 1 + number


def _first_from(position: Position, places: Sequence[EventPlace], recording: Recording) -> EventPlace:
    """Return the first event at a time or later, or the first that has a byte behind an offset."""
    for place in places:
        if position.kind == "time" and place.block.t >= float(position.first):
            return place
        if position.kind == "byte" and place.end > int(position.first):
            return place
    size, t = len(recording.body), places[-1].block.t
    raise NotApplicableError(f"it has {len(places)} events in {size} bytes, the last at {t:.3f} s")


def _of_type(position: Position, events: Sequence[Event]) -> Sequence[Event]:
    matching = [event for event in events if position.first in event_types(event)]
    if not matching:
        types = sorted(set().union(*map(event_types, events)))
        raise NotApplicableError(f"it has no event of type {position.first}; it has {', '.join(types)}")
    if position.second is None:
        return matching
    number = int(position.second)
    if abs(number) > len(matching):
        times = "once" if len(matching) == 1 else f"{len(matching)} times"
        raise NotApplicableError(f"{position.first} occurs {times}")
    return [matching[number - 1 if number > 0 else number]]


def _of_block(index: int, recording: Recording) -> Sequence[Event]:
    blocks = content_blocks(recording)
    if index not in blocks:
        raise NotApplicableError(f"it has no content block {index}; {describe_blocks(blocks)}")
    return blocks[index]
