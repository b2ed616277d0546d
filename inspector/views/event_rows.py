"""The events of responses as rows of a table: when each came, where, how large it was; not what it says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from inspector._json import as_object
from inspector.protocol import DELTA_TEXT
from inspector.recording import Absent, Head, TimedBlock
from inspector.recording.values import events

__all__ = ["EventRows", "TimedEvent"]


class TimedEvent(NamedTuple):
    """One event of recording `number`. `t` is in seconds since the request, None without times.

    `event` counts from 1. `byte` is its first in the body, `bytes` how many it has there; both are None if
    the recording's source did not have the framing. `characters` are those of the text that a delta brings.
    """

    number: int
    event: int
    t: float | None
    name: str | None
    type: str | None
    content_block: int | None
    delta: str | None
    characters: int | None
    byte: int | None
    bytes: int | None


class EventRows:
    """The rows of the events that `take` is called with, recording after recording."""

    def __init__(self) -> None:
        self.rows: list[TimedEvent] = []
        self._number = self._events = self._size = 0

    def take(self, number: int, head: Head, blocks: Iterable[TimedBlock]) -> None:
        """Take some more blocks of a recording. See `response_rows`."""
        if number != self._number:
            self._number, self._events, self._size = number, 0, 0
        if Absent.EVENTS in head.absent:
            return
        framed = head.absent.isdisjoint((Absent.FRAMING, Absent.SPELLING))
        blocks = tuple(blocks)
        for event in events(blocks):
            self._events += 1
            payload = as_object(event.data)
            delta, index = as_object(payload.get("delta")), payload.get("index")
            kind = delta.get("type")
            kind = kind if isinstance(kind, str) else None
            text = delta.get(DELTA_TEXT.get(kind or "", ""))
            self.rows.append(
                TimedEvent(
                    number,
                    self._events,
                    event.t if head.timed else None,
                    event.name,
                    event.type,
                    index if index.__class__ is int else None,
                    kind,
                    len(text) if isinstance(text, str) else None,
                    self._size + event.offset if framed else None,
                    len(event.block.raw_bytes) if framed else None,
                )
            )
        self._size += sum(len(block.raw_bytes) for block in blocks)
