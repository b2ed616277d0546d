"""A recording as timed reads of bytes: what every fault edits, and how a recording is made of it again.

The body is cut into blocks anew by the recorder itself, so that the format's laws hold whatever was done:
the bytes are the body, reads have rising times. Bytes that replace others come with the read that brought
the last of those; bytes that are put in come with the byte they stand before.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from inspector.faults.positions import Point, Unfit
from inspector.protocol import SDK_READ_TIMEOUT
from inspector.recording import End, Ending, Event, Recorder, Recording, Response, TimedBlock

__all__ = [
    "Read",
    "Splice",
    "answered",
    "cut",
    "ended",
    "followed",
    "rebuilt",
    "rewritten",
    "silent",
    "since",
    "spliced",
    "ticks",
    "unanswered",
    "until",
    "with_headers",
]

Read = tuple[float, bytes]
Splice = tuple[int, int, bytes]
"""Bytes of the body to replace: from, to, by what."""

_GONE = {
    Ending.CUT: "RemoteProtocolError: Server disconnected without sending a response.",
    Ending.RESET: "ReadError: [Errno 104] Connection reset by peer",
    Ending.TIMEOUT: "ReadTimeout: timed out",
}


def rebuilt(recording: Recording, reads: Iterable[Read], end: End | None = None) -> Recording:
    """Make a recording of the same request whose body came in these reads; `end` None keeps the end.

    A `content-length` that was true of the body before is taken away where it no longer is.
    """
    recorder = Recorder()
    start = recording.response.t if recording.response else 0.0
    made = (*recorder.feed((max(t, start), chunk) for t, chunk in reads), *recorder.close())
    blocks = tuple(_kept_extras(recording.blocks, made))
    end = end or recording.end
    if end is not None:
        end = end._replace(t=round(max(end.t, blocks[-1].t if blocks else start), 6))
    others = tuple((min(number, len(blocks)), line) for number, line in recording.others)
    edited = replace(recording, blocks=blocks, end=end, torn=False, others=others)
    if sum(len(block.raw_bytes) for block in blocks) == len(recording.body):
        return edited
    return with_headers(edited, {"content-length": None})


def _kept_extras(before: Sequence[TimedBlock], after: Iterable[TimedBlock]) -> Iterator[TimedBlock]:
    """Keep what a person or another version has noted at blocks that the edit did not touch."""
    extras = {(block.t, block.raw_bytes): block.extra for block in before if block.extra}
    for block in after:
        extra = extras.get((block.t, block.raw_bytes)) if extras else None
        yield block._replace(extra=extra) if extra else block


def with_headers(recording: Recording, headers: Mapping[str, str | None], **changes: Any) -> Recording:
    """Set headers of the response, None to take one away, and other fields of it."""
    response = answered(recording)
    kept = {name: text for name, text in {**response.headers, **headers}.items() if text is not None}
    if kept == response.headers and not changes:
        return recording
    return replace(
        recording, head=replace(recording.head, response=replace(response, headers=kept, **changes))
    )


def answered(recording: Recording) -> Response:
    """Return the response's head. Raises `Unfit` where there is none."""
    if recording.response is None:
        raise Unfit("it has no response")
    return recording.response


def spliced(recording: Recording, splices: Iterable[Splice]) -> Recording:
    """Replace parts of the body, which must not overlap; every other byte keeps its read and its time."""
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
    """Put other bytes in the place of events' blocks."""
    return spliced(
        recording, ((event.offset, event.offset + len(event.block.raw_bytes), new) for event, new in changes)
    )


def until(recording: Recording, offset: int) -> list[Read]:
    """Return the reads of the first `offset` bytes."""
    reads, at = [], 0
    for t, chunk in recording.chunks():
        if at < offset:
            reads.append((t, chunk[: offset - at]))
        at += len(chunk)
    return reads


def since(recording: Recording, offset: int) -> list[Read]:
    """Return the reads of what comes after the first `offset` bytes."""
    reads, at = [], 0
    for t, chunk in recording.chunks():
        if at + len(chunk) > offset:
            reads.append((t, chunk[max(offset - at, 0) :]))
        at += len(chunk)
    return reads


def cut(recording: Recording, at: Point, how: Ending, delay: float = 0.0) -> Recording:
    """End a recording at a point; before the response's head, there is no response then."""
    if at.head:
        return unanswered(recording, how, at.t + delay)
    answered(recording)
    return rebuilt(recording, until(recording, at.offset), End(at.t + delay, how))


def unanswered(recording: Recording, how: Ending, t: float) -> Recording:
    """Take away the response and all that came of it: the request ended so, at `t`."""
    head = replace(recording.head, response=None)
    return replace(recording, head=head, blocks=(), others=(), torn=False, end=End(t, how, _GONE.get(how)))


def silent(recording: Recording, at: Point) -> Recording:
    """End a recording in a silence that its reader waits for in vain."""
    return cut(recording, at, Ending.TIMEOUT, SDK_READ_TIMEOUT)


def followed(
    recording: Recording, at: Point, new: Sequence[bytes], *, every: float = 0.0, end: Ending | None = None
) -> Recording:
    """End a recording at a point with reads of other bytes, the first at once or after `every` seconds.

    A timeout follows after a silence. `end` None keeps the way it ended.
    """
    answered(recording)
    reads = [
        *until(recording, at.offset),
        *((at.t + every * n, text) for n, text in enumerate(new, bool(every))),
    ]
    t = at.t + every * len(new) + (SDK_READ_TIMEOUT if end is Ending.TIMEOUT else 0.0)
    return rebuilt(recording, reads, End(t, end or Ending.COMPLETE))


def ended(recording: Recording, how: Ending) -> Recording:
    """Let a recording end in another way, when it ended."""
    t = recording.end.t if recording.end else max((t for t, _ in recording.chunks()), default=0.0)
    return replace(recording, end=End(t, how), torn=False)


def ticks(for_: float, interval: float, most: int = 100_000) -> int:
    """Count how often something happens every `interval` seconds. Raises `Unfit` beyond `most`."""
    if interval <= 0 or for_ / interval > most:
        raise Unfit(f"every {interval:g} s for {for_:g} s is more than {most} times")
    return max(math.floor(for_ / interval), 1)
