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
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from inspector.errors import UsageError
from inspector.play.answering import Answering
from inspector.play.attempt_log import Play
from inspector.play.matching import Match
from inspector.play.pace import Pace
from inspector.play.player import Answer, Player
from inspector.play.received import IncomingRequest, ReceivedRequest, url_path
from inspector.play.sources import Source, sources
from inspector.protocol import is_side_traffic
from inspector.recording import Recording
from inspector.serve.access import Access
from inspector.serve.answers import Answers
from inspector.serve.connection import Delivery, Shared
from inspector.serve.health import health_answer, is_health_request
from inspector.serve.limits import ServerLimits
from inspector.serve.listening import listen, run, url_of
from inspector.serve.requests import ParsedRequest
from inspector.serve.responses import PreparedResponse
from inspector.serve.schedule import Schedule

if TYPE_CHECKING:
    from inspector.record.tap import Tap
    from inspector.serve.shown import Shown

__all__ = ["RUNNING", "Server"]

RUNNING: set[int] = set()
"""The ports of this process's servers between `start` and `stop`."""

_LOOK = 0.5  # seconds
_PATIENCE = 1.0  # seconds that a verdict waits for the server to see what clients have done


class _Token(NamedTuple):
    """What a response is known by while it is sent."""

    received: ReceivedRequest
    play: Play | None
    shown: Shown | None


