"""One request and its response on their way through the proxy, and into a recording.

Both bodies pass at the same time, each read at once. Where the upstream breaks off, so does this proxy: a cut
is a cut for the client, and a reset a reset. A client that leaves ends its request at once: its exchange is
cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from inspector.play.received import History, IncomingRequest, url_path
from inspector.play.sources import Source
from inspector.protocol import is_side_traffic
from inspector.proxy.body_framing import Body, Chunked, UntilClose
from inspector.proxy.boundaries import ProxyLimits
from inspector.proxy.connecting import Connector
from inspector.proxy.failures import NoResponseError, broken_off
from inspector.proxy.forwarding import BodyCopy, Budget, Passing
from inspector.proxy.message_heads import (
    Fields,
    HeadError,
    RequestHead,
    ResponseHead,
    parse_response,
    passed_on,
)
from inspector.proxy.notes import Notes, Recorder
from inspector.proxy.upstream import Upstream
from inspector.proxy.wires import Wire
from inspector.record.heads import ReceivedHead, SentRequest
from inspector.recording import Ending

__all__ = ["Choices", "Exchange", "Outcome", "Surroundings"]

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})


class Choices(NamedTuple):
    """What becomes of a request, by its method and its path."""

    records: Callable[[str, str], bool] = lambda method, path: not is_side_traffic(method, path)
    """Whether the exchange is recorded. It is forwarded in any case."""
    answer: Callable[[str, str], Source | None] = lambda method, path: None
    """What answers the request here, so that it is neither forwarded nor recorded; None to forward it."""


@dataclass(slots=True)
class Surroundings:
    """What all exchanges of a proxy share."""

    upstream: Upstream
    connector: Connector
    recorder: Recorder
    history: History
    limits: ProxyLimits
    choices: Choices
    budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        self.budget = Budget(self.limits.copies)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a response ended for the client, and whether its connection can be used again."""

    end: Ending
    again: bool = False


