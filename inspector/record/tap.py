"""The tap: record what a client does, while it does it, and change nothing about it.

Event hooks of the client's own HTTP library (https://www.python-httpx.org/advanced/event-hooks/). The
request hook only looks at the clock. The response hook replaces `response.stream` with a tee, so the
client keeps its proxies, its sockets, its retries and every byte of its requests, and every attempt is
seen. Neither hook ever raises: the SDK would take that for a network error and ask again, and be billed
again.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from inspector._version import __version__
from inspector.http_library import ending_of, library_of
from inspector.record.decoding import decoder_for
from inspector.record.files import target_for
from inspector.record.journal import Journal, Track, tell_loudly
from inspector.recording import Ending, Head, Request, Response
from inspector.redact import Mask, allowed_headers, mask_url

__all__ = ["RECORDER", "Tap", "request_of", "tap", "timestamp"]

RECORDER = {"name": "sse-inspector", "version": __version__}
"""What a head says of its recorder."""

_CLOCK = "inspector.sent"  # the key of a request's extensions that holds (UTC time, clock) when it was sent


def tap(path: str | os.PathLike[str]) -> Tap:
    """Return event hooks that record every response of a client.

        http = anthropic.DefaultHttpxClient(event_hooks=inspector.tap("recordings/"))
        client = anthropic.Anthropic(http_client=http)

    The same call serves sync and async clients, of httpx2 and of httpx. A folder (it is made if need be)
    gets a file for each response; a path with a suffix is a file, to which responses are appended in the
    order in which they end. Every attempt of a retried request is a response of its own. What arrives is
    on disk within 50 ms, and the whole of a response before its reader goes on after the end.

    A recording that cannot be written is a `RecordingWarning`, once, and the stream goes on. Requests that
    got no response never reach the hooks and are not recorded.
    """
    return Tap(Journal(target_for(path), interval=0.04))


class Tap(dict[str, list[Callable[[Any], Any]]]):
    """Event hooks, as a client's `event_hooks=` takes them, that record through a journal."""

    def __init__(
        self, journal: Journal, *, drain: bool = False, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """`drain`: read a body to its end where a sync reader closes it early, unless it is interrupted."""
        super().__init__(request=[self._request_hook], response=[self._response_hook])
        self._journal = journal
        self._drain = drain
        self._clock = clock
        self.responses = 0
        """How many responses came."""

    @property
    def failure(self) -> str | None:
        """Why recording stopped, where it did."""
        return self._journal.failure

    def flush(self) -> None:
        """Write everything that has arrived by now."""
        self._journal.flush()

    def lost(self, request: Any, error: BaseException) -> None:
        """Record a request that got no response, which the hooks are never told."""
        at, sent = request.extensions.get(_CLOCK) or (datetime.now(UTC), self._clock())
        mask = Mask(request.headers.multi_items())
        head = Head(timestamp(at), request_of(request, mask), None, RECORDER)
        how, words = ending_of(error)
        self._journal.begin(head, mask).finish(self._clock() - sent, how, words)

    def _request_hook(self, request: Any) -> _Done:
        try:
            request.extensions[_CLOCK] = (datetime.now(UTC), self._clock())
        except Exception as error:
            _excuse(error)
        return _DONE

    def _response_hook(self, response: Any) -> _Done:
        try:
            self._begin(response)
        except Exception as error:
            _excuse(error)
        return _DONE

    def _begin(self, response: Any) -> None:
        self.responses += 1
        request = response.request
        at, sent = request.extensions.get(_CLOCK) or (datetime.now(UTC), self._clock())
        since = functools.partial(_since, self._clock, sent)
        mask = Mask([*request.headers.multi_items(), *response.headers.multi_items()])
        encoding = response.headers.get("content-encoding", "")
        decode = decoder_for(encoding) if encoding else None
        head = Head(
            at=timestamp(at),
            request=request_of(request, mask),
            response=_response_of(response, since(), undecoded=bool(encoding) and decode is None),
            recorder=RECORDER,
        )
        if response.is_stream_consumed:  # a transport that had the whole body from the start
            body = response.content
            track = self._journal.begin(head, mask)
            track.note(since(), body)
            track.finish(since(), Ending.COMPLETE)
            return
        library = library_of(response)
        sync_tee, async_tee = _tees(library)
        tee = sync_tee if isinstance(response.stream, library.SyncByteStream) else async_tee
        track = self._journal.begin(head, mask, decode)
        response.stream = tee(response.stream, track, since, drain=self._drain)


def _since(clock: Callable[[], float], sent: float) -> float:
    return clock() - sent


def timestamp(at: datetime) -> str:
    """Write a UTC time as a recording's head has it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def request_of(request: Any, mask: Mask) -> Request:
    """Keep of a library's request what a recording may keep."""
    headers, withheld = allowed_headers(request.headers.multi_items())
    try:
        body = request.content or None
    except Exception:  # a body that is streamed up is not there to be read
        body = None
    return Request(
        method=request.method,
        url=mask(mask_url(str(request.url)).encode()).decode(),
        headers=headers,
        body=body and mask(body),
        withheld=withheld,
    )


def _response_of(response: Any, t: float, *, undecoded: bool) -> Response:
    headers, withheld = allowed_headers(response.headers.multi_items(), response=True)
    return Response(
        t=round(t, 6),
        status=response.status_code,
        headers=headers,
        http=response.http_version,
        withheld=withheld,
        extra={"undecoded": True} if undecoded else None,
    )


def _excuse(error: Exception) -> None:
    tell_loudly(f"this response is not recorded: {type(error).__name__}: {error}")


class _Done:
    """What a hook returns: nothing to a sync client, and something already awaited to an async one."""

    def __await__(self) -> Generator[None, None, None]:
        yield from ()


_DONE = _Done()


class _Tee:
    """What the two tees share: a reader's stream, and the track that notes what passes."""

    def __init__(self, stream: Any, track: Track, since: Callable[[], float], *, drain: bool) -> None:
        self._stream = stream
        self._track = track
        self._since = since
        self._drain = drain
        self._begun = False
        # The SDK asks for this at every event; to find nothing by `__getattr__` costs it a twentieth more.
        self.stream_observer = getattr(stream, "stream_observer", None)

    def __getattr__(self, name: str) -> Any:
        # The libraries and the SDK keep things of their own on a stream.
        return getattr(self._stream, name)

    def __del__(self) -> None:
        if not self._begun:  # else the iteration sees its own end
            self._track.forgotten(self._since())

    def _finish(self, error: BaseException | None = None) -> None:
        how, words = ending_of(error) if error else (Ending.COMPLETE, None)
        self._track.finish(self._since(), how, words)

    def _abandon(self) -> None:
        self._track.finish(self._since(), Ending.ABANDONED)


@functools.cache
def _tees(library: ModuleType) -> tuple[type[_Tee], type[_Tee]]:
    """Make the pair of tees for a library, which insists on streams of its own classes."""

    class SyncTee(_Tee, library.SyncByteStream):  # type: ignore[name-defined,misc]
        def __iter__(self) -> Iterator[bytes]:
            self._begun = True
            note, since = self._track.note, self._since
            self._chunks = iter(self._stream)
            try:
                for chunk in self._chunks:
                    note(since(), chunk)
                    yield chunk
            except GeneratorExit:
                if not self._drain:
                    self._abandon()
                raise
            except BaseException as error:
                self._finish(error)
                raise
            self._finish()

        def close(self) -> None:
            try:
                if self._drain and not isinstance(sys.exception(), KeyboardInterrupt):
                    self._read_rest()
                self._stream.close()
            finally:
                self._abandon()

        def _read_rest(self) -> None:
            """The reader has had enough, but what it leaves is what a person wants to see."""
            try:
                for chunk in getattr(self, "_chunks", ()):
                    self._track.note(self._since(), chunk)
                self._finish()
            except BaseException as error:
                self._finish(error)
                if not isinstance(error, Exception):
                    raise

    class AsyncTee(_Tee, library.AsyncByteStream):  # type: ignore[name-defined,misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            self._begun = True
            note, since = self._track.note, self._since
            chunks = aiter(self._stream)
            try:
                async for chunk in chunks:
                    note(since(), chunk)
                    yield chunk
            except BaseException as error:
                self._finish(error)
                if hasattr(chunks, "aclose"):  # a generator within a generator is not closed with it
                    await chunks.aclose()
                raise
            self._finish()

        async def aclose(self) -> None:
            try:
                await self._stream.aclose()
            finally:
                self._abandon()

    return SyncTee, AsyncTee
