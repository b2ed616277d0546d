"""Responses ready to send: every byte of one, HTTP framing included, and when each piece is due.

A pure function of a recording and a pace. All connections that play the same recording share what it makes; a
connection keeps no more than its place in it. The chunks stay those of the recording: each is one HTTP chunk,
due at its own time, so what is due together goes out in one write and the boundaries are not lost.
"""

from __future__ import annotations

import enum
import http
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from inspector.play.pace import Pace
from inspector.play.sources import Source
from inspector.recording import Ending

__all__ = ["Finish", "PreparedResponse", "prepare"]


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
_REASONS = {status.value: status.phrase for status in http.HTTPStatus} | {529: "Overloaded"}
_CHUNKED = (b"transfer-encoding", b"chunked")
_CLOSE = (b"connection", b"close")
_LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class PreparedResponse:
    """One response, ready.

    `wire` is every byte of it. Its pieces are the head, the chunks and, if the body ends so, the last chunk:
    piece i ends at byte `marks[i]` and is due `times[i]` seconds after the request. `finish` follows at
    `end_time`, and `end` is the ending that it plays. `status` is None if no head is sent. `at_once` says
    that everything is due at once.
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


def prepare(
    source: Source, pace: Pace, *, http_1_0: bool = False, close: bool = False, to_head: bool = False
) -> PreparedResponse:
    """Prepare the response that a source plays.

    `http_1_0` is for a client of HTTP/1.0, whose body ends when the connection does. `close` tells the client
    that this response is the connection's last. `to_head` is the answer to HEAD, whose body is not sent.
    Raises `RecordingError` for a file that is broken or gone.
    """
    playback, response = source.play(), source.head.response
    body = list(playback)
    how = playback.end.how if playback.end else Ending.CUT
    finish = _FINISHES.get(how, Finish.CLOSE)
    last = body[-1][0] if body else response.t if response else 0.0
    end_time = max(playback.end.t, last) if playback.end else last
    pieces: list[bytes] = []
    times: list[float] = []
    reusable = False
    if response is not None:
        chunks = [] if to_head else [chunk for _, chunk in body]
        fields, framed, reusable = _framed(source, chunks, finish is Finish.KEEP, http_1_0, to_head)
        pieces = [_head(response.status, [*fields, *([_CLOSE] if close else [])]), *framed]
        times = [response.t, *(t for t, _ in body), end_time][: len(pieces)]
    if finish is Finish.KEEP and (close or not reusable):
        finish = Finish.CLOSE
    due = pace.due([*times, end_time])
    return PreparedResponse(
        b"".join(pieces),
        array("Q", accumulate(map(len, pieces))),
        due[:-1],
        finish,
        due[-1],
        response.status if response else None,
        how,
        pace.at_once,
    )


def _framed(
    source: Source, body: list[bytes], whole: bool, http_1_0: bool, to_head: bool
) -> tuple[list[tuple[bytes, bytes]], list[bytes], bool]:
    """Frame a body: return all header fields, the pieces, and whether the connection can be used again.

    With a length, the body is sent without HTTP chunks. A body that was cut is shorter than its length.
    """
    fields, response = source.headers(), source.head.response
    assert response is not None
    if to_head or response.status < 200 or response.status in (204, 304):
        return fields, [], True
    length = dict(fields).get(b"content-length")
    if length is not None:
        return fields, body, int(length) == sum(map(len, body)) and not http_1_0
    if http_1_0:
        return fields, body, False
    framed = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in body]
    return [*fields, _CHUNKED], [*framed, *([_LAST_CHUNK] if whole else [])], True


def _head(status: int, fields: list[tuple[bytes, bytes]]) -> bytes:
    line = b"HTTP/1.1 %d %b" % (status, _REASONS.get(status, "").encode())
    return b"\r\n".join([line, *(b"%b: %b" % field for field in fields), b"", b""])
