"""Responses made ready to send: every byte of one, HTTP framing included, and when each piece is due.

A pure function of a recording and a pace. What it makes is shared by all connections that play the same
recording; a connection keeps no more than its place in it. The chunks stay those of the recording: each
is one HTTP chunk, due at its own time, so that what is due together can go out in one write without their
boundaries being lost.
"""

from __future__ import annotations

import enum
import http
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from inspector import _json
from inspector.protocol import status_of
from inspector.recording import End, Ending, Head, Recording, Request, Response, TimedBlock, chunks

__all__ = ["Answer", "Finish", "Pace", "as_message", "json_answer", "prepare"]


class Finish(enum.Enum):
    """What to do with the connection when all has been sent."""

    KEEP = "keep"
    """Serve the next request."""
    CLOSE = "close"
    """Close it."""
    RESET = "reset"
    """Reset it (RST)."""
    STALL = "stall"
    """Keep it open and silent until the client goes."""


_FINISHES = {Ending.COMPLETE: Finish.KEEP, Ending.RESET: Finish.RESET, Ending.TIMEOUT: Finish.STALL}

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"})
_REASONS = {status.value: status.phrase for status in http.HTTPStatus} | {529: "Overloaded"}
_NOT_IN_A_LINE = re.compile(r"[\r\n\x00]+")


@dataclass(frozen=True, slots=True)
class Pace:
    """How recorded times become due times: `speed` times as fast, None at once; gaps at most `max_gap`."""

    speed: float | None = None
    max_gap: float | None = None

    def due(self, times: Iterable[float]) -> array[float]:
        """Return when what was recorded at each of `times` is due, in seconds since the request."""
        if not self.speed:
            return array("d", (0.0 for _ in times))
        last, gaps = 0.0, []
        for t in times:
            gap = max(t - last, 0.0) / self.speed
            gaps.append(gap if self.max_gap is None else min(gap, self.max_gap))
            last = max(t, last)
        return array("d", accumulate(gaps))


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, ready.

    `wire` is every byte of it. Its pieces are the head, the chunks and, where there is one, the last chunk:
    piece i ends at byte `marks[i]` and is due `times[i]` seconds after the request. `finish` follows at
    `end_time`, and `end` is what it plays. `status` is None where no head is sent.
    """

    wire: bytes
    marks: array[int]
    times: array[float]
    finish: Finish
    end_time: float
    status: int | None
    end: Ending
    at_once: bool

    def due(self, elapsed: float, start: int = 0) -> int:
        """Return how many pieces are due `elapsed` seconds after the request; at least `start` are."""
        return len(self.times) if self.at_once else bisect_right(self.times, elapsed, start)

    def closing(self) -> Answer:
        """The same, told to be the connection's last."""
        if self.status is None:
            return self
        size = self.marks[0]
        told = b"connection: close\r\n\r\n"
        grown = len(told) - 2
        finish = Finish.CLOSE if self.finish is Finish.KEEP else self.finish
        wire = b"".join((self.wire[: size - 2], told, self.wire[size:]))
        return replace(
            self, wire=wire, marks=array("Q", (mark + grown for mark in self.marks)), finish=finish
        )

    def bodiless(self) -> Answer:
        """The same without its body, for HEAD."""
        if self.status is None:
            return self
        size, due = self.marks[0], self.times[0]
        return replace(self, wire=self.wire[:size], marks=self.marks[:1], times=self.times[:1], end_time=due)


