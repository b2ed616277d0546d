"""A recording played to a client in the terms of its HTTP library: a response, or an exception."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import chain
from operator import itemgetter
from types import ModuleType
from typing import Any, NamedTuple

from inspector.http_library import exception_for, library_of
from inspector.play.attempt_log import Play
from inspector.play.pace import Pace
from inspector.play.sources import Source
from inspector.recording import Ending

__all__ = ["Rendering", "Timing", "read_timeout_of"]


class Timing(NamedTuple):
    """When to play: `sleep` and `clock` (seconds) are for sync clients, an event loop has its own."""

    pace: Pace
    sleep: Callable[[float], None]
    clock: Callable[[], float]


class Rendering:
    """One play of a source to one request, which came at `since` by the client's clock.

    `play` learns how it ends for the client.
    """

    def __init__(self, request: Any, source: Source, timing: Timing, since: float, play: Play) -> None:
        self._library = library_of(request)
        self._request = request
        self._source = source
        self._playback = source.play()
        self._timing = timing
        self._since = since
        self._play = play
        self._due_at = timing.pace.begin()
        self._read_timeout = read_timeout_of(request)

    def response(self) -> Any:
        """Return the response, its body yet to come, when the head is due. Raises if there was none."""
        self._wait(self._head_time())
        return self._response()

    async def aresponse(self) -> Any:
        """Do the same on the clock of the running event loop."""
        await self._await(self._head_time())
        return self._response()

    def chunks(self) -> Iterator[bytes]:
        """Yield the body's chunks when they are due, and then raise what the recorded end raises."""
        if self._timing.pace.at_once:  # no frame of ours for each chunk: it would be a part of the cost
            return chain(map(itemgetter(1), self._playback), self._ending())
        return self._paced_chunks()

    def _ending(self) -> Iterator[bytes]:
        self._finish()
        yield from ()

    def _paced_chunks(self) -> Iterator[bytes]:
        for t, chunk in self._playback:
            self._wait(t)
            yield chunk
        self._wait(self._end_time())
        self._finish()

    async def achunks(self) -> AsyncIterator[bytes]:
        """Do the same on the clock of the running event loop."""
        if self._timing.pace.at_once:
            for _, chunk in self._playback:
                yield chunk
        else:
            for t, chunk in self._playback:
                await self._await(t)
                yield chunk
            await self._await(self._end_time())
        self._finish()

    def _wait(self, t: float) -> None:
        """Sleep until what was recorded at `t` is due, but no longer than the client would wait for it."""
        if self._timing.pace.at_once:
            return
        delay, too_long = self._delay(t, self._timing.clock())
        if delay > 0:
            self._timing.sleep(delay)
        if too_long:
            self.done(Ending.TIMEOUT)
            raise self._library.ReadTimeout("The read operation timed out")

    async def _await(self, t: float) -> None:
        if self._timing.pace.at_once:
            return
        import anyio  # the async clients' own, and not needed before

        delay, too_long = self._delay(t, anyio.current_time())
        if delay > 0:
            await anyio.sleep(delay)
        if too_long:
            self.done(Ending.TIMEOUT)
            raise self._library.ReadTimeout("The read operation timed out")

    def _delay(self, t: float, now: float) -> tuple[float, bool]:
        """Return how long to sleep, and whether the client's read timeout is over by then."""
        delay = self._since + self._due_at(t) - now
        if self._read_timeout is not None and delay > self._read_timeout:
            return self._read_timeout, True
        return delay, False

    def _head_time(self) -> float:
        """Return when the response's head came, or when the request failed."""
        response = self._source.head.response
        if response is not None:
            return response.t
        for _ in self._playback:  # the end stands after all else
            pass
        return self._end_time()

    def _end_time(self) -> float:
        end = self._playback.end
        return end.t if end else 0.0

    def done(self, end: Ending) -> None:
        """Note that it has ended for the client."""
        pretended = 0.0
        if end is Ending.TIMEOUT and self._read_timeout is None:
            pretended = float("inf")  # a real transport would still wait
        elif end is Ending.TIMEOUT and self._timing.pace.at_once:
            pretended = self._read_timeout or 0.0
        self._play.done(self._timing.clock(), end, pretended=pretended)

    def _finish(self) -> None:
        self.done(self._playback.end.how if self._playback.end else Ending.CUT)
        error = exception_for(self._library, self._playback.end, self._source.head, self._source.name)
        if error is not None:
            raise error

    def _response(self) -> Any:
        response = self._source.head.response
        if response is None:
            self._finish()
        assert response is not None
        return self._library.Response(
            response.status,
            headers=self._source.headers(),
            stream=_body_class(self._library)(self),
            extensions={"http_version": response.http.encode()},
            request=self._request,
        )


def read_timeout_of(request: Any) -> float | None:
    """Return how many seconds the client waits for the next bytes; None if it waits without end."""
    return (request.extensions.get("timeout") or {}).get("read")


@functools.cache
def _body_class(library: ModuleType) -> type:
    """Make a library's stream class: sync and async in one, as there is no I/O in it."""

    class ReplayedBody(library.SyncByteStream, library.AsyncByteStream):  # type: ignore[name-defined,misc]
        def __init__(self, rendering: Rendering) -> None:
            self._rendering = rendering

        def __iter__(self) -> Iterator[bytes]:
            return self._rendering.chunks()

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self._rendering.achunks()

        def close(self) -> None:
            self._rendering.done(Ending.ABANDONED)  # unless it has ended before

        async def aclose(self) -> None:
            self._rendering.done(Ending.ABANDONED)

    return ReplayedBody
