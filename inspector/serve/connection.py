"""One client's connection: requests in, responses out, on time and no faster than the client reads.

A connection holds no bytes of a response, only its place in one that all connections share. One schedule
calls it back when the next piece is due, and due times are absolute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from inspector.play.made_up import json_answer
from inspector.play.pace import Pace
from inspector.protocol import error_payload
from inspector.recording import Ending
from inspector.serve.access import Access
from inspector.serve.limits import Refusal, ServerLimits
from inspector.serve.requests import KnownRequests, ParsedRequest, RequestParser
from inspector.serve.resetting import reset_on_close, unsent
from inspector.serve.responses import Finish, PreparedResponse, prepare
from inspector.serve.schedule import Schedule, Ticket

__all__ = ["Connection", "Delivery", "Shared"]

_SLICE = 64 * 1024
"""The most that is written at once, in bytes.

What a socket does not take of it is copied: so this is what the server holds for a client that does not read.
"""

_ROUNDING = 1e-6
"""Seconds: `since + due` may have come when, in floats, `now - since` is not yet `due`."""


class Delivery(NamedTuple):
    """How a response was delivered: the bytes of HTTP that were sent, in how many seconds, and how it ended.

    `end` is the recording's own end, or `abandoned` if the client left before it. `by_server` says that the
    server closed the connection, because it waited no longer or was stopped.
    """

    sent: int
    seconds: float
    end: Ending
    by_server: bool = False


@dataclass(slots=True)
class Shared:
    """What all connections of a server share.

    `answer` chooses the response to a request, and a token for it; `report` is called with the token when the
    response has ended, and `sent` with the bytes that are out so far, whenever that are more.
    """

    schedule: Schedule
    answer: Callable[[ParsedRequest], tuple[PreparedResponse, Any]]
    report: Callable[[Any, Delivery], None]
    limits: ServerLimits = field(default_factory=ServerLimits)
    access: Access | None = None
    sent: Callable[[Any, int], None] | None = None
    buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(64 * 1024)))
    """Where reads go: each is parsed before the next begins."""
    known: KnownRequests = field(default_factory=KnownRequests)
    connections: set[Connection] = field(default_factory=set)


class Connection(asyncio.BufferedProtocol):
    """Serve one client until it leaves, or until a response ends the connection."""

    __slots__ = (
        "_aborted",
        "_begun",
        "_blocked",
        "_closing",
        "_moved",
        "_parser",
        "_place",
        "_reading_paused",
        "_response",
        "_sent",
        "_shared",
        "_since",
        "_ticket",
        "_token",
        "_transport",
    )

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._parser = RequestParser(shared.limits, shared.known, shared.access)
        self._transport: asyncio.Transport = None  # type: ignore[assignment]  # until it is made
        self._response: PreparedResponse | None = None
        self._token: Any = None
        self._place = self._sent = 0  # pieces and bytes of the response that are out
        self._since = 0.0  # when the request came
        self._moved = 0.0  # when this connection last got on
        self._begun = 0.0  # when the request that is half way began
        self._ticket: Ticket | None = None
        self._blocked = self._reading_paused = self._closing = self._aborted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve a client."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=0)  # a client that does not take all is waited for
        self._moved = self._shared.schedule.clock()
        self._shared.connections.add(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Say where to read to."""
        return self._shared.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take the bytes that were read."""
        if self._closing:
            return
        self._moved = now = self._shared.schedule.clock()
        if not self._parser.half:
            self._begun = now
        self._parser.feed(self._shared.buffer[:nbytes])
        if self._response is None:
            self._go_on(now)
        elif self._parser.ready and not self._reading_paused:
            self._reading_paused = True  # one request ahead is enough
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a client that left, or whose connection we closed."""
        self._closing = True
        if self._ticket is not None:
            self._ticket.cancel()
        self._shared.connections.discard(self)
        if self._response is not None:
            stalled = self._response.finish is Finish.STALL and self._all_sent
            self._done(self._response.end if stalled else Ending.ABANDONED)

    def pause_writing(self) -> None:
        """Wait for a client that reads more slowly than it is sent to."""
        self._blocked = True

    def resume_writing(self) -> None:
        """Go on with a client that has caught up."""
        self._blocked = False
        self._moved = now = self._shared.schedule.clock()
        if self._response is not None:
            self._on_time(now)

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self._closing = self._aborted = True
        self._transport.abort()

    def sweep(self, now: float) -> None:
        """Close the connection if it has stood still for too long; called every now and then."""
        limits, still = self._shared.limits, now - self._moved
        if self._closing:
            if still > limits.linger:
                self._transport.abort()
        elif self._response is not None:
            stalls = self._all_sent and (self._ticket is None or self._response.finish is Finish.STALL)
            if still > limits.stall and (self._blocked or stalls):
                self.abort()
        elif self._parser.half:
            late = still > limits.half
            if late or now - self._begun > limits.request:
                within = limits.half if late else limits.request
                detail = f"the rest of the request did not come within {within:g} s"
                self._parser.refuse(408, "timeout_error", detail)
                self._go_on(now)
        elif still > limits.idle:
            self._close()

    # Requests to responses.

    def _go_on(self, now: float) -> None:
        """Answer the requests that have come, one after another, as long as no response has to wait."""
        parser = self._parser
        while self._response is None and not self._closing:
            if parser.ready:
                self._begin(parser.ready.popleft(), now)
            elif parser.refusal is not None:
                self._transport.write(_refused(parser.refusal).wire)
                self._close()
            else:
                if parser.waits:
                    parser.waits = False
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                break
        if self._reading_paused and self._response is None:
            self._read_again()

    def _begin(self, request: ParsedRequest, now: float) -> None:
        response, self._token = self._shared.answer(request)
        self._response = response
        self._place = self._sent = 0
        self._since = now
        self._send(now)

    def _read_again(self) -> None:
        self._reading_paused = False
        self._transport.resume_reading()

    # Responses to bytes.

    @property
    def _all_sent(self) -> bool:
        return self._response is not None and self._sent == len(self._response.wire)

    def _on_time(self, now: float) -> None:
        """Send what is due; the schedule calls this when the next piece or the end is."""
        self._ticket = None
        self._moved = now
        self._send(now)
        if self._response is None:
            self._go_on(now)

    def _send(self, now: float) -> None:
        """Send what is due, and be called again when more is, or when the client has caught up."""
        response, transport = self._response, self._transport
        if response is None or self._closing or transport.is_closing():
            return
        self._place = place = response.due(now - self._since + _ROUNDING, self._place)
        self._write(response.wire, response.marks[place - 1] if place else 0)
        if self._shared.sent is not None:
            self._shared.sent(self._token, self._sent)
        if self._blocked:
            return
        due_next = response.times[place] if place < len(response.times) else response.end_time
        if place == len(response.times) and (response.at_once or now + _ROUNDING >= self._since + due_next):
            self._finish(response, now)
        else:
            self._ticket = self._shared.schedule.at(self._since + due_next, self._on_time)

    def _write(self, wire: bytes, due: int) -> None:
        """Write the bytes up to `due`, as many as the client takes."""
        sent = self._sent
        if not sent and due == len(wire) and due <= _SLICE:
            if due:
                self._transport.write(wire)
                self._sent = due
            return
        view, transport = memoryview(wire), self._transport
        # It is closing if the client has left: each further write would be a line on standard error.
        while sent < due and not self._blocked and not transport.is_closing():
            upto = min(due, sent + _SLICE)
            transport.write(view[sent:upto])
            self._sent = sent = upto

    def _finish(self, response: PreparedResponse, now: float) -> None:
        """End as the recording did, when all is sent."""
        match response.finish:
            case Finish.KEEP:
                self._done(response.end)
            case Finish.CLOSE:
                self._done(response.end)
                self._close()
            case Finish.RESET:
                self._reset(now)
            case Finish.STALL:
                self._moved = now
                if self._reading_paused:  # to notice when the client leaves
                    self._read_again()

    def _close(self) -> None:
        """Close in our direction; the client, which may still be sending, reads all and closes its own."""
        self._closing = True
        self._moved = self._shared.schedule.clock()
        if self._reading_paused:
            self._read_again()
        if not self._transport.is_closing():
            self._transport.write_eof()

    def _reset(self, now: float) -> None:
        """Reset the connection as soon as all has reached the client: a reset throws away what has not."""
        self._ticket = None
        response, connection = self._response, self._transport.get_extra_info("socket")
        if response is None:
            return
        if self._transport.get_write_buffer_size() or unsent(connection):
            self._ticket = self._shared.schedule.at(now + 0.001, self._reset)
            return
        self._done(response.end)
        reset_on_close(connection)
        self.abort()

    def _done(self, end: Ending) -> None:
        token, self._token, self._response = self._token, None, None
        self._moved = now = self._shared.schedule.clock()
        self._shared.report(token, Delivery(self._sent, now - self._since, end, self._aborted))


def _refused(refusal: Refusal) -> PreparedResponse:
    status, kind, message = refusal
    return prepare(json_answer(status, error_payload(kind, message)), Pace(), close=True)
