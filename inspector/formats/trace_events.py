"""A trace for https://ui.perfetto.dev and chrome://tracing: a recording as people look at a program's run.

Follows the Trace Event Format
(https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU): complete events (`X`) with
a start and a duration, instant events (`i`), metadata (`M`); times in microseconds.

A recording is a process. Its first track has the wait for the head and for the first event, the message and
its end; the second has the silences. Each content block is a track: the block, and in it a slice for each
delta. A delta's slice is the time since the event before it in its block: how long the reader waited for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from inspector import _json
from inspector._json import as_object, as_text
from inspector.errors import UsageError
from inspector.formats.moments import moment_of
from inspector.protocol import DELTA_TEXT
from inspector.protocol.watchdogs import SILENCE
from inspector.recording import Event, Recording

__all__ = ["trace"]

_STREAM, _SILENCES, _FIRST_BLOCK = 1, 2, 10
"""Tracks: of the stream, of its silences, and of content block 0."""

_CATEGORY = "stream"
"""Every event has one: the format asks for it, and not every reader does without."""

_TEXT = 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Slice = dict[str, Any]


def trace(recordings: Sequence[Recording]) -> bytes:
    """Return a trace of the recordings, placed by the time at which each request was sent.

    Raises `UsageError` for a recording without times.
    """
    events: list[Slice] = []
    for recording in recordings:
        if not recording.head.timed:
            raise UsageError(
                f"{recording.source or 'a recording'} has no times, and a trace shows nothing else"
            )
    sent = [_sent(recording) for recording in recordings]
    start = min((at for at in sent if at is not None), default=0.0)
    for number, (recording, at) in enumerate(zip(recordings, sent, strict=True), 1):
        events += _Process(number, recording, 0.0 if at is None else at - start).events()
    return _json.dumps({"traceEvents": events, "displayTimeUnit": "ms"})


def _sent(recording: Recording) -> float | None:
    at = moment_of(recording.head.at)
    return None if at is None else (at - _EPOCH).total_seconds()


class _Process:
    """The events of one recording; `number` is its process, `offset` its seconds after the first request."""

    def __init__(self, number: int, recording: Recording, offset: float) -> None:
        self._pid = number
        self._recording = recording
        self._offset = round(offset * 1e6)
        self._open: dict[Any, tuple[float, str]] = {}  # content blocks: when each started, and its name
        self._before: dict[Any, float] = {}  # when the event before came, in each content block
        self._tracks: dict[Any, str] = {}

    def events(self) -> Iterator[Slice]:
        recording = self._recording
        end = recording.end.t if recording.end else recording.blocks[-1].t if recording.blocks else 0.0
        yield self._metadata("process_name", 0, {"name": self._name()})
        yield self._metadata("process_sort_index", 0, {"sort_index": self._pid})
        yield from self._waits(end)
        for event in recording.events():
            yield from self._event(event)
        for index in list(self._open):
            yield self._close(index, end, unfinished=True)
        yield from self._silences(end)
        yield self._mark(f"end: {recording.end.how if recording.end else 'unknown'}", end)
        for tid, name in {_STREAM: "stream", _SILENCES: "silences", **self._tracks}.items():
            yield self._metadata("thread_name", tid, {"name": name})
            yield self._metadata("thread_sort_index", tid, {"sort_index": tid})

    def _name(self) -> str:
        body = as_object(self._recording.request.json())
        return " · ".join(filter(None, (self._recording.source, as_text(body.get("model") or ""))))

    def _waits(self, end: float) -> Iterator[Slice]:
        response, blocks = self._recording.response, self._recording.blocks
        first = response.t if response else end
        yield self._slice("waiting for the response", _STREAM, 0.0, first)
        if response and blocks:
            yield self._slice(f"HTTP {response.status}", _STREAM, first, end)

    def _event(self, event: Event) -> Iterator[Slice]:
        payload = as_object(event.data)
        index, kind, t = payload.get("index"), event.type, event.t
        index = index if isinstance(index, int) else 0
        if kind == "content_block_start":
            block = as_object(payload.get("content_block"))
            if index in self._open:
                yield self._close(index, t, unfinished=True)
            name = " ".join(as_text(block[key]) for key in ("type", "name") if block.get(key))
            self._open[index] = (t, name)
            self._before[index] = t
            self._tracks.setdefault(_FIRST_BLOCK + index, f"block {index} · {name}")
        elif kind == "content_block_delta":
            delta = as_object(payload.get("delta"))
            since = self._before.get(index, t)
            self._before[index] = t
            self._tracks.setdefault(_FIRST_BLOCK + index, f"block {index}")
            name, args = _delta(event, delta)
            yield self._slice(name, _FIRST_BLOCK + index, since, t, args)
        elif kind == "content_block_stop":
            if index in self._open:
                yield self._close(index, t)
        else:
            args = {"event": event.number, "data": payload}
            yield self._mark(kind or "event without a name", t, args)

    def _close(self, index: Any, t: float, *, unfinished: bool = False) -> Slice:
        start, name = self._open.pop(index)
        end = f"{name} (unfinished)" if unfinished else name
        return self._slice(end, _FIRST_BLOCK + index, start, t)

    def _silences(self, end: float) -> Iterator[Slice]:
        last = self._recording.response.t if self._recording.response else None
        times = (t for block in self._recording.blocks for t in (*(cut for _, cut in block.cuts), block.t))
        for t in [*times, end]:
            if last is not None and t - last >= SILENCE:
                yield self._slice(f"silence {t - last:.1f} s", _SILENCES, last, t)
            last = t

    def _slice(
        self, name: str, tid: int, start: float, end: float, args: dict[str, Any] | None = None
    ) -> Slice:
        begin = round(start * 1e6)
        fields = {"name": name, "cat": _CATEGORY, "ph": "X", "pid": self._pid, "tid": tid}
        fields |= {"ts": self._offset + begin, "dur": max(0, round(end * 1e6) - begin)}
        return {**fields, "args": args} if args else fields

    def _mark(self, name: str, t: float, args: dict[str, Any] | None = None) -> Slice:
        ts = self._offset + round(t * 1e6)
        return {
            "name": name,
            "cat": _CATEGORY,
            "ph": "i",
            "s": "t",
            "ts": ts,
            "pid": self._pid,
            "tid": _STREAM,
            "args": args or {},
        }

    def _metadata(self, name: str, tid: int, args: dict[str, Any]) -> Slice:
        fields = {"name": name, "cat": "__metadata", "ph": "M", "ts": 0, "pid": self._pid, "tid": tid}
        return {**fields, "args": args}


def _delta(event: Event, delta: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    kind = as_text(delta.get("type") or "delta")
    text = delta.get(DELTA_TEXT.get(kind, ""))
    if not isinstance(text, str):
        return kind, {"event": event.number, "delta": delta}
    return text[:_TEXT] or kind, {"event": event.number, "type": kind, "text": text}
