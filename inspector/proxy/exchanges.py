"""One application's connection: each of its requests goes to the upstream, and the response comes back.

Requests are parsed, bounded and admitted as by `inspector serve`. A body is read whole and forwarded with
its length; a response is passed on piece by piece. Where the upstream breaks off, the connection is closed
without the end of the body. An application that leaves ends its request, as in other reverse proxies.

Where a request goes is decided here alone. Neither its target nor its `Host` can name another server.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from inspector.play.headers import HOP_BY_HOP
from inspector.play.made_up import json_answer
from inspector.play.pace import Pace
from inspector.play.received import History, IncomingRequest, url_path
from inspector.play.sources import Source
from inspector.protocol import error_payload, is_side_traffic
from inspector.record.tap import Tap
from inspector.redact import mask_text, mask_url
from inspector.serve.access import Access
from inspector.serve.limits import Refusal, ServerLimits
from inspector.serve.requests import KnownRequests, ParsedRequest, RequestParser
from inspector.serve.responses import prepare

__all__ = ["Choices", "Exchanges", "Upstream"]

_OF_THIS_HOP = frozenset(name.encode() for name in HOP_BY_HOP | {"host", "content-length", "expect"})
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_READ = 64 * 1024

Fields = list[tuple[bytes, bytes]]


class Choices(NamedTuple):
    """What becomes of a request, by its method and its path."""

    records: Callable[[str, str], bool] = lambda method, path: not is_side_traffic(method, path)
    """Whether the exchange is recorded. It is forwarded in any case."""
    answer: Callable[[str, str], Source | None] = lambda method, path: None
    """What answers the request here, so that it is neither forwarded nor recorded; None to forward it."""


class Upstream:
    """The server that requests are forwarded to, through `client`, an async one of the SDK's library."""

    def __init__(self, url: str, client: Any, library: Any) -> None:
        self.shown = mask_url(url.rstrip("/"))
        """Its URL for messages."""
        self.client = client
        self.errors: type[Exception] = library.HTTPError
        """What the client raises where the upstream breaks off."""
        self._library = library
        self._url = library.URL(url)
        self._path = self._url.path.rstrip("/").encode()

    def request(self, incoming: IncomingRequest) -> Any:
        """Make the request to the upstream. Raises `ValueError` if its target is no path."""
        path = _AUTHORITY.sub("", incoming.url, count=1) or "/"
        if not path.startswith("/"):
            raise ValueError(f"{incoming.url[:100]!r} is no path")
        try:
            url = self._url.copy_with(raw_path=self._path + path.encode("latin-1"))
        except self._library.InvalidURL as error:
            raise ValueError(f"{incoming.url[:100]!r} is no path: {error}") from error
        self.client.cookies.clear()  # those of an earlier response are the application's to send, or not
        headers = passed_on(incoming.raw_headers)
        return self.client.build_request(incoming.method, url, headers=headers, content=incoming.body)


