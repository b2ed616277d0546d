"""Requests that a client's HTTP library sends in this process, and transports that send them to the network.

A *door* is what a request passes on its way out. It takes the request, and what sends it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Protocol

from inspector.http_library import sdk_library
from inspector.play.received import History, IncomingRequest, ReceivedRequest
from inspector.record.tap import Tap

__all__ = ["RecordingDoor", "RememberingDoor", "Send", "network_transport"]

_KEPT = 1000  # requests

Send = Callable[[Any], Any]
"""Sends a library's request, and returns its response; for an async client, what it awaits for that."""


class RememberingDoor(Protocol):
    """What requests pass on their way out, and what remembers them."""

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests that have passed, the last of them."""

    def handle_request(self, request: Any, send: Send) -> Any:
        """Answer a request of a sync client."""

    async def handle_async_request(self, request: Any, send: Send) -> Any:
        """Answer a request of an async client."""


class RecordingDoor:
    """Send requests, and record through `tap` what comes back."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._history = History(_KEPT)

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests that were sent, in the order of their responses, the last thousand of them."""
        return self._history.all()

    def handle_request(self, request: Any, send: Send) -> Any:
        """Send a request of a sync client."""
        request.read()
        self._tap.on_request(request)
        try:
            return self._tapped(request, send(request))
        except Exception as error:
            self._lost(request, error)
            raise

    async def handle_async_request(self, request: Any, send: Send) -> Any:
        """Send a request of an async client."""
        await request.aread()
        await self._tap.on_request(request)  # which makes the request's trace an async one
        try:
            return self._tapped(request, await send(request))
        except Exception as error:
            self._lost(request, error)
            raise

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


def network_transport(door: RememberingDoor) -> Any:
    """Return a transport of the SDK's library, sync and async, whose requests pass `door` to the network."""
    return _transport_class()(door)


@functools.cache
def _transport_class() -> type:
    library = sdk_library()

    class NetworkTransport(library.BaseTransport, library.AsyncBaseTransport):  # type: ignore[name-defined,misc]
        """Calls the network as the library's own transports do, which it makes when they are needed."""

        def __init__(self, door: RememberingDoor) -> None:
            self._door = door
            self._sync: Any = None
            self._async: Any = None

        @property
        def requests(self) -> list[ReceivedRequest]:
            return self._door.requests

        def handle_request(self, request: Any) -> Any:
            self._sync = self._sync or library.HTTPTransport()
            return self._door.handle_request(request, self._sync.handle_request)

        async def handle_async_request(self, request: Any) -> Any:
            self._async = self._async or library.AsyncHTTPTransport()
            return await self._door.handle_async_request(request, self._async.handle_async_request)

        def close(self) -> None:
            used, self._sync = self._sync, None
            if used:
                used.close()

        async def aclose(self) -> None:
            used, self._async = self._async, None
            if used:
                await used.aclose()

    return NetworkTransport
