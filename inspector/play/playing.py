"""One recording being played to one request, in a client library's own terms and at a tempo."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

from inspector.http_library import exception_for, library_of
from inspector.play.sources import Source
from inspector.recording import End, TimedBlock, chunks

__all__ = ["Play", "Tempo"]

_NOT_REPLAYED = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"}
)


class Tempo(NamedTuple):
    """How fast to play; `sleep` and `clock` are for sync clients, an event loop has its own."""

    speed: float | None
    sleep: Callable[[float], None]
    clock: Callable[[], float]


class Play:
    """One recording being played to one request."""

    def __init__(self, request: Any, source: Source, pace: Tempo, since: float) -> None:
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
            stream=stream_class(self.library)(self),
            extensions={"http_version": recorded.http.encode()},
            request=request,
        )


@functools.cache
def stream_class(library: ModuleType) -> type:
    """Make a library's stream class: sync and async in one, as there is no I/O in it."""

    class ReplayStream(library.SyncByteStream, library.AsyncByteStream):  # type: ignore[name-defined,misc]
        def __init__(self, play: Play) -> None:
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