def passed_on(headers: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Return the header fields that are not for this connection only (RFC 9110, 7.6.1)."""
    fields = [(name, value) for name, value in headers]
    listed = b",".join(value for name, value in fields if name.lower() == b"connection")
    dropped = _OF_THIS_HOP | {name.strip().lower() for name in listed.split(b",")}
    return [(name, value) for name, value in fields if name.lower() not in dropped]


class Exchanges:
    """The connections of all applications. `serve` serves one of them."""

    def __init__(
        self, upstream: Upstream, tap: Tap, history: History, access: Access, choices: Choices
    ) -> None:
        self._upstream = upstream
        self._tap = tap
        self._history = history
        self._choices = choices
        self._limits = ServerLimits()
        self._access = access
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: set[asyncio.Task[None]] = set()  # those with a response under way
        self._ending = False

    async def end(self, patience: float) -> None:
        """End every connection; those with a response under way have `patience` seconds to end it."""
        self._ending = True
        for task in self._tasks - self._busy:
            task.cancel()
        if self._busy:
            await asyncio.wait(self._busy, timeout=patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin to serve a connection: what `asyncio.start_server` calls."""
        # A task of asyncio's own would print a traceback when it is cancelled (Python 3.11).
        self._tasks.add(asyncio.ensure_future(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends."""
        task = asyncio.current_task()
        assert task is not None
        parser = RequestParser(self._limits, KnownRequests(), self._access)
        try:
            while not self._ending and await self._read_request(reader, writer, parser):
                self._busy.add(task)
                if not await self._while_there(reader, writer, parser):
                    break
                self._busy.discard(task)
        except OSError:  # the application has gone
            pass
        finally:
            self._tasks.discard(task)
            self._busy.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _read_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parser: RequestParser
    ) -> bool:
        """Read until a request is ready; return False if none comes any more."""
        try:
            async with asyncio.timeout(self._limits.request):
                while not parser.ready and parser.refusal is None:
                    if parser.waits:
                        parser.waits = False
                        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    data = await reader.read(_READ)
                    if not data:
                        return False
                    parser.feed(data)
        except TimeoutError:
            if not parser.half:
                return False
            parser.refuse(408, "timeout_error", f"the request did not come within {self._limits.request:g} s")
        if parser.ready:
            return True
        assert parser.refusal is not None
        await _refuse(writer, parser.refusal)
        # It may still be sending: closing now would reset the connection, and the answer would be lost.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.linger):
                while await reader.read(_READ):
                    pass
        return False

    async def _while_there(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parser: RequestParser
    ) -> bool:
        """Forward a request for as long as the application is there; return whether it may send another."""
        forwarding = asyncio.ensure_future(self._forward(parser.ready.popleft(), writer))
        watching = asyncio.ensure_future(_gone(reader, parser))
        try:
            await asyncio.wait({forwarding, watching}, return_when=asyncio.FIRST_COMPLETED)
            return forwarding.done() and await forwarding
        finally:
            forwarding.cancel()
            watching.cancel()
            await asyncio.gather(forwarding, watching, return_exceptions=True)

    async def _forward(self, parsed: ParsedRequest, writer: asyncio.StreamWriter) -> bool:
        """Send a request to the upstream, and its response back as it comes; return whether it is whole."""
        incoming = parsed.request
        path = url_path(incoming.url)
        own = self._choices.answer(incoming.method, path)
        if own is not None:
            await _answer_itself(writer, own, parsed)
            return False
        try:
            request = self._upstream.request(incoming)
        except ValueError as error:
            await _refuse(writer, Refusal(400, "invalid_request_error", f"inspector: {error}"))
            return False
        tap = self._tap if self._choices.records(incoming.method, path) else None
        if tap:
            tap.on_request(request)
        try:
            response = await self._upstream.client.send(request, stream=True)
        except BaseException as error:
            if tap:
                tap.on_error(request, error)
            if not isinstance(error, Exception):
                raise
            self._history.add(incoming, status=502)
            message = f"inspector: {self._upstream.shown} cannot be reached: {type(error).__name__}: {error}"
            await _refuse(writer, Refusal(502, "api_error", message))
            return False
        if tap:
            tap.on_response(response)
        self._history.add(incoming, status=response.status_code)
        try:
            return await _answer(writer, parsed, response)
        except self._upstream.errors:  # it broke off: that is recorded, and so do we
            return False
        finally:
            await response.aclose()


async def _gone(reader: asyncio.StreamReader, parser: RequestParser) -> None:
    """Return when the application has gone; take one request that it sends ahead."""
    while data := await reader.read(_READ):
        parser.feed(data)
        if parser.ready or parser.refusal is not None:
            await asyncio.Event().wait()


async def _answer(writer: asyncio.StreamWriter, parsed: ParsedRequest, response: Any) -> bool:
    """Pass a response on; return whether the connection can be used again."""
    status, fields = response.status_code, passed_on(response.headers.raw)
    length = response.headers.get("content-length")
    bodiless = parsed.request.method == "HEAD" or status in (204, 304)
    again = parsed.keep_alive and (length is not None or bodiless or not parsed.http_1_0)
    chunked = length is None and not bodiless and not parsed.http_1_0
    if length is not None:
        fields.append((b"content-length", length.encode()))
    elif chunked:
        fields.append((b"transfer-encoding", b"chunked"))
    if not again:
        fields.append((b"connection", b"close"))
    line = b"HTTP/1.1 %d %b" % (status, response.reason_phrase.encode("latin-1", "replace"))
    writer.write(b"\r\n".join([line, *(b"%b: %b" % field for field in fields), b"", b""]))
    await writer.drain()
    if bodiless:
        return again
    async for chunk in response.aiter_raw():
        if chunk:  # an empty one would be the last chunk
            writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
            await writer.drain()
    if chunked:
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    return again


async def _answer_itself(writer: asyncio.StreamWriter, source: Source, parsed: ParsedRequest) -> None:
    """Play a source as the connection's last response."""
    to_head = parsed.request.method == "HEAD"
    response = prepare(source, Pace(), http_1_0=parsed.http_1_0, close=True, to_head=to_head)
    writer.write(response.wire)
    await writer.drain()
    writer.write_eof()


async def _refuse(writer: asyncio.StreamWriter, refusal: Refusal) -> None:
    """Answer with an error in the API's own shape that the SDK does not retry, as the connection's last."""
    status, kind, message = refusal
    answer = json_answer(status, error_payload(kind, mask_text(message)), {"x-should-retry": "false"})
    writer.write(prepare(answer, Pace(), close=True).wire)
    await writer.drain()
    writer.write_eof()
