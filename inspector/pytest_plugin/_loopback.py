"""The address that `ANTHROPIC_BASE_URL` names while marked tests run: one for the whole session.

A client that outlives a test keeps its base URL, so the address stays and what answers there changes: each
test has a server of its own. The address costs a socket. An event loop runs for a test only from the first
connection on, because most tests are answered in process.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspector.serve.server import Server

__all__ = ["Loopback"]


class Loopback:
    """Listen on a free port of loopback, and let the server of the test that runs answer."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._listening.setblocking(False)
        self._wake, self._woken = socket.socketpair()
        self._lock = threading.Lock()
        self._server: Server | None = None
        self._report: Callable[[str], object] = print
        self._stop: Callable[[], object] | None = None
        self._idle = threading.Event()
        self._idle.set()
        self._thread: threading.Thread | None = None
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def reachable(self) -> bool:
        """Try whether this process may connect: plugins that guard the network may refuse loopback, too."""
        if self._sockets_are_disabled:
            return False
        try:
            with socket.socket() as probe:
                probe.connect(self._listening.getsockname())
        except (OSError, RuntimeError):  # RuntimeError: pytest-socket, pytest-recording
            return False
        return True

    @property
    def _sockets_are_disabled(self) -> bool:
        """Whether pytest-socket has put a class of its own in the place of all sockets."""
        return type(self._listening) is not socket.socket

    def answer_from(self, server: Server, report: Callable[[str], object]) -> None:
        """Let this server answer from now on. `report` is called with the reason if it cannot."""
        with self._lock:
            self._server, self._report = server, report
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="inspector-loopback", daemon=True)
            self._thread.start()

    def answer_no_more(self) -> None:
        """Close every connection, and return when all is closed."""
        with self._lock:
            self._server, stop = None, self._stop
        if stop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                stop()
        self._idle.wait()

    def close(self) -> None:
        """Give the address back, and end the thread."""
        self.answer_no_more()
        self._wake.close()
        if self._thread is not None:
            self._thread.join()
        self._woken.close()
        self._listening.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for each in (self._listening, self._woken):
                selector.register(each, selectors.EVENT_READ)
            while self._woken not in [key.fileobj for key, _ in selector.select()]:
                with self._lock:
                    server = self._server
                    if server is not None:
                        self._idle.clear()
                if server is not None:
                    self._serve(server)
                self._drop()
                self._idle.set()

    def _serve(self, server: Server) -> None:
        """Serve until the test has ended. A failure is the test's, and this thread goes on."""
        try:
            if self._sockets_are_disabled:
                raise OSError(
                    "pytest-socket has disabled sockets in this process. Run pytest with "
                    "--allow-hosts=127.0.0.1 instead of --disable-socket"
                )
            # The event loop closes the socket that it gets.
            server.work(self._listening.dup(), self._until, number=0, of=1)
        except Exception as error:
            self._report(f"another process sent a request, which nothing could answer: {error}")
            with self._lock:
                self._server = None  # do not try again
        finally:
            with self._lock:
                self._stop = None

    async def _until(self) -> None:
        """Wait until the test has ended."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._stop = lambda: loop.call_soon_threadsafe(ended.set)
            if self._server is None:
                return
        await ended.wait()

    def _drop(self) -> None:
        """Refuse who waits: the next test must not answer it."""
        with contextlib.suppress(OSError):
            while True:
                # Not `accept`, which makes an object: pytest-socket forbids that.
                os.close(self._listening._accept()[0])  # type: ignore[attr-defined]
