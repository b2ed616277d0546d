"""Replay: a transport that answers a client from recordings, with no key and no network.

The client's own HTTP library does the rest, so what a client sees is what it would have seen: the
recorded status and headers, the recorded chunks at their recorded boundaries, at once or at the recorded
pace, and the recorded end, as the exception that the real transport would have raised.
"""

from __future__ import annotations

import functools
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from inspector import _json
from inspector.errors import UsageError
from inspector.recording import End, Recording, TimedBlock, chunks
from inspector.wire._endings import exception_for
from inspector.wire._httpx import library_of, sdk_library
from inspector.wire._matching import MATCHES, NAME_HEADER, Asked, Matcher, Miss
from inspector.wire._sources import Source, sources

__all__ = ["Played", "replay"]

_KEPT_REQUESTS = 1000

_NOT_REPLAYED = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"}
)


def replay(
    *recordings: str | os.PathLike[str] | Recording,
    speed: float | None = None,
    match: str = "order",
    loop: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Any:
    """Return a transport that answers from recordings, for sync and async clients alike.

        http = anthropic.DefaultHttpxClient(transport=inspector.replay("recordings/hello.jsonl"))
        client = anthropic.Anthropic(api_key="none", http_client=http)

    `recordings` are paths (a folder means its `*.jsonl`, by name; a session's recordings play one after
    another) or `Recording`s. `speed` None plays at once, 1 at the recorded pace, 2 twice as fast. `match`
    "order" answers each request with the next recording, which must be of its endpoint; "body" with the first
    unused one whose request body says the same; "name" with the one that the header
    `x-inspector-recording` or the model names; "any" with the next, whatever is asked. `loop` begins again
    when all have been played. `sleep` and `clock` (seconds) are for sync clients on another clock; async
    ones are played to on their event loop's. A gap longer than the client's read timeout is a `ReadTimeout`.

    A request that no recording answers gets an error response that the SDK does not retry and whose
    message says what differed: never a hang, never the network. Raises `RecordingError` where a path is no
    recording, `UsageError` for options that mean nothing.
    """
    if match not in MATCHES:
        raise UsageError(f"match={match!r} is not known; known are {', '.join(MATCHES)}")
    if speed is not None and not speed > 0:
        raise UsageError(f"speed={speed!r} must be above 0, or None to play at once")
    found = list(sources(recordings))
    if not found:
        raise UsageError("nothing to replay: name a recording")
    pace = _Pace(speed, sleep, clock)
    return _transport_class()(_Desk(found, pace, match, loop), pace)


class Played(NamedTuple):
    """A request that a transport got, and the name of the recording that was played; or why none was."""

    method: str
    url: str
    body: bytes
    recording: str | None
    miss: str | None

    def json(self) -> Any:
        """Parse the body; None where there is none or it is not JSON."""
        try:
            return _json.loads(self.body) if self.body else None
        except ValueError:
            return None


class _Pace(NamedTuple):
    """How fast to play; `sleep` and `clock` are for sync clients, an event loop has its own."""

    speed: float | None
    sleep: Callable[[float], None]
    clock: Callable[[], float]


class _Play:
    """One recording being played to one request."""

    def __init__(self, request: Any, source: Source, pace: _Pace, since: float) -> None:
        self.library = library_of(request)
        self.source = source
        self.pace = pace
        self.since = since
        self.end: End | None = None
        self._patience: float | None = (request.extensions.get("timeout") or {}).get("read")

    def wait(self, t: float) -> None:
        """Sleep until what was recorded at `t` is due, no longer than the client would wait for it."""
        if self.pace.speed:
            delay, too_long = self._delay(t, self.pace.clock())
            if delay > 0:
                self.pace.sleep(delay)
            if too_long:
                raise self._timeout()

    async def await_(self, t: float) -> None:
        """The same on the clock of whichever event loop runs."""
        if self.pace.speed:
            import anyio  # the async clients' own, and not needed before

            delay, too_long = self._delay(t, anyio.current_time())
            if delay > 0:
                await anyio.sleep(delay)
            if too_long:
                raise self._timeout()

    def _delay(self, t: float, now: float) -> tuple[float, bool]:
        """How long to sleep, and whether the client's read timeout is over by then."""
        delay = self.since + t / (self.pace.speed or 1) - now
        if self._patience is not None and delay > self._patience:
            return self._patience, True
        return delay, False

    def _timeout(self) -> Exception:
        error: Exception = self.library.ReadTimeout("The read operation timed out")
        return error

    def chunks(self) -> Iterator[tuple[float, bytes]]:
        """Yield every chunk and its time; `end` and `exception` are true after the last."""
        return chunks(self._blocks())

    def _blocks(self) -> Iterator[TimedBlock]:
        for item in self.source.play():
            if isinstance(item, End):
                self.end = item
            else:
                yield item

    def exception(self) -> Exception | None:
        """What the recorded end raises."""
        return exception_for(self.library, self.end, self.source.head, self.source.name)

    def head_time(self) -> float:
        """When the response's head came, or the request failed."""
        recorded = self.source.head.response
        if recorded is None:
            for _ in self._blocks():
                pass
        return recorded.t if recorded else self.end_time

    @property
    def end_time(self) -> float:
        """When the response ended."""
        return self.end.t if self.end else 0.0

    def response(self, request: Any) -> Any:
        """The library's response, whose body is yet to come; raises where none was recorded."""
        recorded = self.source.head.response
        if recorded is None:
            raise self.exception() or ConnectionError
        # A body that the recorder could not decode is for the client to try.
        undecoded = {"content-encoding"} if (recorded.extra or {}).get("undecoded") else set()
        dropped = _NOT_REPLAYED - undecoded
        return self.library.Response(
            recorded.status,
            headers=[(name, text) for name, text in recorded.headers.items() if name not in dropped],
            stream=_stream_class(self.library)(self),
            extensions={"http_version": recorded.http.encode()},
            request=request,
        )


@functools.cache
def _stream_class(library: ModuleType) -> type:
    """Make a library's stream class: sync and async in one, as there is no I/O in it."""

    class ReplayStream(library.SyncByteStream, library.AsyncByteStream):  # type: ignore[name-defined,misc]
        def __init__(self, play: _Play) -> None:
            self._play = play

        def __iter__(self) -> Iterator[bytes]:
            play, paced = self._play, self._play.pace.speed
            for t, chunk in play.chunks():
                if paced:
                    play.wait(t)
                yield chunk
            play.wait(play.end_time)
            if error := play.exception():
                raise error

        async def __aiter__(self) -> AsyncIterator[bytes]:
            play, paced = self._play, self._play.pace.speed
            for t, chunk in play.chunks():
                if paced:
                    await play.await_(t)
                yield chunk
            await play.await_(play.end_time)
            if error := play.exception():
                raise error

    return ReplayStream


class _Desk:
    """Takes requests and hands out what answers them, in whichever library's terms."""

    def __init__(self, found: Sequence[Source], pace: _Pace, match: str, loop: bool) -> None:
        self._sources = found
        self._heads = [source.head for source in found]
        self._pace = pace
        self._matcher = Matcher(match, [source.name for source in found], loop=loop)
        self.requests: deque[Played] = deque(maxlen=_KEPT_REQUESTS)

    @property
    def unused(self) -> list[str]:
        """The names of the recordings that have not been played once."""
        return self._matcher.unused

    def play(self, request: Any, body: bytes, now: float) -> _Play | Miss:
        """Choose a recording for a request."""
        asked = Asked(request.method, str(request.url), body, request.headers.get(NAME_HEADER))
        choice = self._matcher.take(asked, self._heads)
        if isinstance(choice, Miss):
            self.requests.append(Played(asked.method, asked.url, body, None, choice.message))
            return choice
        source = self._sources[choice]
        self.requests.append(Played(asked.method, asked.url, body, source.name, None))
        return _Play(request, source, self._pace, now)


def _missed(request: Any, miss: Miss) -> Any:
    """An error in the API's own shape, which says not to try again."""
    error = {"type": "error", "error": {"type": "not_found_error", "message": miss.message}}
    headers = {"content-type": "application/json", "x-should-retry": "false"}
    return library_of(request).Response(404, headers=headers, content=_json.dumps(error), request=request)


@functools.cache
def _transport_class() -> type:
    """Make the transport, sync and async in one.

    It is of the SDK's library, which refuses one that is of the other too; a plain client of the other
    takes any object with the two methods, and gets responses of its own library.
    """
    library = sdk_library()

    class ReplayTransport(library.BaseTransport, library.AsyncBaseTransport):  # type: ignore[name-defined,misc]
        """Answers requests from recordings."""

        def __init__(self, desk: _Desk, pace: _Pace) -> None:
            self._desk = desk
            self._pace = pace

        @property
        def requests(self) -> list[Played]:
            """The requests it got, in order, the last thousand of them."""
            return list(self._desk.requests)

        @property
        def misses(self) -> list[Played]:
            """Those of them that no recording answered."""
            return [played for played in self.requests if played.miss]

        @property
        def unused(self) -> list[str]:
            """The names of the recordings that it has not played once."""
            return self._desk.unused

        def handle_request(self, request: Any) -> Any:
            play = self._desk.play(request, request.read(), self._pace.clock())
            if isinstance(play, Miss):
                return _missed(request, play)
            play.wait(play.head_time())
            return play.response(request)

        async def handle_async_request(self, request: Any) -> Any:
            play = self._desk.play(request, await request.aread(), self._now())
            if isinstance(play, Miss):
                return _missed(request, play)
            await play.await_(play.head_time())
            return play.response(request)

        def _now(self) -> float:
            if not self._pace.speed:
                return 0.0
            import anyio

            return anyio.current_time()

        def close(self) -> None:
            """Nothing is held open."""

        async def aclose(self) -> None:
            """Nothing is held open."""

    return ReplayTransport
