"""What forwards requests to the API and records the responses: a reverse proxy on loopback, and a transport.

Both pass every byte on as it comes, and leave the recording to the tap. The proxy has an event loop
of its own, and speaks HTTP/1.1.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from inspector.http_library import sdk_library
from inspector.play.received import History, IncomingRequest, ReceivedRequest
from inspector.proxy.applications import Applications
from inspector.proxy.exchanges import Choices
from inspector.proxy.upstream import Upstream
from inspector.record.tap import Tap
from inspector.serve.access import Access
from inspector.serve.listening import BACKLOG, listen, on_exception, url_of

__all__ = ["Choices", "Forwarder", "recording_transport"]

_KEPT = 1000  # requests
_PATIENCE = 30.0  # seconds


class Forwarder:
    """Pass requests on to `upstream` and record what it answers, from `start` to `stop`.

    `port` 0 is any free one. `choices` say which requests are recorded, and which are answered here. Requests
    must be for localhost, for an address, for `host`, or for one of the names in `allow_hosts`, and come from
    programs or web pages of those: see `inspector.serve.access`. `report` gets a line,
    on another thread, if something fails and no recording says so. Raises `UsageError` if `upstream` names no
    server.
    """

    def __init__(
        self,
        upstream: str,
        tap: Tap,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        allow_hosts: Iterable[str] = (),
        choices: Choices | None = None,
        report: Callable[[str], None] | None = None,
    ) -> None:
        self._tap = tap
        self._upstream = Upstream(upstream)
        self._report = report or (lambda line: None)
        self._host, self._port = host, port
        self._access = Access([host, *allow_hosts])
        self._choices = choices or Choices()
        self._history = History(_KEPT)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._exchanges: Applications | None = None
        self._stopped = asyncio.Event()
        self._endings: list[asyncio.Future[None]] = []
        self._ended = threading.Event()
        self.url = ""
        """Where it answers, for a client's base URL."""

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests it got, in the order of their responses, the last thousand of them."""
        return self._history.all()

    def start(self) -> Forwarder:
        """Listen, and forward from now on. Raises `AddressError` if it cannot listen on that address."""
        listening = listen(self._host, self._port)
        self.url = url_of(self._host, listening.getsockname()[1])
        started = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(listening, started)), name="inspector-proxy", daemon=True
        )
        self._thread.start()
        started.wait()
        return self

    def stop(self, patience: float = _PATIENCE) -> None:
        """Stop listening, and return when every response has been recorded.

        One that is under way has `patience` seconds to end. Requests that are not complete are dropped. Stop
        again, with less patience, if an exception has ended the wait.
        """
        thread = self._thread
        if thread is None:
            return
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._end, patience)
        # Not by joining the thread: in Python 3.11 a join that Ctrl-C interrupts takes it for ended.
        self._ended.wait()
        thread.join()
        self._thread = None
        self._tap.flush()

    def wait(self) -> None:
        """Return when it has stopped."""
        self._ended.wait()

    def _end(self, patience: float) -> None:
        if self._exchanges is not None:
            self._endings.append(asyncio.ensure_future(self._exchanges.end(patience)))
            self._stopped.set()

    async def _run(self, listening: socket.socket, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(on_exception)
        try:
            exchanges = self._exchanges = Applications(
                self._upstream, self._tap, self._history, self._access, self._choices, self._report
            )
            server = await self._loop.create_server(exchanges.protocol, sock=listening, backlog=BACKLOG)
            listening.listen(BACKLOG)  # asyncio has made its own number of it
            started.set()
            await self._stopped.wait()
            server.close()
            await self._endings[0]
        finally:
            started.set()
            self._ended.set()


def recording_transport(tap: Tap) -> Any:
    """Return a transport, sync and async, that calls the network and records through `tap`."""
    return _transport_class()(tap)


@functools.cache
def _transport_class() -> type:
    library = sdk_library()

    class RecordingTransport(library.BaseTransport, library.AsyncBaseTransport):  # type: ignore[name-defined,misc]
        """Calls the network, and records."""

        def __init__(self, tap: Tap) -> None:
            self._tap = tap
            self._sync: Any = None
            self._async: Any = None
            self._history = History(_KEPT)

        @property
        def requests(self) -> list[ReceivedRequest]:
            return self._history.all()

        def handle_request(self, request: Any) -> Any:
            self._sync = self._sync or library.HTTPTransport()
            request.read()
            self._begin(request)
            try:
                return self._tapped(request, self._sync.handle_request(request))
            except Exception as error:
                self._lost(request, error)
                raise

        async def handle_async_request(self, request: Any) -> Any:
            self._async = self._async or library.AsyncHTTPTransport()
            await request.aread()
            self._begin(request)
            try:
                return self._tapped(request, await self._async.handle_async_request(request))
            except Exception as error:
                self._lost(request, error)
                raise

        def close(self) -> None:
            used, self._sync = self._sync, None
            if used:
                used.close()

        async def aclose(self) -> None:
            used, self._async = self._async, None
            if used:
                await used.aclose()

        def _begin(self, request: Any) -> None:
            self._tap.on_request(request)

        def _tapped(self, request: Any, response: Any) -> Any:
            response.request = request
            self._tap.on_response(response)
            self._remember(request, response.status_code)
            return response

        def _lost(self, request: Any, error: Exception) -> None:
            self._tap.on_error(request, error)
            self._remember(request, None)

        def _remember(self, request: Any, status: int | None) -> None:
            incoming = IncomingRequest(request.method, str(request.url), request.content, request.headers.raw)
            self._history.add(incoming, status=status)

    return RecordingTransport
