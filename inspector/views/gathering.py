"""One pass over a response that gathers what its statistics are made of.

Nearly all of a stream is deltas that follow one another. `feed` recognises those by a handful of comparisons
and adds them to columns: 24 bytes for a delta, which exact percentiles need. Every other block goes through
`_take`. Both ways gather the same; a test holds them against each other.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import orjson

from inspector import _json
from inspector._json import as_object, as_text
from inspector.protocol import DELTA_TEXT
from inspector.recording import End, Head, TimedBlock
from inspector.views.block_times import TOKEN_DELTAS, BlockTimes
from inspector.views.stream_clock import Gap, StreamClock
from inspector.views.summary import Summary
from inspector.views.usage_points import UsagePoint, usage_point

__all__ = ["DELTA", "Gathering"]

DELTA = "content_block_delta"
"""The event that most of a stream is."""

_PLAIN_SIZE = len(TimedBlock(0.0, DELTA, b"").raw_bytes)


class Gathering:
    """What a response shows of itself: `feed` it blocks in order, then `close` it.

    `summary` has seen all but the plain deltas, which change nothing that is read from it. `short_cut` False
    sends every block the long way.
    """

    def __init__(self, head: Head, *, short_cut: bool = True) -> None:
        self.head = head
        self.end: End | None = None
        self.clock = StreamClock(head.response.t if head.response else 0.0)
        self.summary = Summary()
        self.summary.add(head)
        self.first_event: float | None = None
        self.model: str | None = None
        self.comments = self.unreadable = 0
        self.kinds: Counter[str] = Counter()
        self.deltas: Counter[str] = Counter()
        self.ping_times = array("d")
        self.blocks: list[BlockTimes] = []
        self.usage: list[UsagePoint] = []
        self.token_gap = Gap()
        self._known: dict[int | None, BlockTimes] = {}
        self._open: dict[BlockTimes, None] = {}
        self._short_cut = short_cut

    @property
    def is_stream(self) -> bool:
        """Whether the body is an event stream, or says so and has nothing else."""
        headers = self.head.response.headers if self.head.response else {}
        claims = "event-stream" in headers.get("content-type", "")
        return self.clock.events > 0 or (claims and self.summary.status == 200)

    def feed(self, blocks: Iterable[TimedBlock]) -> None:
        """Take blocks, in order."""
        loads, known, clock, token_gap = orjson.loads, self._known, self.clock, self.token_gap
        usual = 0.0
        for block in blocks:
            t, name, data, raw, cuts, _ = block
            if name == DELTA and data and not cuts and t >= clock.now and t - clock.last_content < usual:
                try:
                    payload = loads(data)
                    content = known[payload["index"]]
                    delta = payload["delta"]
                    text = delta[content.field]
                    if (
                        delta["type"] == content.delta_type
                        and text
                        and text.__class__ is str
                        and payload["type"] == DELTA
                        and content.last is not None
                    ):
                        if t - content.last > token_gap.seconds:
                            token_gap.note(t - content.last, clock.events + 1, clock.size, content.index)
                        content.seconds += t - clock.last_content
                        content.add(t, len(text))
                        content.plain += 1
                        clock.plain(t, len(raw) or len(data) + _PLAIN_SIZE)
                        continue
                except (ValueError, LookupError, TypeError):
                    pass
            self._take(block)
            usual = clock.usual if self._short_cut else 0.0

    def close(self, end: End | None) -> None:
        """Take the end: None if nobody saw it."""
        self.end = end
        if end is not None:
            self.summary.add(end)
        if self.head.response is None:
            self.clock.now = max(self.clock.now, end.t if end else 0.0)
        else:
            self.clock.stop(end.t if end else None, self._place_at_end)

    def _take(self, block: TimedBlock) -> None:
        clock = self.clock
        clock.take_reads(block, partial(self._place_before, block))
        if block.data is None:
            self.comments += block.raw.lstrip(b"\r\n").startswith(b":")
        else:
            self._take_event(block, block.data)
        clock.size += len(block.raw_bytes)
        self.summary.add(block)

    def _take_event(self, block: TimedBlock, data: bytes) -> None:
        t = self.clock.now
        if self.first_event is None:
            self.first_event = t
        try:
            payload = as_object(_json.loads(data))
        except ValueError:
            payload = {}
            self.unreadable += 1
        named = payload.get("type")
        kind = named if isinstance(named, str) else block.event or "(unnamed)"
        self.kinds[kind] += 1
        index = payload.get("index")
        index = index if index.__class__ is int else None
        inside = self._place("")[0] if index is None else index
        seconds = self.clock.take_event(block, inside, partial(self._place_before, block))
        take = _EVENTS.get(kind) if payload else None
        content = take(self, payload, index, t) if take else None
        if content is None:
            self.clock.message += seconds
        else:
            content.seconds += seconds

    def _place(self, between: str) -> tuple[int | None, str]:
        """Return the content block that is open and say so; without one, say that it is `between`."""
        inside = next(reversed(self._open), None)
        return (inside.index, f"inside {inside.label}") if inside else (None, between)

    def _place_at_end(self) -> tuple[int | None, str]:
        return self._place("after the message" if self.clock.over else "before the end")

    def _place_before(self, block: TimedBlock) -> tuple[int | None, str]:
        """Say where the stream is, before `block`."""
        if self._open:
            return self._place("")
        if not self.clock.events:
            return None, "before the first event" if block.data is not None else "before the first bytes"
        if self.clock.over:
            return None, "after the message"
        try:
            payload = as_object(_json.loads(block.data or b""))
        except ValueError:
            payload = {}
        if payload.get("type") == "content_block_start":
            started = BlockTimes.started(None, as_object(payload.get("content_block")), 0.0)
            return None, f"before {started.label}"
        if block.data is None or block.event == "ping":
            return None, "between content blocks"
        return None, f"before {as_text(payload.get('type') or block.event or 'an event')}"

    # What events bring. Each returns the content block that the event belongs to.

    def _message_start(self, payload: dict[str, Any], _: int | None, t: float) -> None:
        message = as_object(payload.get("message"))
        self.clock.over = False
        self.model = as_text(message["model"]) if message.get("model") else self.model
        self._add_usage(message.get("usage"), t)

    def _message_delta(self, payload: dict[str, Any], _: int | None, t: float) -> None:
        self._add_usage(payload.get("usage"), t)

    def _add_usage(self, usage: Any, t: float) -> None:
        point = usage_point(as_object(usage), t, self.clock.events)
        if point:
            self.usage.append(point)

    def _over(self, *_: object) -> None:
        self.clock.over = True

    def _ping(self, _: dict[str, Any], __: int | None, t: float) -> None:
        self.ping_times.append(t)

    def _start(self, payload: dict[str, Any], index: int | None, t: float) -> BlockTimes:
        if before := self._known.get(index):
            self._open.pop(before, None)
        made = BlockTimes.started(index, as_object(payload.get("content_block")), t)
        return self._add_block(made)

    def _add_block(self, made: BlockTimes) -> BlockTimes:
        self.blocks.append(made)
        self._known[made.index] = made
        self._open[made] = None
        return made

    def _stop(self, _: dict[str, Any], index: int | None, t: float) -> BlockTimes | None:
        content = self._known.get(index)
        if content and content in self._open:
            content.stop = t
            del self._open[content]
        return content

    def _delta(self, payload: dict[str, Any], index: int | None, t: float) -> BlockTimes:
        delta = as_object(payload.get("delta"))
        kind = as_text(delta.get("type", "(unnamed)"))
        self.deltas[kind] += 1
        content = self._known.get(index)
        if content is None:
            content = self._add_block(BlockTimes(index, kind.removesuffix("_delta")))
        text = delta.get(DELTA_TEXT.get(kind, ""))
        if kind in TOKEN_DELTAS and isinstance(text, str) and text:
            if content.last is not None:
                self.token_gap.note(t - content.last, self.clock.events, self.clock.size, index)
            content.add(t, len(text))
        return content


_EVENTS: dict[str, Callable[[Gathering, dict[str, Any], int | None, float], BlockTimes | None]] = {
    "message_start": Gathering._message_start,
    "content_block_start": Gathering._start,
    "content_block_delta": Gathering._delta,
    "content_block_stop": Gathering._stop,
    "message_delta": Gathering._message_delta,
    "message_stop": Gathering._over,
    "error": Gathering._over,
    "ping": Gathering._ping,
}
