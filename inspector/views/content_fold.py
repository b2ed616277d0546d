"""What a stream says, put together: its steps, its content blocks, its message, its usage.

Like `protocol.Snapshot`, but nothing is left out: an event that an SDK would drop, or stop at, is a step too,
and a delta of a block that never started has a block of its own. How the text was cut into deltas is gone: a
run of deltas is one step. Pings and comments are counted, and are no steps.

One pass, linear in the stream. Most of it is the parsing of the payloads.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import orjson

from inspector import _json
from inspector._json import as_object, as_text
from inspector.protocol import EVENT_TYPES
from inspector.recording import TimedBlock

__all__ = ["ContentFold"]

_DELTA = "content_block_delta"
_PLAIN = re.compile(rb'([ !#-\[\]-~]*+)"\} *+\}').fullmatch
"""The rest of the payload of a plain delta, from its text on: ASCII without escapes, then padding."""
_DELTA_FRAME = len("event: content_block_delta\ndata: \n\n")

_TEXT_FIELDS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "input_json_delta": ("partial_json", "input"),
    "signature_delta": ("signature", "signature"),
}
"""Of each delta, the member that has its text, and the member of the content block to which that is added."""


class _Block:
    """One content block: its start, and the pieces that came after it."""

    __slots__ = ("citations", "others", "pieces", "start")

    def __init__(self, start: dict[str, Any]) -> None:
        self.start = start
        self.pieces: dict[str, list[str]] = {}
        self.citations: list[Any] = []
        self.others: list[Any] = []

    def whole(self) -> dict[str, Any]:
        """Return the block as the API would send it whole. JSON that is broken stays text: `input_text`."""
        block = {name: value for name, value in self.start.items() if value is not None}
        for name, pieces in self.pieces.items():
            if name != "input":
                before = block.get(name)
                block[name] = "".join([before, *pieces] if isinstance(before, str) else pieces)
            elif text := "".join(pieces):
                try:
                    block["input"] = _json.loads(text.encode("utf-8", "surrogatepass"))
                except ValueError:
                    block.pop("input", None)
                    block["input_text"] = text
        if self.citations:
            known = block.get("citations")
            block["citations"] = [*(known if isinstance(known, list) else ()), *self.citations]
        if self.others:
            block["deltas"] = self.others
        return block


class ContentFold:
    """Fold the blocks of a stream: `add` them, then read the attributes.

    `steps` are the events without their payloads, `places` the number of the event at which each begins.
    `message` has the message's own members, `usage` the last value of each count. `unknown` holds the
    payloads of events that this version does not know, `errors` those of errors. `counts` counts events,
    pings, comments, deltas and bytes; `reads` the reads. `first`, `last` and `silence` are times: of the
    first event and of the last read, and the longest between two reads. `condensed` is the same stream with
    the plain deltas of each run joined: it means the same, and has few blocks.
    """

    def __init__(self, begun: float = 0.0) -> None:
        self.steps: list[str] = []
        self.places: list[int] = []
        self.message: dict[str, Any] = {}
        self.usage: dict[str, Any] = {}
        self.errors: list[Any] = []
        self.unknown: list[Any] = []
        self.counts: Counter[str] = Counter()
        self.reads = 0
        self.first: float | None = None
        self.last = begun
        self.silence = 0.0
        self.condensed: list[TimedBlock] = []
        self._blocks: list[_Block] = []
        self._by_index: dict[Any, _Block] = {}
        self._next = 0
        self._latest: Any = None
        self._run: tuple[Any, Any, str | None] | None = None
        self._pieces: list[str] = []
        self._field = ""
        self._prefix = b""  # how the payload of a delta of the open run begins
        self._kept = 0  # how many of the pieces are in the condensed stream

    def content(self) -> list[dict[str, Any]]:
        """Return the content blocks, each whole."""
        return [block.whole() for block in self._blocks]

    def add(self, blocks: Iterable[TimedBlock]) -> None:
        """Take the blocks of a stream, in order."""
        loads = orjson.loads
        events = deltas = size = 0
        last, run, field, pieces, prefix = -1.0, self._run, self._field, self._pieces, self._prefix
        for block in blocks:
            t, name, data, raw, cuts, _ = block
            if cuts or t != last:
                self._take_times(t, cuts)
                last = t
            if data is None:
                size += len(raw)
                self._keep(block)
                self._without_event(raw, events)
                run = self._run
                continue
            events += 1
            if run and name == _DELTA:
                # Nearly all of a stream is plain deltas, and of those only the text is taken.
                if data.startswith(prefix) and not raw and (match := _PLAIN(data, len(prefix))):
                    deltas += 1
                    size += len(data) + _DELTA_FRAME
                    pieces.append(match[1].decode())
                    continue
                try:
                    payload = loads(data)
                    delta = payload["delta"]
                    text = delta[field]
                    if (
                        (payload["index"], delta["type"], payload["type"]) == run
                        and text.__class__ is str
                        and len(delta) == 2
                        and len(payload) == 3
                        and not raw
                        and (text.isascii() or text.isprintable())
                    ):
                        deltas += 1
                        size += len(data) + _DELTA_FRAME
                        pieces.append(text)
                        continue
                except (LookupError, TypeError, ValueError):
                    pass
            deltas += name == _DELTA
            size += block.size
            if self.first is None:
                self.first = t
            self._keep(block)
            self._event(name, data, events)
            run, field, pieces, prefix = self._run, self._field, self._pieces, self._prefix
            self._kept = len(pieces)
        self._join()
        self.counts += Counter(events=events, deltas=deltas, bytes=size)

    def _keep(self, block: TimedBlock) -> None:
        """Take a block as it is into the condensed stream."""
        self._join()
        self.condensed.append(block)

    def _join(self) -> None:
        """Take the deltas since the last block that was kept into the condensed stream, as one."""
        if self._run and len(self._pieces) > self._kept:
            index, kind, _ = self._run
            delta = {"type": kind, self._field: "".join(self._pieces[self._kept :])}
            data = _json.dumps({"type": _DELTA, "index": index, "delta": delta})
            self.condensed.append(TimedBlock(self.last, _DELTA, data))
            self._kept = len(self._pieces)

    def _take_times(self, t: float, cuts: tuple[tuple[int, float], ...]) -> None:
        for when in (*(when for _, when in cuts), t) if cuts else (t,):
            if when != self.last or not self.reads:
                self.reads += 1
                if when - self.last > self.silence:
                    self.silence = when - self.last
                self.last = when

    def _without_event(self, raw: bytes, number: int) -> None:
        lines = raw.strip(b"\r\n")
        if raw and not raw.endswith((b"\n", b"\r")):
            self._step("an event that is not finished", number)
            self.unknown.append(raw.decode("utf-8", "replace"))
        elif lines.startswith(b":"):
            self.counts["comments"] += 1

    def _step(self, step: str, number: int) -> None:
        self._run = None
        self.steps.append(step)
        self.places.append(number)

    def _event(self, name: str | None, data: bytes, number: int) -> None:
        try:
            payload = _json.loads(data)
        except ValueError:
            self._step("an event that is not JSON", number)
            self.unknown.append(data.decode("utf-8", "replace"))
            return
        if not isinstance(payload, dict):
            self._step("an event that is no object", number)
            self.unknown.append(payload)
            return
        kind = payload.get("type")
        kind = kind if isinstance(kind, str) else name or ""
        if kind == "ping":
            self.counts["pings"] += 1
            return
        label = _label(name, kind)
        match kind:
            case "content_block_start":
                self._start(label, payload, number)
            case "content_block_delta":
                self._delta(label, payload, number)
            case "content_block_stop":
                self._step(label + self._of_block(payload.get("index")), number)
            case _:
                self._step(label, number)
                self._of_message(kind, payload)

    def _of_message(self, kind: str, payload: dict[str, Any]) -> None:
        if kind == "message_start":
            message = as_object(payload.get("message"))
            content = message.get("content")
            if isinstance(content, list):
                self._blocks += [_Block(as_object(block)) for block in content]
            for name, value in message.items():
                if name not in ("content", "usage") and value is not None:
                    self.message.setdefault(name, value)
            self._count(message.get("usage"))
        elif kind == "message_delta":
            for part in (as_object(payload.get("delta")), payload):
                known = {"type", "delta", "usage"} if part is payload else ()
                self.message |= {k: v for k, v in part.items() if k not in known and v is not None}
            self._count(payload.get("usage"))
        elif kind == "error":
            self.errors.append(payload.get("error"))
        elif kind not in EVENT_TYPES:
            self.unknown.append(payload)

    def _count(self, usage: Any) -> None:
        self.usage |= {name: value for name, value in as_object(usage).items() if value is not None}

    def _start(self, label: str, payload: dict[str, Any], number: int) -> None:
        index = payload.get("index")
        start = as_object(payload.get("content_block"))
        place = "" if index == self._next else f" with index {as_text(index)}"
        self._step(f"{label} {as_text(start.get('type', '?'))}{place}", number)
        self._next = index + 1 if isinstance(index, int) else self._next + 1
        self._latest = index
        self._blocks.append(_Block(start))
        self._by_index[_key(index)] = self._blocks[-1]

    def _delta(self, label: str, payload: dict[str, Any], number: int) -> None:
        delta, index = as_object(payload.get("delta")), payload.get("index")
        kind = delta.get("type")
        field, member = _TEXT_FIELDS.get(kind, ("", "")) if isinstance(kind, str) else ("", "")
        text = delta.get(field)
        if text == "":
            return  # nothing was added
        run = (index, kind, payload.get("type"))
        if run != self._run:
            self._step(f"{label} {as_text(kind)}{self._of_block(index)}", number)
        block = self._by_index.get(_key(index))
        if block is None:
            block = self._by_index[_key(index)] = _Block({})
            self._blocks.append(block)
        self._run = run if label == _DELTA and index.__class__ is int else None
        self._field = field
        if self._run:
            parts: Any = (index, str(kind).encode("utf-8", "replace"), field.encode())
            self._prefix = b'{"type":"content_block_delta","index":%d,"delta":{"type":"%b","%b":"' % parts
        if isinstance(text, str):
            self._pieces = block.pieces.setdefault(member, [])
            self._pieces.append(text)
            delta = {name: value for name, value in delta.items() if name not in ("type", field)}
        elif kind == "citations_delta":
            block.citations.append(delta.get("citation"))
            return
        else:
            self._run = None  # no text may be added to the pieces of another run
        if delta:
            block.others.append(delta)

    def _of_block(self, index: Any) -> str:
        """Say to which block an event belongs, if that is not the one that started last."""
        return "" if index == self._latest else f" of block {as_text(index)}"


def _label(name: str | None, kind: str) -> str:
    """Return an event's type, and its name if that is another one: SDKs go by the name."""
    if name == kind:
        return kind
    return f"{kind} without a name" if name is None else f"{kind} named {name}"


def _key(index: Any) -> Any:
    """Return an index as a key: it may be any JSON value."""
    return index if isinstance(index, int | str | None) else as_text(index)
