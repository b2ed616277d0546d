"""The connections of applications: each of their requests is admitted, or refused, and becomes an exchange.

Only programs on this machine, and web pages of it, are admitted: see `inspector.serve.access`. More clients
than this process has descriptors for are refused with an answer, and those that it has go on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from inspector.play.made_up import json_answer
from inspector.play.pace import Pace
from inspector.play.received import History, url_path
from inspector.play.sources import Source
from inspector.protocol import error_payload
from inspector.proxy.boundaries import ProxyLimits, most_connections
from inspector.proxy.connecting import Connector
from inspector.proxy.exchanges import Choices, Exchange, Outcome, Surroundings
from inspector.proxy.failures import NoResponseError
from inspector.proxy.message_heads import HTTP_2, HTTP_2_REFUSAL, HeadError, RequestHead, parse_request
from inspector.proxy.notes import Recorder
from inspector.proxy.upstream import Upstream
from inspector.proxy.wires import Wire
from inspector.record.tap import Tap
from inspector.recording import Ending
from inspector.redact import mask_text
from inspector.serve.access import Access
from inspector.serve.limits import Refusal
from inspector.serve.responses import prepare

__all__ = ["Applications"]

_READ = 64 * 1024  # bytes that one read may bring


class Applications:
    """The connections of all applications, forwarded to one upstream.

    `report` gets one line for each kind of failure that no recording shows, until an exchange succeeds.
    """

    def __init__(
        self,
        upstream: Upstream,
        tap: Tap,
        history: History,
        access: Access,
        choices: Choices,
        report: Callable[[str], None],
    ) -> None:
        self._limits = limits = ProxyLimits()
        self._access = access
        self._choices = choices
        self._clock = tap.clock
        self._buffer = memoryview(bytearray(_READ))
        self._connector = Connector(upstream, limits, self._new_wire)
        self._around = Surroundings(
            upstream, self._connector, Recorder(tap, self._report), history, limits, choices
        )
        self._report_line = report
        self._said: str | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: dict[asyncio.Task[None], Exchange] = {}
        self._ending = False
        self._most = most_connections()

    def protocol(self) -> Wire:
        """Make the protocol of a client's connection: what `loop.create_server` calls."""
        return _ClientWire(self._buffer, self._clock, self._begin)

    async def end(self, patience: float) -> None:
        """End every connection. The response to a whole request has `patience` seconds to end."""
        self._ending = True
        waiting = {task for task, exchange in self._busy.items() if exchange.complete}
        for task in self._tasks - waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting, timeout=patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*self._around.recorder.under_way, return_exceptions=True)
        self._connector.close()
        await asyncio.sleep(0)  # asyncio then calls each one's connection_lost

    def _new_wire(self) -> Wire:
        return Wire(self._buffer, self._clock)

    def _begin(self, client: Wire) -> None:
        task = asyncio.ensure_future(self._serve(client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _report(self, line: str) -> None:
        if line != self._said:
            self._said = line
            self._report_line(mask_text(line))

    async def _serve(self, client: Wire) -> None:
        """Serve one connection until it ends."""
        try:
            if len(self._tasks) > self._most:
                await self._refuse_connection(client)
            while not self._ending and client.end is None:
                if not await self._serve_request(client):
                    return
        except asyncio.CancelledError:  # it has gone, or the proxy ends
            pass
        except Exception as error:  # a fault of ours ends one connection, and no other
            self._report(f"a connection failed: {type(error).__name__}: {error}")
        finally:
            client.gone = None
            client.abort()

    async def _serve_request(self, client: Wire) -> bool:
        """Serve the next request; return whether another may follow."""
        request = await self._read_request(client)
        if request is None:
            return False
        own = self._choices.answer(request.method, url_path(request.target))
        if own is not None:
            await self._play(client, own, request)
            return False
        task = asyncio.current_task()
        assert task is not None
        client.gone = task.cancel
        try:
            self._busy[task] = exchange = Exchange(client, request, self._around)
            outcome = await exchange.run()
            client.gone = None
            await self._end_response(client, outcome)
            self._said = None if outcome.end is Ending.COMPLETE else self._said
            return outcome.again and outcome.end is Ending.COMPLETE
        except (NoResponseError, HeadError) as error:
            client.gone = None
            await self._fail(client, request, error)
            return False
        finally:
            client.gone = None
            self._busy.pop(task, None)

    async def _read_request(self, client: Wire) -> RequestHead | None:
        """Read the head of a request that is admitted; None if none comes any more."""
        limits = self._limits.client
        refusal: Refusal | None
        try:
            async with asyncio.timeout(limits.idle):
                await client.some()
            async with asyncio.timeout(limits.half):
                head = await client.head(limits.head)
            if not head:
                return None
            if head == HTTP_2:
                self._report(
                    "a client speaks HTTP/2 with prior knowledge (curl --http2-prior-knowledge): refused"
                )
                client.write(HTTP_2_REFUSAL)
                await client.close(limits.linger)
                return None
            request = parse_request(head)
            refusal = self._refusal(request)
        except TimeoutError:
            if not client.waiting:
                return None
            text = f"inspector: the request did not come within {limits.half:g} s"
            refusal = Refusal(408, "timeout_error", text)
        except HeadError as error:
            status, kind = (
                (431, "request_too_large") if len(client.waiting) > limits.head else (400, _INVALID)
            )
            refusal = Refusal(status, kind, f"inspector: this is not an HTTP/1.1 request: {error}")
        if refusal is None:
            return request
        await self._refuse(client, refusal)
        return None

    def _refusal(self, request: RequestHead) -> Refusal | None:
        if request.method == "CONNECT":
            text = "inspector: this proxy has one upstream: CONNECT is not served"
            return Refusal(405, _INVALID, text)
        fields = [(name.lower(), value) for name, value in request.fields]
        return self._access.refusal(request.target.encode("latin-1"), fields)

    async def _end_response(self, client: Wire, outcome: Outcome) -> None:
        """End as the upstream did."""
        if outcome.end is Ending.RESET:
            await client.reset(self._limits.client.linger)
        elif outcome.end is not Ending.COMPLETE or not outcome.again:
            await client.close(self._limits.client.linger)

    async def _fail(self, client: Wire, request: RequestHead, error: NoResponseError | HeadError) -> None:
        """Say what happened: to the client, and to whoever runs the proxy if no recording says it."""
        if isinstance(error, HeadError):
            refusal, final = Refusal(400, _INVALID, f"inspector: {error}"), True
        else:
            refusal, final = Refusal(error.status, error.kind, f"inspector: {error.message}"), error.final
            if error.status >= 500 and not self._choices.records(request.method, url_path(request.target)):
                self._report(error.message)
        await self._refuse(client, refusal, request=request, final=final)

    async def _refuse_connection(self, client: Wire) -> None:
        text = (
            f"inspector: this proxy serves {self._most} connections at a time, as many as its limit of open "
            "files allows. Raise it: ulimit -n"
        )
        self._report(text.removeprefix("inspector: "))
        await self._refuse(client, Refusal(503, "overloaded_error", text), final=False)

    async def _refuse(
        self, client: Wire, refusal: Refusal, *, request: RequestHead | None = None, final: bool = True
    ) -> None:
        """Answer with an error in the API's own shape, as the connection's last. `final`: no other try."""
        status, kind, message = refusal
        fields = {"x-should-retry": "false"} if final else {}
        await self._play(
            client, json_answer(status, error_payload(kind, mask_text(message)), fields), request
        )

    async def _play(self, client: Wire, source: Source, request: RequestHead | None) -> None:
        """Play a source as the connection's last response."""
        to_head = request is not None and request.method == "HEAD"
        http_1_0 = request is not None and request.http_1_0
        client.write(prepare(source, Pace(), http_1_0=http_1_0, close=True, to_head=to_head).wire)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.client.half):
                await client.close(self._limits.client.linger)


_INVALID = "invalid_request_error"


class _ClientWire(Wire):
    """A client's connection, which begins to be served when it is made."""

    def __init__(self, buffer: memoryview, clock: Callable[[], float], begin: Callable[[Wire], None]) -> None:
        super().__init__(buffer, clock, half_open=True)
        self._begin = begin

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self._begin(self)
