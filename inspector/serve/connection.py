"""One client's connection: requests in, answers out, on time and no faster than the client reads.

A connection holds no bytes of an answer, only its place in one that all share. It asks one schedule to be
called back when the next piece is due, and its due times are absolute.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from inspector.protocol import error_payload
from inspector.recording import Ending
from inspector.serve.requests import Incoming, Limits, Requests
from inspector.serve.responses import Answer, Finish, json_answer
from inspector.serve.schedule import Schedule, Ticket

__all__ = ["Connection", "Outcome", "Shared"]

_SLICE = 256 * 1024
"""The most that is written at once, in bytes: what a socket does not take is copied."""

_ROUNDING = 1e-6
"""Seconds: `since + due` may have come when, in floats, `now - since` is not yet `due`."""

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, for no time


class Outcome(NamedTuple):
    """How an answer went: the bytes of HTTP that were sent, in how many seconds, and how it ended.

    `end` is the recording's own end, or `abandoned` where the client left before it.
    """

    sent: int
    seconds: float
    end: Ending


@dataclass(slots=True)
class Shared:
    """What all connections of a server share.

    `answer` chooses the answer to a request and a token for it; `report` hears what became of the token.
    """

    schedule: Schedule
    answer: Callable[[Incoming], tuple[Answer, Any]]
    report: Callable[[Any, Outcome], None]
    limits: Limits = field(default_factory=Limits)
    buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(64 * 1024)))
    """Where reads go: each is parsed before the next begins."""
    connections: set[Connection] = field(default_factory=set)


class Connection(asyncio.BufferedProtocol):
    """Serve one client until it leaves, or until an answer ends the connection."""

    __slots__ = (
        "_answer",
        "_blocked",
        "_closing",
        "_heard",
        "_place",
        "_requests",
        "_sent",
        "_shared",
        "_since",
        "_ticket",
        "_token",
        "_transport",
        "_unread",
    )

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._requests = Requests(shared.limits)
        self._transport: asyncio.Transport = None  # type: ignore[assignment]  # until it is made
        self._answer: Answer | None = None
        self._token: Any = None
        self._place = self._sent = 0  # pieces and bytes of the answer that are out
        self._since = self._heard = 0.0
        self._ticket: Ticket | None = None
        self._blocked = self._unread = self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._transport = cast("asyncio.Transport", transport)
        self._heard = self._shared.schedule.clock()
        self._shared.connections.add(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Say where to read to."""
        return self._shared.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes have come."""
        if self._closing:
            return
        self._heard = self._shared.schedule.clock()
        self._requests.feed(self._shared.buffer[:nbytes])
        if self._answer is None:
            self._go_on()
        elif self._requests.ready and not self._unread:
            self._unread = True  # one request ahead is enough
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has left, or we have closed."""
        self._closing = True
        if self._ticket is not None:
            self._ticket.cancel()
        self._shared.connections.discard(self)
        if self._answer is not None:
            stalled = self._answer.finish is Finish.STALL and self._all_sent
            self._done(self._answer.end if stalled else Ending.ABANDONED)

    def pause_writing(self) -> None:
        """The client reads more slowly than it is sent to."""
        self._blocked = True

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._blocked = False
        self._heard = now = self._shared.schedule.clock()
        if self._answer is not None:
            self._on_time(now)

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self._closing = True
        self._transport.abort()

    def sweep(self, now: float) -> None:
        """Close what has stood still for too long; called every now and then."""
        limits, still = self._shared.limits, now - self._heard
        if self._closing:
            if still > limits.linger:
                self._transport.abort()
        elif self._answer is not None:
            if still > limits.stall and (self._blocked or (self._all_sent and self._ticket is None)):
                self.abort()
        elif self._requests.half:
            if still > limits.half:
                told = f"the rest of the request did not come within {limits.half:g} s"
                self._requests.refuse(408, "timeout_error", told)
                self._go_on()
        elif still > limits.idle:
            self._close()

    # Requests to answers.

    def _go_on(self) -> None:
        """Answer what has come, one after another, as long as answers need not wait."""
        requests = self._requests
        while self._answer is None and not self._closing:
            if requests.ready:
                self._begin(requests.ready.popleft())
            elif requests.refusal is not None:
                status, kind, message = requests.refusal
                self._transport.write(json_answer(status, error_payload(kind, message)).closing().wire)
                self._close()
            else:
                if requests.waits:
                    requests.waits = False
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                break
        if self._unread and self._answer is None:
            self._unread = False
            self._transport.resume_reading()

    def _begin(self, incoming: Incoming) -> None:
        self._answer, self._token = self._shared.answer(incoming)
        self._place = self._sent = 0
        self._since = now = self._shared.schedule.clock()
        self._send(now)

    # Answers to bytes.

    @property
    def _all_sent(self) -> bool:
        return self._answer is not None and self._sent == len(self._answer.wire)

    def _on_time(self, now: float) -> None:
        """Called by the schedule, when the next piece or the end is due."""
        self._ticket = None
        self._send(now)
        if self._answer is None:
            self._go_on()

    def _send(self, now: float) -> None:
        """Send what is due, and ask to be called again for what is not, or when the client has caught up."""
        answer, transport = self._answer, self._transport
        if answer is None or self._closing or transport.is_closing():
            return
        wire, sent = answer.wire, self._sent
        self._place = place = answer.due(now - self._since + _ROUNDING, self._place)
        due = answer.marks[place - 1] if place else 0
        if not sent and due == len(wire) and due <= _SLICE:
            if due:
                transport.write(wire)
                self._sent = due
        elif sent < due:
            view = memoryview(wire)
            while sent < due and not self._blocked:
                upto = min(due, sent + _SLICE)
                transport.write(view[sent:upto])
                self._sent = sent = upto
        if self._blocked:
            return
        due_next = answer.times[place] if place < len(answer.times) else answer.end_time
        if place == len(answer.times) and (answer.at_once or now + _ROUNDING >= self._since + due_next):
            self._finish(answer, now)
        else:
            self._ticket = self._shared.schedule.at(self._since + due_next, self._on_time)

    def _finish(self, answer: Answer, now: float) -> None:
        """All is sent: end as the recording did."""
        match answer.finish:
            case Finish.KEEP:
                self._done(answer.end)
            case Finish.CLOSE:
                self._done(answer.end)
                self._close()
            case Finish.RESET:
                self._reset(now)
            case Finish.STALL:
                self._heard = now
                if self._unread:  # to hear the client leave
                    self._unread = False
                    self._transport.resume_reading()

    def _close(self) -> None:
        """Close in our direction; the client, which may still be sending, reads all and closes its own."""
        self._closing = True
        self._heard = self._shared.schedule.clock()
        if self._unread:
            self._unread = False
            self._transport.resume_reading()
        if not self._transport.is_closing():
            self._transport.write_eof()

    def _reset(self, now: float) -> None:
        """Reset the connection as soon as all has reached the client: a reset throws away what has not."""
        self._ticket = None
        answer, connection = self._answer, self._transport.get_extra_info("socket")
        if answer is None:
            return
        if self._transport.get_write_buffer_size() or _unsent(connection):
            self._ticket = self._shared.schedule.at(now + 0.001, self._reset)
            return
        self._done(answer.end)
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.abort()

    def _done(self, end: Ending) -> None:
        token, self._token, self._answer = self._token, None, None
        now = self._shared.schedule.clock()
        self._heard = now
        self._shared.report(token, Outcome(self._sent, now - self._since, end))


def _unsent(connection: socket.socket) -> int:
    """The bytes that the system holds and the peer has not; 0 where it does not say."""
    try:
        import fcntl
        import termios

        held = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
    except (ImportError, OSError, ValueError):  # the last: it is closed
        return 0
    return int(struct.unpack("i", held)[0])