class Exchange:
    """Forward one request of `client`, and its response back. Raises `NoResponseError` if none comes."""

    def __init__(self, client: Wire, request: RequestHead, surroundings: Surroundings) -> None:
        self._client = client
        self._request = request
        self._around = surroundings
        self._body = request.body()
        self._url = surroundings.upstream.url(request)
        recorded = surroundings.choices.records(request.method, url_path(request.target))
        self._sent_at = surroundings.recorder.tap.now() if recorded else None
        self._copy = BodyCopy(surroundings.limits.copy, surroundings.budget)
        self._sending: Passing | None = None
        self._wire: Wire | None = None
        self._notes = Notes(surroundings.recorder)
        self._begun = self._interim = False  # to record; and to answer, if only with a 1xx

    @property
    def complete(self) -> bool:
        """Whether all of the request has come."""
        return self._body.done

    async def run(self) -> Outcome:
        """Do all of it."""
        failure = NoResponseError(0, "", "", Ending.ABANDONED, "")
        try:
            response = await self._answered()
            return await self._pass_response(response)
        except NoResponseError as error:
            failure = error
            await self._read_request()
            raise
        finally:
            self._stop(failure)

    def _stop(self, failure: NoResponseError) -> None:
        """Leave nothing behind, whatever has ended the exchange."""
        if self._sending is not None:
            self._sending.stop()
        if self._wire is not None:
            self._wire.gone = None
            self._wire.abort()
        if not self._begun:
            self._remember(failure.status or None)
            self._begin(None)
        self._notes.finish(failure.end, failure.error or None)
        self._copy.release()

    # The request.

    async def _answered(self) -> ResponseHead:
        """Send the request; return the head of its response."""
        wire = self._around.connector.reuse()
        if wire is not None:
            repeatable = self._request.method in _REPEATABLE and self._body.done
            try:
                return await self._ask(wire)
            except NoResponseError as failure:
                # It was closed for its age just when this request was on its way.
                stale = failure.end in (Ending.CUT, Ending.RESET) and not (wire.waiting or self._interim)
                if not (repeatable and stale):
                    raise
                wire.abort()
        return await self._ask(await self._around.connector.connect())

    async def _ask(self, wire: Wire) -> ResponseHead:
        """Send the request on a connection, and wait for the head of the response."""
        self._wire = wire
        head, _ = self._around.upstream.request(self._request)
        wire.write(head)
        if self._sending is None and not self._body.done:
            if self._request.waits:
                self._client.write(_CONTINUE)
            self._send_body(wire)
        while True:
            response = await self._read_head(wire)
            if response.status == 101:
                raise self._garbage("101 Switching Protocols, which nobody wants")
            if response.status >= 200:
                return response
            self._interim = True
            if not self._request.http_1_0:
                self._client.write(_head(response, passed_on(response.fields)))

    def _send_body(self, wire: Wire) -> None:
        limits = self._around.limits.client

        def ended(how: asyncio.Future[tuple[Ending, str | None]]) -> None:
            end, error = how.result()
            if end is Ending.TIMEOUT:
                text = f"the rest of the request did not come within {limits.half:g} s"
                wire.fail(NoResponseError(408, "timeout_error", text, Ending.ABANDONED, ""))
            elif end is Ending.CUT:
                text = f"this is not an HTTP/1.1 request: {(error or '').partition(': ')[2]}"
                wire.fail(NoResponseError(400, "invalid_request_error", text, Ending.ABANDONED, ""))

        self._sending = Passing(self._client, wire, self._body, self._copy.add, silence=limits.half)
        self._sending.ended.add_done_callback(ended)
        self._sending.start()

    async def _read_request(self) -> None:
        """Take the rest of a request that nobody answers, for the recording; its client sends it anyway."""
        client, body, copy = self._client, self._body, self._copy
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0 if self._request.waits else self._around.limits.rest):
                if self._sending is not None:
                    await asyncio.wait({self._sending.ended})
                while self._sending is None and not body.done and body.error is None and client.end is None:
                    await client.some()
                    data, client.waiting = client.waiting, b""
                    content, used = body.feed(data)
                    copy.add(content)
                    client.keep(data[used:] if body.done else b"")

    async def _read_head(self, wire: Wire) -> ResponseHead:
        around, shown = self._around, self._around.upstream.shown
        try:
            async with asyncio.timeout(around.limits.silence):
                head = await wire.head(around.limits.head, response=True)
            if head:
                return parse_response(head)
        except HeadError as error:
            raise self._garbage(str(error)) from error
        except TimeoutError as error:
            text = f"{shown} sent no response within {around.limits.silence:g} s"
            raise NoResponseError(504, "timeout_error", text, Ending.TIMEOUT, "ReadTimeout") from error
        raise broken_off(shown, wire.end or Ending.CUT, wire.error, wire.waiting)

    def _garbage(self, what: str) -> NoResponseError:
        message = f"{self._around.upstream.shown} does not answer in HTTP/1.1: {what}"
        return NoResponseError(502, "api_error", message, Ending.CUT, f"RemoteProtocolError: {what}")

    # The response.

    async def _pass_response(self, response: ResponseHead) -> Outcome:
        """Pass the response on, as it comes."""
        wire, client, request = self._wire, self._client, self._request
        assert wire is not None
        try:
            body = response.body(request.method)
        except HeadError as error:
            raise self._garbage(str(error)) from error
        self._remember(response.status)
        received = ReceivedHead(wire.read_at, response.status, _text(response.fields), _version(response))
        self._begin(received)
        self._copy.release()
        again = request.keep_alive and not isinstance(body, UntilClose)
        plain = request.http_1_0 and isinstance(body, Chunked)
        client.write(_head(response, _framed(response, plain=plain, again=again)))
        receiving = Passing(
            wire,
            client,
            body,
            lambda content: self._notes.note(wire.read_at, content),
            silence=self._around.limits.silence,
            plain=plain,
            broken=True,
            hold=True,
            behind=self._notes.behind,
        )
        wire.gone = receiving.source_gone
        try:
            receiving.start()
            end, text = await receiving.ended
        finally:
            receiving.stop()
        self._notes.finish(end, text)
        await self._notes.written()
        client.write(receiving.held)  # whoever has all of a response has all of its recording
        wire.gone = None
        sent = self._body.done
        if end is Ending.COMPLETE and sent and self._reusable(wire, response, body):
            self._wire = None
            self._around.connector.put_back(wire, response)
        return Outcome(end, again and sent)

    def _reusable(self, wire: Wire, response: ResponseHead, body: Body) -> bool:
        open_ = wire.end is None and not wire.waiting and not isinstance(body, UntilClose)
        return open_ and response.keep_alive

    # The recording.

    def _begin(self, received: ReceivedHead | None) -> None:
        """Begin to record."""
        self._begun = True
        if self._sent_at is not None:
            at, clock, observer = self._sent_at
            body, extra = self._body_so_far()
            fields = _text(self._around.upstream.fields(self._request))
            method, url = self._request.method, self._url
            sent = SentRequest(at, clock, method, url, fields, body, extra, observer)
            self._notes.begin(sent, received)

    def _body_so_far(self) -> tuple[bytes | None, dict[str, int | None] | None]:
        """Return as much of the body as has come by now and is kept, and its length if that is not all."""
        copy = self._copy
        if copy.whole and self._body.done:
            return copy.content() or None, None
        return copy.content(), {"body_length": copy.length if self._body.done else self._body.length}

    def _remember(self, status: int | None) -> None:
        request = self._request
        incoming = IncomingRequest(request.method, request.target, self._copy.content(), request.fields)
        self._around.history.add(incoming, status=status)


def _framed(response: ResponseHead, *, plain: bool, again: bool) -> Fields:
    """Return the header fields for a client, whose connection may be used again or not."""
    fields = passed_on(response.fields)
    dropped = {b"transfer-encoding", b"trailer"} if plain else set()
    if response.two_framings:
        dropped.add(b"content-length")
    fields = [field for field in fields if field[0].lower() not in dropped]
    return fields if again else [*fields, (b"connection", b"close")]


def _head(response: ResponseHead, fields: Fields) -> bytes:
    line = b"HTTP/1.1 %d %b" % (response.status, response.reason)
    return b"\r\n".join([line, *(b"%b: %b" % field for field in fields), b"", b""])


def _version(response: ResponseHead) -> str:
    return "HTTP/1.0" if response.http_1_0 else "HTTP/1.1"


def _text(fields: Fields) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), _value(value)) for name, value in fields]


def _value(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
