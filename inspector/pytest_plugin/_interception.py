"""Catch the requests of Anthropic clients where they leave the process: at the HTTP libraries' transports.

A client may be older than the test, may be a library's, and may have any base URL. All clients on httpx2,
httpx and aiohttp call a method of a transport's class. Wrappers stand around these methods while a marked
test runs; around those of a library that is imported meanwhile, as soon as it is there. They pass on what is
not for Claude.

Others patch the same methods: mocks and tracers, for a test, a class, or the session, and undo it when they
like. So each marked test begins with a wrapper of ours outermost, whatever is below. At its end ours goes
where it still is. One that somebody has patched stays below the patch, and may come back when that is undone.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import re
import sys
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Protocol
from weakref import WeakValueDictionary

from inspector.pytest_plugin._guard import is_here
from inspector.pytest_plugin._import_watch import ImportWatch

__all__ = ["Door", "Interception", "is_for_claude"]

_LIBRARIES = ("httpx2", "httpx")
_PART = "httpx"
"""Part of the name of every module that has such a transport, also of `anthropic._vendor.httpx_aiohttp`."""
_AGENT = re.compile(r"(async)?anthropic", re.IGNORECASE)
_MESSAGES = re.compile(r"/v1/messages(/|$)")
_API_HOST = "api.anthropic.com"

_SENT = "inspector.sent"
"""A key of a request's extensions: its door sends it now."""


class Door(Protocol):
    """What answers a request in the place of a transport, or sends it with the transport's own method."""

    def handle_request(self, request: Any, send: Callable[[Any], Any]) -> Any:
        """Return the response to a request of a sync client."""

    async def handle_async_request(self, request: Any, send: Callable[[Any], Any]) -> Any:
        """Return the response to a request of an async client."""


def is_for_claude(request: Any) -> bool:
    """Return whether a request of httpx or httpx2 is an Anthropic client's, by what is on it.

    The SDK's headers and the path decide, and not the host alone: gateways have any. Other SDKs from the same
    generator (OpenAI's) send `x-stainless-*`, too.
    """
    headers, url = request.headers, request.url
    return bool(
        "anthropic-version" in headers
        or _AGENT.match(headers.get("user-agent", ""))
        or _MESSAGES.search(url.path)
        or url.host == _API_HOST
    )


class Interception:
    """The wrappers of one session. `door` returns what answers now; None leaves requests alone."""

    def __init__(self, door: Callable[[], Door | None]) -> None:
        self._door = door
        self._covered: set[tuple[type, str]] = set()
        # By identity: a tracer's wrapper (wrapt) equals what it is around.
        self._ours: WeakValueDictionary[int, Callable[..., Any]] = WeakValueDictionary()
        self._lock = threading.Lock()  # two threads may import at once
        self._watch = ImportWatch(_PART, self._wrap_new)

    def cover(self) -> None:
        """Wrap the transports of every library that is imported, now and whenever one is."""
        self._watch.start()
        for name in _LIBRARIES:
            if sys.modules.get(name) is not None:
                with contextlib.suppress(ImportError):  # of the thread that is importing it: wait for that
                    importlib.import_module(name)
        with self._lock:
            # Also those that are in no module any more: a client may be older.
            for cls, name in self._covered.union(_transports()):
                if name in cls.__dict__ and not self._is_ours(cls.__dict__[name]):  # some delete it
                    self._wrap(cls, name)

    def remove(self) -> None:
        """Put back what was there, where nobody else has patched it since."""
        self._watch.stop()
        with self._lock:
            for cls, name in self._covered:
                wrapper: Any = cls.__dict__.get(name)
                if self._is_ours(wrapper):
                    setattr(cls, name, wrapper.__wrapped__)

    def _wrap_new(self) -> None:
        """Wrap what has been imported. A patch of a transport that is covered already stays outermost."""
        with self._lock:
            for cls, name in set(_transports()) - self._covered:
                self._wrap(cls, name)

    def _is_ours(self, method: object) -> bool:
        return method is not None and self._ours.get(id(method)) is method

    def _door_for(self, request: Any) -> Door | None:
        if request.extensions.get(_SENT) is self:  # a patch of somebody is between two wrappers of ours
            return None
        return self._door() if is_for_claude(request) and not _is_for_own_server(request.url) else None

    def _wrap(self, cls: type, name: str) -> None:
        wrapper = (self._sync if name == "handle_request" else self._async)(cls.__dict__[name])
        self._ours[id(wrapper)] = wrapper
        self._covered.add((cls, name))
        setattr(cls, name, wrapper)

    def _sync(self, original: Any) -> Callable[..., Any]:
        @functools.wraps(original)
        def handle_request(transport: Any, request: Any) -> Any:
            def send(request: Any) -> Any:
                with self._sending(request):
                    return method(request)

            method, door = _bound(original, transport), self._door_for(request)
            return method(request) if door is None else door.handle_request(request, send)

        return handle_request

    def _async(self, original: Any) -> Callable[..., Any]:
        @functools.wraps(original)
        async def handle_async_request(transport: Any, request: Any) -> Any:
            async def send(request: Any) -> Any:
                with self._sending(request):
                    return await method(request)

            method, door = _bound(original, transport), self._door_for(request)
            return await (method(request) if door is None else door.handle_async_request(request, send))

        return handle_async_request

    @contextlib.contextmanager
    def _sending(self, request: Any) -> Iterator[None]:
        """Let the wrappers below pass a request on, which the door of the outermost one has seen."""
        request.extensions[_SENT] = self
        try:
            yield
        finally:
            request.extensions.pop(_SENT, None)


def _bound(attribute: Any, transport: Any) -> Callable[[Any], Any]:
    """Return what Python finds at a transport for an attribute of its class.

    Tracers (wrapt) put a descriptor there that works only if it is bound. A plain mock binds nothing.
    """
    bind = getattr(type(attribute), "__get__", None)
    bound: Callable[[Any], Any] = attribute if bind is None else bind(attribute, transport, type(transport))
    return bound


def _is_for_own_server(url: Any) -> bool:
    """Return whether an `inspector.Server` that this process has started is there."""
    server = sys.modules.get("inspector.serve.server")
    return server is not None and url.port in server.RUNNING and is_here(url.host)


def _transports() -> Iterator[tuple[type, str]]:
    """Yield the classes that send requests to a network, and the name of the method that does it.

    Other transports answer themselves, or hand on to one of these.
    """
    for library in filter(None, map(sys.modules.get, _LIBRARIES)):
        for base, method in (
            ("BaseTransport", "handle_request"),
            ("AsyncBaseTransport", "handle_async_request"),
        ):
            for cls in _descendants(getattr(library, base, None)):
                if method in cls.__dict__ and _reaches_a_network(cls, library):
                    yield cls, method


def _reaches_a_network(cls: type, library: ModuleType) -> bool:
    own = cls.__module__.partition(".")[0] == library.__name__
    return (
        own and cls.__name__ in ("HTTPTransport", "AsyncHTTPTransport")
    ) or "aiohttp" in cls.__name__.lower()


def _descendants(cls: Any) -> Iterator[type]:
    """Yield the classes below a class. A module that is half imported, or a stand-in, has no such class."""
    children: list[type] = cls.__subclasses__() if isinstance(cls, type) else []
    for child in children:
        yield child
        yield from _descendants(child)
