"""What happens to a request that is caught in process: a recording is played, or it is sent and recorded.

Each way is an adjacent pair, sync and async, over one decision.
"""

from __future__ import annotations

import os
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.play.received import ReceivedRequest
from inspector.pytest_plugin._redirecting import is_at, on_thread_of_proxy, redirect

if TYPE_CHECKING:
    from inspector.proxy.library_transports import Send
    from inspector.pytest_plugin._case import Case
    from inspector.pytest_plugin._loopback import Loopback
    from inspector.record.tap import Tap

__all__ = ["Played", "Recorded", "Refused", "caller"]

_RECORDED = "inspector.recorded"
"""A key of a request's extensions: a transport of this plugin records it already."""

_PACKAGE = str(Path(__file__).parents[1]) + os.sep
_FOREIGN = ("site-packages", "dist-packages", str(Path(os.__file__).parent))


class Played:
    """Answer from the test's recordings. With a `wire`, leave to it what is for `address`, if it is open."""

    def __init__(self, case: Case, address: str, wire: Loopback | None) -> None:
        self._case = case
        self._address = address
        self._wire = wire
        self._process = os.getpid()

    def handle_request(self, request: Any, send: Send) -> Any:
        """Answer a request of a sync client."""
        if self._is_sent(request):
            return send(request)
        response = self._case.transport.handle_request(request)
        self._look(request, response)
        return response

    async def handle_async_request(self, request: Any, send: Send) -> Any:
        """Answer a request of an async client."""
        if self._is_sent(request):
            return await send(request)
        response = await self._case.transport.handle_async_request(request)
        self._look(request, response)
        return response

    def _is_sent(self, request: Any) -> bool:
        """Return whether the socket answers a request."""
        # A forked process has a copy of the player, of which this one learns nothing.
        forked = os.getpid() != self._process
        if forked:
            redirect(request, self._address)
        return forked or (self._wire is not None and is_at(request, (self._address,)) and self._is_open)

    @cached_property
    def _is_open(self) -> bool:
        return self._wire is not None and self._wire.reachable()

    def _look(self, request: Any, response: Any) -> None:
        """Note who sent a request that no recording answers."""
        if response.headers.get("x-should-retry") == "false" and (misses := self._case.transport.misses):
            self._case.places[misses[-1].number] = f"{caller()} to {request.url}"


class Refused:
    """Fail the test whose recordings cannot be played, instead of calling the API."""

    def __init__(self, problem: BaseException) -> None:
        self._problem = problem

    def handle_request(self, request: Any, send: Send) -> Any:
        """Fail a sync client."""
        raise self._problem

    async def handle_async_request(self, request: Any, send: Send) -> Any:
        """Fail an async client."""
        raise self._problem


class Recorded:
    """Send a request with the client's own transport, and record what comes back.

    A request for one of `addresses` that is not the current one goes to the API: its client is older than the
    test, and the proxy of an earlier test was there.
    """

    def __init__(self, tap: Tap, upstream: str, address: str, addresses: set[str]) -> None:
        from inspector.proxy.library_transports import RecordingDoor

        self._door = RecordingDoor(tap)
        self._upstream = upstream
        self._address = address
        self._addresses = addresses

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests that were sent."""
        return self._door.requests

    def handle_request(self, request: Any, send: Send) -> Any:
        """Send a request of a sync client."""
        if self._is_recorded(request):
            return send(request)
        self._to_api(request)
        return self._door.handle_request(request, send)

    async def handle_async_request(self, request: Any, send: Send) -> Any:
        """Send a request of an async client."""
        if self._is_recorded(request):
            return await send(request)
        self._to_api(request)
        return await self._door.handle_async_request(request, send)

    def claim(self, request: Any) -> None:
        """Leave a request to a transport of this plugin, which sends it to the API and records."""
        request.extensions[_RECORDED] = True
        self._to_api(request)

    def _is_recorded(self, request: Any) -> bool:
        """Return whether the proxy gets this request, sends it, or a transport of this plugin sends it."""
        return _RECORDED in request.extensions or is_at(request, (self._address,)) or on_thread_of_proxy()

    def _to_api(self, request: Any) -> None:
        if is_at(request, self._addresses):
            redirect(request, self._upstream)


def caller() -> str:
    """Return the file and line of the user's code that is running, above all libraries."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not (name.startswith((_PACKAGE, "<")) or any(part in name for part in _FOREIGN)):
            return f"{_short(name)}:{frame.f_lineno}"
        if frame.f_back is None:
            break
        frame = frame.f_back
    return "a library's thread"


def _short(name: str) -> str:
    path = Path(name)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else name
