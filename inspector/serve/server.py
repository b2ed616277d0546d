"""A server that answers any client, in any language, from recordings: over real sockets, on time.

It runs on a thread of its own, so that a test can use it as it stands and a command can wait for a signal:

    with Server("recordings/hello.jsonl") as server:
        client = anthropic.Anthropic(base_url=server.url, api_key="none")

Status, headers, chunk boundaries, pace and end are those of the recording, the broken ends too: a body
without its last chunk, a reset, a silence, a head that never comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import os
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from inspector import _json
from inspector.errors import AddressError, UsageError
from inspector.play.matching import MATCHES, NAME_HEADER, Asked
from inspector.play.sources import sources
from inspector.recording import Recording
from inspector.serve.connection import Connection, Outcome, Shared
from inspector.serve.desk import Desk, Edit
from inspector.serve.requests import Incoming, Limits
from inspector.serve.responses import Answer, Pace
from inspector.serve.schedule import Schedule, fine_selector

__all__ = ["Limits", "Outcome", "Served", "Server"]

_BACKLOG = 4096
_SWEEP = 1.0  # seconds
_KEPT_BODIES = 64 * 1024 * 1024  # bytes
_NAME = NAME_HEADER.encode()


class Served(NamedTuple):
    """A request that the server got, and what answered it.

    `number` counts from 1. `recording` names the recording that was played; None where none was, and `miss`
    then says why, unless it was something that needs none. `status` is None where no head was to be sent.
    """

    number: int
    method: str
    target: str
    raw_headers: list[tuple[bytes, bytes]]
    body: bytes
    recording: str | None
    status: int | None
    miss: str | None

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers, names in lower case."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.raw_headers}

    def __repr__(self) -> str:
        """Without headers and body, which hold secrets and would fill a page."""
        played = self.miss or self.recording or "served without a recording"
        return f"<Served {self.number}: {self.method} {self.path} {self.status}, {played}>"

    def json(self) -> Any:
        """Parse the body; None where there is none or it is not JSON."""
        try:
            return _json.loads(self.body) if self.body else None
        except ValueError:
            return None


class Server:
    """Answer HTTP/1.1 from recordings, from `start` (or `with`) to `stop`.

    `recordings`, `speed`, `match` and `loop` are as for `inspector.replay`; no gap is longer than `max_gap`
    seconds. `edit` is given each recording before it is played, with the number of the play from 1, and
    returns what to play instead. `port` 0 is any free one. `keep` is how many requests are remembered.
    `report` is called on the server's thread when an answer has ended.

    Raises `RecordingError` where a path is no recording, `UsageError` for options that mean nothing.
    """

    def __init__(
        self,
        *recordings: str | os.PathLike[str] | Recording,
        speed: float | None = None,
        max_gap: float | None = None,
        match: str = "order",
        loop: bool = False,
        edit: Edit | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        keep: int = 1000,
        report: Callable[[Served, Outcome], None] | None = None,
        limits: Limits | None = None,
    ) -> None:
        if match not in MATCHES:
            raise UsageError(f"match={match!r} is not known; known are {', '.join(MATCHES)}")
        if speed is not None and not speed > 0:
            raise UsageError(f"speed={speed!r} must be above 0, or None to send at once")
        found = list(sources(recordings))
        if not found:
            raise UsageError("nothing to serve: name a recording")
        self._desk = Desk(found, Pace(speed, max_gap), match, loop=loop, edit=edit)
        self._host, self._port = host, port
        self._limits = limits or Limits()
        self._report = report
        self._log = _Log(keep)
        self._count = 0
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._ended.set()
        self._stopping: Callable[[], object] | None = None

    @property
    def url(self) -> str:
        """Where it answers, for a client's base URL."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def requests(self) -> list[Served]:
        """The requests it got, in order, the last `keep` of them."""
        return self._log.all()

    @property
    def misses(self) -> list[Served]:
        """Those of them that no recording answered and that needed one."""
        return [served for served in self.requests if served.miss]

    @property
    def unused(self) -> list[str]:
        """The names of the recordings that it has not played once."""
        return self._desk.unused

    def warm(self) -> None:
        """Make the answers of all recordings ready now, instead of each at its first request."""
        self._desk.warm()

    def start(self) -> Server:
        """Listen, and answer from now on. Raises `AddressError` where that address cannot be had."""
        if self._thread is not None:
            raise UsageError("this server is running already")
        self._socket = _listen(self._host, self._port)
        self._port = self._socket.getsockname()[1]
        started, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._socket, started), name="inspector-server", daemon=True
        )
        self._thread.start()
        started.wait()
        return self

    def stop(self) -> None:
        """Close every connection at once, and return when all is closed."""
        if self._thread is None:
            return
        if self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._stopping()
        self.wait()
        self._thread.join()
        self._thread = None

    def wait(self) -> None:
        """Return when the server has stopped."""
        # Not by joining the thread: in Python 3.11 a join that Ctrl-C interrupts takes it for ended.
        self._ended.wait()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, listening: socket.socket, started: threading.Event) -> None:
        def loop() -> asyncio.AbstractEventLoop:
            return asyncio.SelectorEventLoop(fine_selector())

        try:
            with asyncio.Runner(loop_factory=loop) as runner:
                runner.run(self._serve(listening, started))
        finally:
            listening.close()
            started.set()
            self._ended.set()

    async def _serve(self, listening: socket.socket, started: threading.Event) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        self._stopping = functools.partial(loop.call_soon_threadsafe, stop.set)
        loop.set_exception_handler(_on_exception)
        shared = Shared(Schedule(loop.time, loop.call_at), self._answer, self._tell, self._limits)
        server = await loop.create_server(lambda: Connection(shared), sock=listening, backlog=_BACKLOG)
        started.set()
        try:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _SWEEP)
                now = loop.time()
                for connection in tuple(shared.connections):
                    connection.sweep(now)
        finally:
            server.close()
            for connection in tuple(shared.connections):
                connection.abort()
            await asyncio.sleep(0)  # in which they are told

    def _answer(self, incoming: Incoming) -> tuple[Answer, Served]:
        self._count += 1
        method, target, headers, body, old, keeps = incoming
        name = next((value.decode("latin-1") for key, value in headers if key == _NAME), None)
        reply = self._desk.answer(Asked(method, target, body, name), old=old, keeps=keeps)
        served = Served(
            self._count, method, target, headers, body, reply.recording, reply.answer.status, reply.miss
        )
        self._log.add(served)
        return reply.answer, served

    def _tell(self, served: Served, outcome: Outcome) -> None:
        if self._report is not None:
            self._report(served, outcome)


class _Log:
    """The last requests, bounded in number and in bytes."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._served: deque[Served] = deque()
        self._size = 0
        self._lock = threading.Lock()

    def add(self, served: Served) -> None:
        if not self._keep:
            return
        with self._lock:
            self._served.append(served)
            self._size += len(served.body)
            while len(self._served) > self._keep or (self._size > _KEPT_BODIES and len(self._served) > 1):
                self._size -= len(self._served.popleft().body)

    def all(self) -> list[Served]:
        with self._lock:
            return list(self._served)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        code = getattr(error, "errno", None)
        words = os.strerror(code) if code and code > 0 else getattr(error, "strerror", None) or str(error)
        remedy = "; say --port 0 for any free port" if code == errno.EADDRINUSE else ""
        raise AddressError(f"cannot listen on {host}:{port}: {words}{remedy}") from error


def _on_exception(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Out of descriptors, asyncio tries again after a second, and need not say so at every client."""
    if "out of system resource" not in context.get("message", ""):
        loop.default_exception_handler(context)
