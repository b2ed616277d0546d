"""What happens to a request that is caught in process: a recording is played, or it is sent and recorded.

Each way is an adjacent pair, sync and async, over one decision.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.play.received import History, IncomingRequest, ReceivedRequest

if TYPE_CHECKING:
    from inspector.pytest_plugin._case import Case
    from inspector.pytest_plugin._loopback import Loopback
    from inspector.record.tap import Tap

__all__ = ["Played", "Recorded", "Redirected", "Refused", "caller"]

_RECORDED = "inspector.recorded"
"""A key of a request's extensions: a transport of this plugin records it already."""

Send = Callable[[Any], Any]

_KEPT = 1000  # requests
_PROXY = "inspector-proxy"  # the name of its thread
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
            _redirect(request, self._address)
        return forked or (self._wire is not None and _is_at(request, (self._address,)) and self._is_open)

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
        self._tap = tap
        self._upstream = upstream
        self._address = address
        self._addresses = addresses
        self._history = History(_KEPT)

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests that were sent."""
        return self._history.all()

    def handle_request(self, request: Any, send: Send) -> Any:
        """Send a request of a sync client."""
        if self._is_recorded(request):
            return send(request)
        request.read()
        self._begin(request)
        try:
            return self._tapped(request, send(request))
        except Exception as error:
            self._lost(request, error)
            raise

    async def handle_async_request(self, request: Any, send: Send) -> Any:
        """Send a request of an async client."""
        if self._is_recorded(request):
            return await send(request)
        await request.aread()
        self._begin(request)
        try:
            return self._tapped(request, await send(request))
        except Exception as error:
            self._lost(request, error)
            raise

    def claim(self, request: Any) -> None:
        """Leave a request to a transport of this plugin, which sends it to the API and records."""
        request.extensions[_RECORDED] = True
        if _is_at(request, self._addresses):
            _redirect(request, self._upstream)

    def _is_recorded(self, request: Any) -> bool:
        """Return whether the proxy gets this request, sends it, or a transport of this plugin sends it."""
        return (
            _RECORDED in request.extensions
            or _is_at(request, (self._address,))
            or threading.current_thread().name == _PROXY
        )

    def _begin(self, request: Any) -> None:
        if _is_at(request, self._addresses):
            _redirect(request, self._upstream)
        self._tap.on_request(request)

    def _tapped(self, request: Any, response: Any) -> Any:
        response.request = request
        self._tap.on_response(response)
        self._remember(request, response.status_code)
        return response

    def _lost(self, request: Any, error: Exception) -> None:
        self._tap.on_error(request, error)
        self._remember(request, None)

    def _remember(self, request: Any, status: int | None) -> None:
        incoming = IncomingRequest(request.method, str(request.url), request.content, request.headers.raw)
        self._history.add(incoming, status=status)


class Redirected:
    """Send a request with the client's own transport to `address`, which records what is new."""

    def __init__(self, address: str) -> None:
        self._address = address

    def handle_request(self, request: Any, send: Send) -> Any:
        """Send a request of a sync client."""
        return send(self._redirected(request))

    async def handle_async_request(self, request: Any, send: Send) -> Any:
        """Send a request of an async client."""
        return await send(self._redirected(request))

    def _redirected(self, request: Any) -> Any:
        if threading.current_thread().name != _PROXY and not _is_at(request, (self._address,)):
            _redirect(request, self._address)
        return request


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


def _is_at(request: Any, addresses: tuple[str, ...] | set[str]) -> bool:
    url = str(request.url)
    return any(url.startswith(f"{address}/") for address in addresses)


def _redirect(request: Any, base: str) -> None:
    """Send a request to the same path below another base URL."""
    url = type(request.url)(base.rstrip("/") + request.url.raw_path.decode("ascii"))
    request.url = url
    request.headers["host"] = url.netloc.decode("ascii")
