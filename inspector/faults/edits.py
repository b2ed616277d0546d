"""The edits that faults are made of: pure functions from a recording to a recording.

Most work on *reads*, the pieces of the body as they arrived. The recorder cuts the edited body into blocks
again, so the laws of the format hold after every edit: the blocks' bytes are the body, and reads have rising
times. Bytes that replace others arrive with the read that brought the last of those. Inserted bytes arrive
with the byte that they stand before.

The functions at the end change the payload of single events. All bytes around it stay as they were.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from inspector import _json
from inspector.aws_frames import is_frame_start
from inspector.faults.contents import NotApplicableError
from inspector.faults.positions import Point
from inspector.protocol import SDK_READ_TIMEOUT
from inspector.recording import (
    End,
    Ending,
    Event,
    Recorder,
    Recording,
    Response,
    TimedBlock,
    is_binary,
    with_data,
)

__all__ = [
    "Payload",
    "Read",
    "Splice",
    "cut",
    "frame",
    "parsed_payload",
    "reads_after",
    "reads_before",
    "rebuilt",
    "repetitions",
    "response_of",
    "rewritten",
    "silenced",
    "spliced",
    "with_headers",
    "with_payload",
    "with_payloads",
    "with_tail",
    "without_response",
]

Read = tuple[float, bytes]
"""When a piece of the body arrived, and its bytes."""

Splice = tuple[int, int, bytes]
"""A part of the body to replace: its start, its end, and the new bytes."""

Payload = dict[str, Any]
"""The JSON object of one event."""

_NO_RESPONSE = {
    Ending.CUT: "RemoteProtocolError: Server disconnected without sending a response.",
    Ending.RESET: "ReadError: [Errno 104] Connection reset by peer",
    Ending.TIMEOUT: "ReadTimeout: timed out",
}
_PADDING = re.compile(rb"( *)\}$")


def response_of(recording: Recording) -> Response:
    """Return the response's head. Raises `NotApplicableError` if there is none."""
    if recording.response is None:
        raise NotApplicableError("it has no response")
    return recording.response


def with_headers(recording: Recording, headers: Mapping[str, str | None], **changes: Any) -> Recording:
    """Set headers of the response, and other fields of it. A header of None is removed."""
    response = response_of(recording)
    kept = {name: text for name, text in {**response.headers, **headers}.items() if text is not None}
    if kept == response.headers and not changes:
        return recording
    return replace(
        recording, head=replace(recording.head, response=replace(response, headers=kept, **changes))
    )


def rebuilt(recording: Recording, reads: Iterable[Read], end: End | None = None) -> Recording:
    """Make a recording of the same request whose body arrived in these reads. `end` None keeps the end.

    A `content-length` header is removed if the length has changed.
    """
    recorder = Recorder(binary=is_binary(recording.head))
    start = recording.response.t if recording.response else 0.0
    made = (*recorder.feed((max(t, start), chunk) for t, chunk in reads), *recorder.close())
    blocks = tuple(_with_extras(recording.blocks, made))
    if is_binary(recording.head) and any(block.data is None and b"data: " in block.raw for block in blocks):
        raise NotApplicableError("it writes an event as text, and the body is AWS's binary event stream")
    end = end or recording.end
    if end is not None:
        end = end._replace(t=round(max(end.t, blocks[-1].t if blocks else start), 6))
    others = tuple((min(number, len(blocks)), line) for number, line in recording.others)
    edited = replace(recording, blocks=blocks, end=end, torn=False, others=others)
    if sum(len(block.raw_bytes) for block in blocks) == len(recording.body):
        return edited
    return with_headers(edited, {"content-length": None})


def _with_extras(before: Sequence[TimedBlock], after: Iterable[TimedBlock]) -> Iterator[TimedBlock]:
    """Keep the notes of people or of later versions at blocks that the edit did not touch."""
    extras = {(block.t, block.raw_bytes): block.extra for block in before if block.extra}
    for block in after:
        extra = extras.get((block.t, block.raw_bytes)) if extras else None
        yield block._replace(extra=extra) if extra else block


def spliced(recording: Recording, splices: Iterable[Splice]) -> Recording:
    """Replace parts of the body, which must not overlap. Every other byte keeps its read and its time."""
    body, reads = recording.body, list(recording.chunks())
    if not reads:
        reads = [(recording.response.t if recording.response else 0.0, b"")]
    ends = list(accumulate(len(chunk) for _, chunk in reads))
    pieces: list[list[bytes]] = [[] for _ in reads]

    def keep(start: int, stop: int) -> None:
        while start < stop:
            number = bisect_right(ends, start)
            pieces[number].append(body[start : min(stop, ends[number])])
            start = ends[number]

    at = 0
    for first, stop, new in sorted(splices):
        keep(at, first)
        number = bisect_right(ends, max(first, stop - 1))
        pieces[min(number, len(reads) - 1)].append(new)
        at = stop
    keep(at, len(body))
    return rebuilt(recording, [(t, b"".join(piece)) for (t, _), piece in zip(reads, pieces, strict=True)])


