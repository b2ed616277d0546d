"""Replay: a transport that answers a client from recordings, with no key and no network.

The client's own HTTP library does the rest, so what a client sees is what it would have seen: the
recorded status and headers, the recorded chunks at their recorded boundaries, at once or at the recorded
pace, and the recorded end, as the exception that the real transport would have raised.
"""

from __future__ import annotations

import functools
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from inspector import _json
from inspector.errors import UsageError
from inspector.http_library import library_of, sdk_library
from inspector.play.matching import MATCHES, NAME_HEADER, Asked, Matcher, Miss
from inspector.play.playing import Play, Tempo
from inspector.play.sources import Source, sources
from inspector.protocol import error_payload
from inspector.recording import Recording

__all__ = ["Played", "replay"]

_KEPT_REQUESTS = 1000


def replay(
    *recordings: str | os.PathLike[str] | Recording,
    speed: float | None = None,
    match: str = "order",
    loop: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Any:
    """Return a transport that answers from recordings, for sync and async clients alike.

    This is `inspector.replay` without faults, which says what each option means. Raises as that does.
    """
    if match not in MATCHES:
        raise UsageError(f"match={match!r} is not known; known are {', '.join(MATCHES)}")
    if speed is not None and not speed > 0:
        raise UsageError(f"speed={speed!r} must be above 0, or None to play at once")
    found = list(sources(recordings, lazily=True))
    if not found:
        raise UsageError("nothing to replay: name a recording")
    pace = Tempo(speed, sleep, clock)
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


class _Desk:
    """Takes requests and hands out what answers them, in whichever library's terms."""

    def __init__(self, found: list[Source], pace: Tempo, match: str, loop: bool) -> None:
        self._pace = pace
        self._match, self._loop = match, loop
        self._lock = threading.Lock()
        self._played = 0
        self._looked = False
        self.requests: deque[Played] = deque(maxlen=_KEPT_REQUESTS)
        self._set(found)

    def _set(self, found: list[Source]) -> None:
        self._sources = found
        self._heads = [source.head for source in found]
        names = [source.name for source in found]
        self._matcher = Matcher(self._match, names, loop=self._loop, used=self._played)

    def _look_further(self) -> None:
        """See what else the files hold. The first request in order is answered without that."""
        complete = [each for source in self._sources for each in (source, *source.others())]
        if len(complete) > len(self._sources):
            self._set(complete)
        self._looked = True

    @property
    def unused(self) -> list[str]:
        """The names of the recordings that have not been played once."""
        with self._lock:
            if not self._looked:
                self._look_further()
        return self._matcher.unused

    def play(self, request: Any, body: bytes, now: float) -> Play | Miss:
        """Choose a recording for a request."""
        asked = Asked(request.method, str(request.url), body, request.headers.get(NAME_HEADER))
        with self._lock:
            if not self._looked and (self._played or self._match != "order"):
                self._look_further()
            choice = self._matcher.take(asked, self._heads)
            if isinstance(choice, Miss):
                self.requests.append(Played(asked.method, asked.url, body, None, choice.message))
                return choice
            self._played += 1
            source = self._sources[choice]
            self.requests.append(Played(asked.method, asked.url, body, source.name, None))
            return Play(request, source, self._pace, now)


def _missed(request: Any, miss: Miss) -> Any:
    """An error in the API's own shape, which says not to try again."""
    error = error_payload("not_found_error", miss.message)
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

        def __init__(self, desk: _Desk, pace: Tempo) -> None:
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
