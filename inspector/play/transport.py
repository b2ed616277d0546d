"""`inspector.replay`: a transport that answers a client from recordings, without a key or a network.

The client's own HTTP library does the rest, so a client sees what it would have seen: the recorded status and
headers, the recorded chunks at their recorded boundaries, at once or at a pace, and the recorded end, as the
exception that the real transport would have raised.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from inspector.http_library import sdk_library
from inspector.play.answering import Answering
from inspector.play.attempt_log import Play
from inspector.play.faulted import with_faults
from inspector.play.matching import Match
from inspector.play.pace import Pace
from inspector.play.player import Player
from inspector.play.received import IncomingRequest
from inspector.play.rendering import Rendering, Timing, read_timeout_of
from inspector.play.sources import sources
from inspector.recording import Ending, Recording

if TYPE_CHECKING:
    import httpx
    import httpx2

    class _Transport(
        httpx.BaseTransport, httpx.AsyncBaseTransport, httpx2.BaseTransport, httpx2.AsyncBaseTransport
    ):
        """To a type checker, a transport of both libraries."""

        def handle_request(self, request: Any) -> Any: ...
        async def handle_async_request(self, request: Any) -> Any: ...

else:
    _Transport = object

__all__ = ["ReplayTransport", "replay", "transport_of"]


def replay(
    *recordings: str | os.PathLike[str] | Recording,
    fault: str | Iterable[str] | None = None,
    seed: int = 0,
    speed: float | None = None,
    max_gap: float | None = None,
    match: Match = "order",
    ignore: Iterable[str] = (),
    loop: bool = False,
    strict: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> ReplayTransport:
    """Return a transport that answers from recordings, for sync and async clients alike.

        http = anthropic.DefaultHttpxClient(transport=inspector.replay("recordings/hello.jsonl"))
        client = anthropic.Anthropic(api_key="none", http_client=http)

    `recordings` are paths (a folder means all recordings in it and below it; those of a session play one
    after another), names of bundled recordings, such as "hello", or `Recording`s.
    `speed` None plays at once, 1 at the recorded pace, 2 twice as fast; no gap is longer than `max_gap`
    seconds. A gap longer than the client's read timeout is a `ReadTimeout`.
    `sleep` and `clock` (seconds) are for sync clients on another clock; async clients use the clock of their
    event loop.

    `match` chooses the recording: "order" takes the next one, which must be for the requested path;
    "request" the first unused one that was recorded for the same messages, tools and model family; "body"
    the first unused one whose request has the same body; "name" the one that the header
    `x-inspector-recording` or the model names; "any" the next one, whatever the request. A function of a
    request and a recorded one takes the first unused one for which it returns a truth value; None is one,
    an `AssertionError` is none. `ignore` names members of the body that do not count, such as "system" or
    "tools[*].description". `loop` begins again when all have been played.

    A request without `"stream": true` gets the whole message of a recorded stream. The events of a stream for
    a message that was recorded without, token counts and the list of models are made up if no recording holds
    them, and then marked by the header `x-inspector-made-up`; `strict` refuses them. A request that no
    recording answers gets an error that the SDK does not retry and whose message says why: it never hangs,
    and never reaches the network.

    `fault` is one fault or several, as `inspector faults` lists them: "cut-fin@ev:7", or
    "http-error=529,on=1..2" for two failures and then the answer. A fault without `on` is for every request,
    and so are the recordings, as with `loop`. A preset, such as "dirty-dozen", takes one of its faults after
    another. `seed` is for faults that choose.

    Raises `RecordingError` if a path is no recording, `UsageError` for options without meaning and for a
    fault that cannot be applied.
    """
    timing = Timing(Pace(speed, max_gap), sleep, clock)
    played, for_every_request = with_faults(recordings, fault, seed=seed)
    loop = loop or for_every_request
    player = Player(sources(played), match=match, ignore=ignore, loop=loop, strict=strict)
    return transport_of(player, timing)


def transport_of(player: Player, timing: Timing) -> ReplayTransport:
    """Return a transport for the SDK's library that plays what `player` chooses."""
    transport: ReplayTransport = _transport_class()(player, timing)
    return transport


class ReplayTransport(Answering, _Transport):
    """Answers requests from recordings: what `inspector.replay` returns. Safe between threads and tasks.

    Give it to a client as `transport=`. One transport serves any number of clients, one after another or at
    the same time, and outlives them.
    """

    def __init__(self, player: Player, timing: Timing) -> None:
        super().__init__(player)
        self._timing = timing

    def handle_request(self, request: Any) -> Any:
        """Answer a request: the method that a sync client calls."""
        rendering = self._rendering(request, request.read(), self._timing.clock())
        try:
            return rendering.response()
        except BaseException:
            rendering.done(Ending.ABANDONED)  # unless the recording ends so
            raise

    async def handle_async_request(self, request: Any) -> Any:
        """Answer a request: the method that an async client calls."""
        rendering = self._rendering(request, await request.aread(), self._now())
        try:
            return await rendering.aresponse()
        except BaseException:  # also a task that is cancelled while it waits
            rendering.done(Ending.ABANDONED)
            raise

    def close(self) -> None:
        """Do nothing: no file and no connection is held open."""

    async def aclose(self) -> None:
        """Do nothing: no file and no connection is held open."""

    def _rendering(self, request: Any, body: bytes, since: float) -> Rendering:
        incoming = IncomingRequest(request.method, str(request.url), body, request.headers.raw)
        answer = self._player.answer(incoming)
        response = answer.source.head.response
        received = self._player.remember(incoming, answer, response.status if response else None)
        wait = read_timeout_of(request)
        wait = float("inf") if wait is None else wait
        play = Play(received.number, answer.source, self._timing.pace, self._timing.clock, wait)
        self._player.attempts.add(play)
        return Rendering(request, answer.source, self._timing, since, play)

    def _now(self) -> float:
        """Return the time of the running event loop, if it is needed."""
        if self._timing.pace.at_once:
            return 0.0
        import anyio

        return anyio.current_time()


@functools.cache
def _transport_class() -> type:
    """Make the transport's class for the SDK's library, which is imported for it.

    That library refuses a transport of any other class; a plain client of the other library takes any object
    with the two methods, and gets responses of its own library.
    """
    library = sdk_library()
    return type("ReplayTransport", (ReplayTransport, library.BaseTransport, library.AsyncBaseTransport), {})