class Server(Answering):
    """Answer HTTP/1.1 from recordings, from `start` (or `with`) to `stop`.

    `recordings`, `speed`, `max_gap`, `match`, `ignore`, `loop` and `strict` are as for `inspector.replay`.
    `port` 0 is any free one. `keep` is how many requests are remembered. `report` is called on the server's
    thread when an answer has ended. `control` returns what answers a request, by its method and path, before
    any recording does; None for most. GET `/inspector/health` is answered before, and is no request.
    `otherwise` returns what answers a request that is a miss; with it, there may be no recordings. `limits`
    bounds what a client may demand. `tap` notes each response while it is sent, as it notes those that a
    client gets.

    Requests must be for localhost, for an address, for `host`, or for one of the names in `allow_hosts`.
    Requests of a web page must come from a page of localhost or of one of those names. Others are refused:
    see `inspector.serve.access`. With `allow_hosts` None, all are admitted.

    Raises `RecordingError` if a path is no recording, `UsageError` for options without meaning.
    """

    def __init__(
        self,
        *recordings: str | os.PathLike[str] | Recording,
        speed: float | None = None,
        max_gap: float | None = None,
        match: Match = "order",
        ignore: Iterable[str] = (),
        loop: bool = False,
        strict: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
        keep: int = 1000,
        report: Callable[[ReceivedRequest, Delivery], None] | None = None,
        control: Callable[[str, str], Source | None] | None = None,
        otherwise: Callable[[IncomingRequest], Answer | None] | None = None,
        limits: ServerLimits | None = None,
        allow_hosts: Iterable[str] | None = (),
        tap: Tap | None = None,
    ) -> None:
        pace = Pace(speed, max_gap)
        super().__init__(
            Player(
                sources(recordings),
                match=match,
                ignore=ignore,
                loop=loop,
                strict=strict,
                keep=keep,
                otherwise=otherwise,
            )
        )
        self._player.complete()  # at a request, reading a large file would delay other clients
        self._answers = Answers(self._player, pace)
        self._host, self._port = host, port
        self._limits = limits or ServerLimits()
        self._access = None if allow_hosts is None else Access([host, *allow_hosts])
        self._report, self._control = report, control
        self._keeps = keep > 0
        self._tap = tap
        self._remembers = keep > 0 or any(each is not None for each in (report, tap))
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._ended.set()
        self._stop: Callable[[], object] | None = None
        self._pace = pace
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        """Where it answers, for a client's base URL."""
        return url_of(self._host, self._port)

    @property
    def player(self) -> Player:
        """What chooses the answers."""
        return self._player

    def warm(self) -> None:
        """Prepare the responses of all recordings now, instead of each at its first request."""
        self._answers.warm()

    def start(self) -> Server:
        """Listen, and answer from now on. Raises `AddressError` if it cannot listen on that address."""
        if self._thread is not None:
            raise UsageError("this server is running already")
        listening = self.listen()
        RUNNING.add(self._port)
        started, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(listening, started), name="inspector-server", daemon=True
        )
        self._thread.start()
        started.wait()
        return self

    def stop(self) -> None:
        """Close every connection at once, and return when all is closed."""
        if self._thread is None:
            return
        if self._stop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._stop()
        self.wait()
        self._thread.join()
        self._thread = None
        RUNNING.discard(self._port)

    def wait(self) -> None:
        """Return when the server has stopped."""
        # Not by joining the thread: in Python 3.11 a join that Ctrl-C interrupts takes it for ended.
        # With a timeout: the system may give a signal to another thread, and Python handles it only here.
        while not self._ended.wait(_LOOK):
            pass

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def listen(self) -> socket.socket:
        """Take the address, and be at `url` from now on. Raises `AddressError` as `start` does."""
        listening = listen(self._host, self._port)
        self._port = listening.getsockname()[1]
        return listening

    def work(
        self, listening: socket.socket, until: Callable[[], Awaitable[object]], *, number: int, of: int
    ) -> None:
        """Serve as one process (`number`, from 0) `of` several on one socket, until that is done."""
        self._player.share_numbers(number, of)
        # One connection at a time: a process that took all that wait would leave the others idle.
        run(listening, self._shared, until, accept_at_once=1)

    def _run(self, listening: socket.socket, started: threading.Event) -> None:
        async def until() -> None:
            loop, stop = asyncio.get_running_loop(), asyncio.Event()
            self._stop = lambda: loop.call_soon_threadsafe(stop.set)
            started.set()
            await stop.wait()

        try:
            run(listening, self._shared, until)
        finally:
            listening.close()
            started.set()
            self._ended.set()

    def _shared(self, schedule: Schedule) -> Shared:
        self._loop = asyncio.get_running_loop()
        sent = self._sent if self._tap is not None else None
        return Shared(schedule, self._answer, self._delivered, self._limits, self._access, sent)

    def _settle(self) -> None:
        """Wait until the server has seen what clients had done before: data that came, and who has left."""
        loop, seen = self._loop, threading.Event()
        if loop is None:
            return

        def look(times: int) -> None:
            # One turn of the loop reads a socket, the next calls connection_lost.
            loop.call_soon(look, times - 1) if times else seen.set()

        with contextlib.suppress(RuntimeError):  # it has stopped
            loop.call_soon_threadsafe(look, 3)
            seen.wait(_PATIENCE)

    def _answer(self, parsed: ParsedRequest) -> tuple[PreparedResponse, _Token | None]:
        method, path = parsed.request.method, url_path(parsed.request.url)
        own = health_answer() if is_health_request(method, path) else None
        if own is None and self._control is not None:
            own = self._control(method, path)
        if own is not None:
            return self._answers.prepared(own, parsed), None
        answer, response = self._answers.answer(parsed)
        if not self._remembers:
            return response, None
        received = self._player.remember(parsed.request, answer, response.status)
        play = shown = None
        if self._keeps:
            play = Play(received.number, answer.source, self._pace, time.monotonic)
            self._player.attempts.add(play)
        if self._tap is not None and not is_side_traffic(received.method, received.path):
            from inspector.serve.shown import Shown

            shown = Shown(self._tap, self.url, received, answer.source, response)
        return response, _Token(received, play, shown)

    def _sent(self, token: _Token | None, sent: int) -> None:
        if token is not None and token.shown is not None:
            token.shown.note(sent)

    def _delivered(self, token: _Token | None, delivery: Delivery) -> None:
        if token is None:
            return
        received, play, shown = token
        if shown is not None:
            shown.finish(delivery.end)
        if play is not None:
            play.done(time.monotonic(), delivery.end, by_server=delivery.by_server)
        if self._report is not None:
            self._report(received, delivery)
