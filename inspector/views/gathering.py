"""One pass over a response that gathers what its statistics are made of.

Nearly all of a stream is deltas that follow one another. `feed` recognises those by a handful of comparisons
and adds them to columns: 16 bytes for a delta, which exact percentiles need. Every other block goes through
`_take`. Both ways gather the same; a test holds them against each other.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain
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

_PLAIN_SIZE = TimedBlock(0.0, DELTA, b"").size


_CONTENT = ("content_block_start", DELTA, "content_block_stop")


class Gathering:
    """What a response shows of itself: `feed` it blocks in order, then `close` it.

    `summary` has seen the first events, and all but sound ones of a content block, which change nothing in it
    that is read here. `other_times` are
    those of the events that bring no text. `short_cut` False sends every block the long way.
    """

    def __init__(self, head: Head, *, short_cut: bool = True) -> None:
        self.head = head
        self.end: End | None = None
        self.clock = StreamClock(head.response.t if head.response else 0.0, self._place)
        self.summary = Summary()
        self.summary.add(head)
        self.first_event: float | None = None
        self.model: str | None = None
        self.comments = self.unreadable = 0
        self.kinds: Counter[str] = Counter()
        self.deltas: Counter[str] = Counter()
        self.ping_times, self.other_times = array("d"), array("d")
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
        progress, longest = clock.progress, token_gap.seconds
        now, last, usual, read_t = clock.now, clock.last_content, -1.0, -1.0
        events, size, reads, before = clock.events, clock.size, 0, clock.events
        try:
            for block in blocks:
                t, name, data, raw, cuts, _ = block
                if name == DELTA and data and not cuts and t >= now and t - last <= usual:
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
                        ):
                            events += 1
                            if t - content.last > longest:
                                longest = t - content.last
                                token_gap.note(longest, events, size, content.index)
                            content.seconds += t - last
                            now = last = content.last = t
                            content.times.append(t)
                            content.lengths.append(len(text))
                            size += len(raw) or len(data) + _PLAIN_SIZE
                            if t != read_t:
                                read_t = t
                                reads += 1
                            if events >= progress.next_sample:
                                progress.sample(t, events)
                            continue
                    except (ValueError, LookupError, TypeError):
                        pass
                if events != before:
                    clock.go_on(now, events, size, reads)
                self._take(block)
                usual = clock.usual if self._short_cut else -1.0
                now, last, read_t, longest = clock.now, clock.last_content, clock.read_t, token_gap.seconds
                events = before = clock.events
                size, reads = clock.size, 0
        finally:
            if events != before:
                clock.go_on(now, events, size, reads)

    def event_times(self) -> list[float]:
        """Return the time of each event, in order."""
        return sorted(chain(self.other_times, *(block.times for block in self.blocks)))

    def close(self, end: End | None) -> None:
        """Take the end: None if nobody saw it."""
        self.end = end
        if end is not None:
            self.summary.add(end)
        if self.head.response is None:
            self.clock.now = max(self.clock.now, end.t if end else 0.0)
        else:
            self.clock.stop(end.t if end else None)

    def _take(self, block: TimedBlock) -> None:
        size = block.size
        self.clock.take_reads(block, size)
        kind = ""
        if block.data is None:
            self.comments += block.raw.lstrip(b"\r\n").startswith(b":")
        else:
            kind = self._take_event(block, block.data)
        self.clock.size += size
        if kind not in _CONTENT or not self.summary.is_known:
            self.summary.add(block)

    def _take_event(self, block: TimedBlock, data: bytes) -> str:
        """Take an event; return its kind, empty if clients cannot take it."""
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
        seconds = self.clock.take_event(block, self._inside if index is None else index)
        take = _EVENTS.get(kind) if payload else None
        content = take(self, payload, index, t) if take else None
        if take is not Gathering._delta:
            self.other_times.append(t)
        if content is None:
            self.clock.message += seconds
        else:
            content.seconds += seconds
        return kind if payload and block.event is not None else ""

    @property
    def _inside(self) -> int | None:
        """The index of the content block that is open; None without one."""
        newest = next(reversed(self._open), None)
        return newest.index if newest else None

    def _place(self, block: TimedBlock | None) -> tuple[int | None, str]:
        """Say where the stream is before `block`, or before the end: in which content block, and in words."""
        if self._open:
            newest = next(reversed(self._open))
            return newest.index, f"inside {newest.label}"
        if block is None and not self.clock.over:
            return None, "before the end"
        if not self.clock.events:
            return None, "before the first event" if block and block.data else "before the first bytes"
        if self.clock.over:
            return None, "after the message"
        assert block is not None
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
            if content.times:
                self.token_gap.note(t - content.last, self.clock.events, self.clock.size, index)
            content.add(t, len(text))
        else:
            self.other_times.append(t)
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