def rewritten(recording: Recording, changes: Iterable[tuple[Event, bytes]]) -> Recording:
    """Replace the bytes of whole events."""
    return spliced(
        recording, ((event.offset, event.offset + len(event.block.raw_bytes), new) for event, new in changes)
    )


def reads_before(recording: Recording, offset: int) -> list[Read]:
    """List the reads of the first `offset` bytes."""
    reads, at = [], 0
    for t, chunk in recording.chunks():
        if at < offset:
            reads.append((t, chunk[: offset - at]))
        at += len(chunk)
    return reads


def reads_after(recording: Recording, offset: int) -> list[Read]:
    """List the reads of everything after the first `offset` bytes."""
    reads, at = [], 0
    for t, chunk in recording.chunks():
        if at + len(chunk) > offset:
            reads.append((t, chunk[max(offset - at, 0) :]))
        at += len(chunk)
    return reads


def cut(recording: Recording, at: Point, how: Ending, delay: float = 0.0) -> Recording:
    """End a recording `delay` seconds after a point. At the point before the head, no response is left."""
    if at.head:
        return without_response(recording, how, at.t + delay)
    response_of(recording)
    return rebuilt(recording, reads_before(recording, at.offset), End(at.t + delay, how))


def without_response(recording: Recording, how: Ending, t: float) -> Recording:
    """Remove the response, as if the request had failed at `t` seconds."""
    head = replace(recording.head, response=None)
    end = End(t, how, _NO_RESPONSE.get(how))
    return replace(recording, head=head, blocks=(), others=(), torn=False, end=end)


def silenced(recording: Recording, at: Point) -> Recording:
    """Replace the rest of a recording by a silence that ends in the reader's timeout."""
    return cut(recording, at, Ending.TIMEOUT, SDK_READ_TIMEOUT)


def with_tail(
    recording: Recording, at: Point, tail: Sequence[bytes], *, every: float = 0.0, end: Ending
) -> Recording:
    """Replace the rest of a recording by other bytes.

    Each piece of `tail` is a read of its own, `every` seconds after the one before; the first comes at once
    if `every` is 0. A timeout follows after `SDK_READ_TIMEOUT` seconds of silence.
    """
    response_of(recording)
    first = 1 if every else 0
    reads = [(at.t + every * number, piece) for number, piece in enumerate(tail, first)]
    t = at.t + every * len(tail) + (SDK_READ_TIMEOUT if end is Ending.TIMEOUT else 0.0)
    return rebuilt(recording, [*reads_before(recording, at.offset), *reads], End(t, end))


def repetitions(duration: float, interval: float, most: int = 100_000) -> int:
    """Count how often something happens in `duration` seconds, at least once.

    Raises `NotApplicableError` if that is more than `most` times.
    """
    if interval <= 0 or duration / interval > most:
        raise NotApplicableError(f"every {interval:g} s for {duration:g} s is more than {most} times")
    return max(math.floor(duration / interval), 1)


def parsed_payload(event: Event) -> Payload:
    """Parse an event's payload for a change. Raises `NotApplicableError` if it is not a JSON object."""
    if not isinstance(event.data, dict):
        raise NotApplicableError(f"event {event.number} is not a JSON object")
    # `event.data` will not do: it is shared, and orjson made floats of its integers beyond 64 bits.
    try:
        payload: Payload = json.loads(event.block.data or b"")
    except RecursionError:
        raise NotApplicableError(f"event {event.number} is nested too deeply to be changed") from None
    return payload


def frame(name: str | None, data: bytes | Payload) -> bytes:
    """Write an event. `name` None omits the `event:` line; `data` is a payload or the bytes of one."""
    line = b"" if name is None else b"event: %b\n" % name.encode()
    return line + b"data: %b\n\n" % (data if isinstance(data, bytes) else _dumped(data))


def _dumped(payload: Payload, like: bytes = b"") -> bytes:
    """Write a payload as the API does: compact, with as many spaces before the last brace as `like` has."""
    text = _json.dumps_text(payload).encode()
    padding = _PADDING.search(like)
    return text[:-1] + padding[1] + b"}" if padding and text.endswith(b"}") else text


def with_payload(event: Event, payload: Payload) -> bytes:
    """Return the bytes of an event with another payload.

    The lines keep their form, unless the payload stood on several `data:` lines.
    """
    raw, old = event.block.raw_bytes, event.block.data or b""
    new = _dumped(payload, old)
    if is_frame_start(raw):
        return with_data(raw, new)
    if old and raw.count(old) == 1:
        return raw.replace(old, new)
    return frame(event.name, new)


def with_payloads(
    recording: Recording, events: Iterable[Event], change: Callable[[Payload], Payload | None]
) -> Recording:
    """Change the payloads of events. An event is dropped if `change` returns None for it."""

    def changed(event: Event) -> bytes:
        payload = change(parsed_payload(event))
        return b"" if payload is None else with_payload(event, payload)

    return rewritten(recording, [(event, changed(event)) for event in events])
