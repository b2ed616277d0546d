"""Where a fault strikes: `@ev:7`, `@byte:100`, `@type:ping#2`, `@block:1`, `@time:2s`, `@mid`, `@end`.

A position is a *point* of the body to faults that cut, wait or insert: just before the event it names, so
`error-event@ev:1` is the first event and `cut-fin@ev:7` lets six through. To faults that change events it
names the events themselves: `drop@type:ping` drops every ping, `drop@ev:3..5` three events, `drop@block:1`
all that belongs to content block 1. `#N` and `ev:N` count from 1, and from the end where negative.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from inspector.recording import Event, Recording

__all__ = [
    "POSITIONS",
    "Point",
    "Position",
    "Unfit",
    "content_blocks",
    "described",
    "events_at",
    "kind_of",
    "parse_position",
    "point_at",
    "types_of",
]

POSITIONS = {
    "ev:N": "event N, counted from 1 and pings included; -1 is the last; ev:3..5 are several",
    "type:NAME#N": "the Nth event of a type: of event, delta or content block; every one without #N",
    "block:N": "content block N, by its index",
    "byte:N": "after N bytes of the body",
    "time:SECONDS": "what comes from this time on, in seconds since the request",
    "mid": "the middle event",
    "end": "after the last byte",
    "head": "before the response's head: no response at all",
    "random": "an event by the seed",
}
"""The ways to say where, and what each means."""

_SHAPES = {
    "ev": re.compile(r"(-?[1-9]\d{0,8})(?:\.\.(-?[1-9]\d{0,8}))?"),
    "type": re.compile(r"([^#]+)(?:#(-?[1-9]\d{0,8}))?"),
    "block": re.compile(r"(\d{1,9})"),
    "byte": re.compile(r"(\d{1,12})"),
    "time": re.compile(r"(\d{1,9}(?:\.\d+)?)s?"),
}
_WORDS = frozenset({"mid", "end", "head", "random"})


class Unfit(Exception):  # noqa: N818 - it is no error until a fault's name is put before it
    """A fault that this recording gives no occasion for; the message says what there is instead."""


@dataclass(frozen=True, slots=True)
class Position:
    """A position as it was written: its kind (`ev`, `type`, …, `end`), its one or two arguments."""

    kind: str
    first: str = ""
    second: str | None = None


class Point(NamedTuple):
    """A point of a body: how many bytes stand before it, and when the byte after it came.

    `head` is true for the point before the response's head; `event` is the event that the point stands
    before, None where there is none.
    """

    offset: int
    t: float
    head: bool = False
    event: Event | None = None


def parse_position(text: str) -> Position:
    """Read a position. Raises `ValueError` with the ways to say one."""
    kind, colon, argument = text.partition(":")
    if not colon and kind in _WORDS:
        return Position(kind)
    match = _SHAPES[kind].fullmatch(argument) if kind in _SHAPES else None
    if not match:
        raise ValueError(f"a position is {', '.join(POSITIONS)}")
    return Position(kind, match[1], match[2] if match.re.groups > 1 else None)


def point_at(position: Position, recording: Recording, chance: Random) -> Point:
    """Find a position as a point. Raises `Unfit` where the recording has no such place."""
    match position.kind:
        case "end":
            return _point(recording, len(recording.body))
        case "head":
            return Point(0, recording.response.t if recording.response else 0.0, head=True)
        case "byte":
            offset, size = int(position.first), len(recording.body)
            if offset > size:
                raise Unfit(f"its body has {size} bytes")
            return _point(recording, offset)
        case "time":
            return _point(recording, _offset_at(recording, float(position.first)))
        case "mid" if not any(True for _ in recording.events()):
            return _point(recording, len(recording.body) // 2)
    event = events_at(position, recording, chance)[0]
    return Point(event.offset, event.t, event=event)


def _point(recording: Recording, offset: int) -> Point:
    event = next((event for event in recording.events() if event.offset == offset), None)
    at, t = 0, recording.response.t if recording.response else 0.0
    for t, chunk in recording.chunks():
        at += len(chunk)
        if at > offset:
            return Point(offset, t, event=event)
    return Point(offset, max(t, recording.end.t) if recording.end else t, event=event)


def _offset_at(recording: Recording, seconds: float) -> int:
    offset, last = 0, 0.0
    for t, chunk in recording.chunks():
        if t >= seconds:
            return offset
        offset, last = offset + len(chunk), t
    raise Unfit(f"its last byte came at {last:.3f} s")


def events_at(position: Position, recording: Recording, chance: Random) -> Sequence[Event]:
    """Find the events that a position names, in order. Raises `Unfit` where there is none."""
    events = list(recording.events())
    if not events:
        raise Unfit("there is no event in it")
    match position.kind:
        case "ev":
            first = _number(position.first, len(events))
            last = first if position.second is None else _number(position.second, len(events))
            return events[first - 1 : max(first, last)]
        case "type":
            return _of_type(position, events)
        case "block":
            return _of_block(int(position.first), recording)
        case "time":
            found = [event for event in events if event.t >= float(position.first)]
        case "byte":
            found = [
                event for event in events if event.offset + len(event.block.raw_bytes) > int(position.first)
            ]
        case "mid":
            found = [events[len(events) // 2]]
        case "random":
            found = [chance.choice(events)]
        case _:
            raise Unfit(f"@{position.kind} names no event; say @ev:-1 for the last")
    if not found:
        size = len(recording.body)
        raise Unfit(f"it has {len(events)} events in {size} bytes, the last at {events[-1].t:.3f} s")
    return found[:1]


def _number(text: str, size: int) -> int:
    number = int(text)
    if not 1 <= abs(number) <= size:
        raise Unfit(f"it has {size} events")
    return number if number > 0 else size + 1 + number


def types_of(event: Event) -> set[str]:
    """Name the types that an event shows: its own, its delta's, its content block's."""
    data = event.data if isinstance(event.data, dict) else {}
    inner = (data.get("delta"), data.get("content_block"))
    types = {event.type, event.name, *(each.get("type") for each in inner if isinstance(each, dict))}
    return {name for name in types if isinstance(name, str)}


def _of_type(position: Position, events: Sequence[Event]) -> Sequence[Event]:
    found = [event for event in events if position.first in types_of(event)]
    if not found:
        there = sorted(set().union(*map(types_of, events)))
        raise Unfit(f"no event of type {position.first}; there are {', '.join(there)}")
    if position.second is None:
        return found
    number = int(position.second)
    if abs(number) > len(found):
        raise Unfit(f"{position.first} occurs {len(found)} times")
    return [found[number - 1 if number > 0 else number]]


def _of_block(index: int, recording: Recording) -> Sequence[Event]:
    blocks = content_blocks(recording)
    if index not in blocks:
        raise Unfit(f"no content block {index}; {described(blocks)}")
    return blocks[index]


def content_blocks(recording: Recording) -> dict[int, list[Event]]:
    """Gather the events of each content block, by its index, from its start on."""
    blocks: dict[int, list[Event]] = {}
    for event in recording.events():
        index = event.data.get("index") if isinstance(event.data, dict) else None
        if isinstance(index, int) and (event.type == "content_block_start" or index in blocks):
            blocks.setdefault(index, []).append(event)
    return blocks


def described(blocks: dict[int, list[Event]]) -> str:
    """Say which content blocks there are."""
    if not blocks:
        return "it has no content blocks"
    listed = ", ".join(f"{index} {kind_of(events)}" for index, events in blocks.items())
    return f"its content blocks are {listed}" if len(blocks) > 1 else f"its only content block is {listed}"


def kind_of(events: Sequence[Event]) -> str:
    """Name the type of the content block that these events make."""
    block = events[0].data.get("content_block")
    return str(block.get("type")) if isinstance(block, dict) else "unknown"
