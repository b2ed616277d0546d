"""What forwards requests to the API and records the responses: a reverse proxy on loopback.

It passes every byte on as it comes, and leaves the recording to the tap. It has an event loop of its own, and
speaks HTTP/1.1.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterable

from inspector.play.received import History, ReceivedRequest
from inspector.proxy.applications import Applications
from inspector.proxy.exchanges import Choices
from inspector.proxy.upstream import Upstream
from inspector.record.tap import Tap
from inspector.serve.access import Access
from inspector.serve.listening import BACKLOG, listen, on_exception, url_of

__all__ = ["Choices", "Forwarder"]

_LOOK = 0.5  # seconds between two looks at whether it has stopped
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
        # With a timeout: the system may give a signal to another thread, and Python handles it only here.
        while not self._ended.wait(_LOOK):
            pass

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