def prepare(head: Head, played: Iterable[TimedBlock | End], pace: Pace, *, old: bool = False) -> Answer:
    """Make a recording's answer. `old`: for an HTTP/1.0 client, whose body ends when the connection does."""
    blocks: list[TimedBlock] = []
    end = None
    for item in played:
        if isinstance(item, End):
            end = item
        else:
            blocks.append(item)
    body, response = list(chunks(blocks)), head.response
    how = end.how if end else Ending.CUT
    finish = _FINISHES.get(how, Finish.CLOSE)
    last = body[-1][0] if body else response.t if response else 0.0
    end_time = max(end.t, last) if end else last
    if response is None:
        finish = Finish.CLOSE if finish is Finish.KEEP else finish
        due = pace.due([end_time])
        return Answer(b"", array("Q"), due[:0], finish, due[0], None, how, not pace.speed)
    pieces, times = [_head(response, [])], [response.t]
    if _has_body(response.status):
        told, framed, keeps = _framed(response, [piece for _, piece in body], finish is Finish.KEEP, old)
        pieces, times = [_head(response, told), *framed], [response.t, *(t for t, _ in body)]
        if len(pieces) > len(times):
            times.append(end_time)
        finish = Finish.CLOSE if finish is Finish.KEEP and not keeps else finish
    due = pace.due([*times, end_time])
    marks = array("Q", accumulate(map(len, pieces)))
    return Answer(b"".join(pieces), marks, due[:-1], finish, due[-1], response.status, how, not pace.speed)


def _has_body(status: int) -> bool:
    return status >= 200 and status not in (204, 304)


def _framed(
    response: Response, body: list[bytes], whole: bool, old: bool
) -> tuple[list[tuple[str, str]], list[bytes], bool]:
    """Frame a body: the headers that say how, its pieces, and whether the connection outlives it.

    A recorded length is kept, also a false one, unless the body is no longer the one it was said of.
    """
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and not _decoded(response):
        return [("content-length", length)], body, int(length) == sum(map(len, body)) and not old
    if old:
        return [], body, False
    framed = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in body]
    return [("transfer-encoding", "chunked")], [*framed, *([b"0\r\n\r\n"] if whole else [])], True


def _decoded(response: Response) -> bool:
    """Whether the recording holds the body in another coding than the head says."""
    return "content-encoding" in response.headers and not (response.extra or {}).get("undecoded")


def _head(response: Response, framing: list[tuple[str, str]]) -> bytes:
    dropped = _HOP_BY_HOP | {"content-length"}
    if _decoded(response):
        dropped |= {"content-encoding"}
    kept = [(name, value) for name, value in response.headers.items() if name not in dropped]
    lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, '')}"]
    lines += [_NOT_IN_A_LINE.sub(" ", f"{name}: {value}") for name, value in (*kept, *framing)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


def as_message(recording: Recording) -> Recording:
    """Answer a request that did not ask for a stream: one message, when the stream would have ended.

    An error event becomes the error response it would have been, and a stream that broke off a response
    that never began. What is no stream of a message stays as it is.
    """
    response, end = recording.response, recording.end
    if response is None or response.status != 200 or not any(block.data for block in recording.blocks):
        return recording
    if end is None or end.how is not Ending.COMPLETE:
        return replace(recording, head=replace(recording.head, response=None), blocks=())
    failed = next((event.data for event in recording.events() if event.type == "error"), None)
    if isinstance(failed, dict):
        return _as_json(recording, response, end, _status_of(failed), failed)
    message = recording.message()
    return recording if message is None else _as_json(recording, response, end, 200, message)


def _status_of(failed: dict[str, Any]) -> int:
    error = failed.get("error")
    return status_of(str(error.get("type")) if isinstance(error, dict) else "")


def _as_json(
    recording: Recording, response: Response, end: End, status: int, value: dict[str, Any]
) -> Recording:
    body = _json.dumps(value)
    dropped = _HOP_BY_HOP | {"content-encoding", "cache-control", "content-type", "content-length"}
    headers = {name: text for name, text in response.headers.items() if name not in dropped}
    headers |= {"content-type": "application/json", "content-length": str(len(body))}
    head = replace(recording.head, response=replace(response, t=end.t, status=status, headers=headers))
    return replace(recording, head=head, blocks=(TimedBlock(end.t, None, None, body),), others=())


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """Make an answer of our own, sent at once."""
    body = _json.dumps(value)
    told = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    head = Head("", Request(), Response(0.0, status, told))
    return prepare(head, [TimedBlock(0.0, None, None, body), End(0.0, Ending.COMPLETE)], Pace())
