"""Sending a request of a client's HTTP library to another server: the plugin's own, or the API past it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from inspector.play.received import ReceivedRequest

if TYPE_CHECKING:
    from inspector.proxy.library_transports import Send

__all__ = ["Redirected", "is_at", "on_thread_of_proxy", "redirect"]

_PROXY = "inspector-proxy"  # the name of its thread


class Redirected:
    """Send a request with the client's own transport to `server`, which records what is new."""

    def __init__(self, server: Any) -> None:
        self._server = server

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests that the server got, from all clients."""
        requests: list[ReceivedRequest] = self._server.requests
        return requests

    def handle_request(self, request: Any, send: Send) -> Any:
        """Send a request of a sync client."""
        return send(self._redirected(request))

    async def handle_async_request(self, request: Any, send: Send) -> Any:
        """Send a request of an async client."""
        return await send(self._redirected(request))

    def _redirected(self, request: Any) -> Any:
        address = self._server.url
        if not on_thread_of_proxy() and not is_at(request, (address,)):
            redirect(request, address)
        return request


def on_thread_of_proxy() -> bool:
    """Return whether the recording proxy sends the current request."""
    return threading.current_thread().name == _PROXY


def is_at(request: Any, addresses: tuple[str, ...] | set[str]) -> bool:
    """Return whether a request is for one of these base URLs."""
    url = str(request.url)
    return any(url.startswith(f"{address}/") for address in addresses)


def redirect(request: Any, base: str) -> None:
    """Send a request to the same path below another base URL."""
    url = type(request.url)(base.rstrip("/") + request.url.raw_path.decode("ascii"))
    request.url = url
    request.headers["host"] = url.netloc.decode("ascii")
