"""What one row of a table says of a response, gathered while it is read.

The numbers are those of `Gathering`, which also keeps what distributions are made of, and takes four times as
long. A test holds the two against each other, by way of `inspector.stats`.
"""

from __future__ import annotations

from typing import Any

from inspector import _json
from inspector._json import as_object, as_text
from inspector.protocol import DELTA_TEXT
from inspector.recording import End, Head, TimedBlock
from inspector.recording.parsing import payload_of
from inspector.views.block_times import TOKEN_DELTAS, text_of_start
from inspector.views.summary import Summary
from inspector.views.usage_points import UsagePoint, usage_point

__all__ = ["RowFacts"]

_DELTA = "content_block_delta"
_CONTENT = ("content_block_start", _DELTA, "content_block_stop")
_PLAIN_SIZE = TimedBlock(0.0, _DELTA, b"").size


class RowFacts:
    """The facts of a response; `take` its blocks in order, then `close` it.

    `now` is the latest time: one that lies before it, in a file that was edited, counts as it. `longest_gap`
    is the longest time between two events, negative without one; `model` is the one that the stream names.
    `summary` has seen all events but sound ones of a content block, which change nothing in it that a row
    says.
    """

    def __init__(self, head: Head) -> None:
        self.head = head
        self.end: End | None = None
        self.summary = Summary()
        self.summary.add(head)
        self.events = self.pings = self.size = 0
        self.first_byte: float | None = None
        self.first_event: float | None = None
        self.first_text: float | None = None
        self.longest_gap = -1.0
        self.model: str | None = None
        self.usage: list[UsagePoint] = []
        self.now = self._last_bytes = self._last_content = self._last_event = (
            head.response.t if head.response else 0.0
        )
        self._without_bytes = self._without_content = 0.0
        self._over = False
        self._usual = -1.0  # seconds up to which the time before a delta says nothing new

    @property
    def longest_silence(self) -> float | None:
        """The longest time without a byte or, in a stream, without content; None if there was no time."""
        headers = self.head.response.headers if self.head.response else {}
        claims = "event-stream" in headers.get("content-type", "") and self.summary.status == 200
        if self.events or claims:
            return max(self._without_bytes, self._without_content) or None
        return self._without_bytes or None

    def take(self, block: TimedBlock) -> None:
        """Take the next block."""
        t, name, data, raw, cuts, _ = block
        if name == _DELTA and data and not cuts and t >= self.now and t - self._last_content <= self._usual:
            try:
                if payload_of(data)["type"] == _DELTA:  # nearly all of a stream
                    self.events += 1
                    self.size += len(raw) or len(data) + _PLAIN_SIZE
                    self.now = self._last_bytes = self._last_content = self._last_event = t
                    return
            except (ValueError, LookupError, TypeError):
                pass
        size, kind = block.size, ""
        self._take_reads(block, size)
        if data is not None:
            kind = self._take_event(name, data)
        self.size += size
        if kind not in _CONTENT or not self.summary.is_known:
            self.summary.add(block)
        if self._over or self.first_text is None or not self.summary.is_known:
            self._usual = -1.0
        else:
            self._usual = min(self._without_bytes, self._without_content, self.longest_gap)

    def close(self, end: End | None) -> None:
        """Take the end: None if nobody saw it."""
        if end is not None:
            self.summary.add(end)
        self.now = max(self.now, end.t if end else 0.0)
        if self.head.response is not None:
            self._without_bytes = max(self._without_bytes, self.now - self._last_bytes)
            if not self._over:
                self._without_content = max(self._without_content, self.now - self._last_content)

    def _take_reads(self, block: TimedBlock, size: int) -> None:
        start = 0
        for upto, t in (*block.cuts, (size, block.t)):
            if upto > start:
                start, t = upto, max(t, self._last_bytes)
                if self.first_byte is None:
                    self.first_byte = t
                self._without_bytes = max(self._without_bytes, t - self._last_bytes)
                self._last_bytes = t
        self.now = max(self.now, block.t)

    def _take_event(self, name: str | None, data: bytes) -> str:
        """Take an event; return its kind, empty if clients cannot take it."""
        t = self.now
        if self.first_event is None:
            self.first_event = t
        if name != "ping":
            if not self._over:
                self._without_content = max(self._without_content, t - self._last_content)
            self._last_content = t
        self.events += 1
        if self.events > 1:
            self.longest_gap = max(self.longest_gap, t - self._last_event)
        self._last_event = t
        payload = _object_of(data)
        if not payload:
            return ""
        named = payload.get("type")
        kind = named if isinstance(named, str) else name or ""
        self._follow(kind, payload, t)
        return "" if name is None else kind

    def _follow(self, kind: str, payload: dict[str, Any], t: float) -> None:
        match kind:
            case "content_block_delta":
                if self.first_text is None and _is_text(as_object(payload.get("delta"))):
                    self.first_text = t
            case "content_block_start":
                if self.first_text is None and text_of_start(as_object(payload.get("content_block"))):
                    self.first_text = t
            case "message_start":
                message = as_object(payload.get("message"))
                self._over = False
                self.model = as_text(message["model"]) if message.get("model") else self.model
                self._add_usage(message.get("usage"), t)
            case "message_delta":
                self._add_usage(payload.get("usage"), t)
            case "message_stop" | "error":
                self._over = True
            case "ping":
                self.pings += 1

    def _add_usage(self, usage: Any, t: float) -> None:
        if point := usage_point(as_object(usage), t, self.events):
            self.usage.append(point)


def _object_of(data: bytes) -> dict[str, Any]:
    try:
        return as_object(payload_of(data))
    except ValueError:  # orjson refuses some texts that are JSON all the same
        pass
    try:
        return as_object(_json.loads(data))
    except ValueError:
        return {}


def _is_text(delta: dict[str, Any]) -> bool:
    kind = as_text(delta.get("type", ""))
    text = delta.get(DELTA_TEXT.get(kind, ""))
    return kind in TOKEN_DELTAS and isinstance(text, str) and text != ""
