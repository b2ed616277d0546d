"""Connections to the upstream: new ones, through a proxy and TLS if need be, and those to be used again."""

from __future__ import annotations

import asyncio
import select
import sys
from collections import deque
from collections.abc import Callable

from inspector.proxy.boundaries import ProxyLimits
from inspector.proxy.failures import NoResponseError, unreachable
from inspector.proxy.message_heads import HeadError, ResponseHead, parse_response
from inspector.proxy.upstream import Hop, Upstream
from inspector.proxy.wires import Wire
from inspector.recording import Ending

__all__ = ["Connector"]

_TUNNEL_HEAD = 64 * 1024  # bytes


class Connector:
    """Connect to one upstream. `new_wire` makes the protocol of a connection."""

    def __init__(self, upstream: Upstream, limits: ProxyLimits, new_wire: Callable[[], Wire]) -> None:
        self._upstream = upstream
        self._limits = limits
        self._new_wire = new_wire
        self._idle: deque[tuple[Wire, asyncio.TimerHandle]] = deque()

    def reuse(self) -> Wire | None:
        """Return the connection that was used last and is still open; None if there is none."""
        while self._idle:
            wire, timer = self._idle.pop()
            timer.cancel()
            wire.gone = None
            if wire.end is None and not wire.waiting and not _readable(wire):
                return wire
            wire.abort()
        return None

    def put_back(self, wire: Wire, response: ResponseHead) -> None:
        """Keep a connection for another request, as long as its server says, or some seconds."""
        wire.take = wire.blocked = None
        entry = wire, asyncio.get_running_loop().call_later(self._patience(response), wire.abort)

        def forget() -> None:
            entry[1].cancel()
            if entry in self._idle:
                self._idle.remove(entry)

        wire.gone = forget
        wire.free()
        self._idle.append(entry)

    def close(self) -> None:
        """Close the connections that wait."""
        while self._idle:
            wire, timer = self._idle.pop()
            timer.cancel()
            wire.gone = None
            wire.abort()

    async def connect(self) -> Wire:
        """Make a new connection. Raises `NoResponseError`."""
        upstream, proxy = self._upstream, self._upstream.proxy
        try:
            async with asyncio.timeout(self._limits.connect):
                if proxy is not None and upstream.tls:
                    return await self._tunnel(proxy)
                return await self._open(proxy or upstream)
        except TimeoutError as error:
            late = TimeoutError(f"no connection within {self._limits.connect:g} s")
            raise unreachable(upstream.shown, late) from error

    async def _open(self, hop: Hop) -> Wire:
        try:
            _, wire = await asyncio.get_running_loop().create_connection(
                self._new_wire,
                hop.host,
                hop.port,
                ssl=self._upstream.tls_context if hop.tls else None,
                server_hostname=hop.host if hop.tls else None,
                happy_eyeballs_delay=0.25,
            )
        except OSError as error:
            raise unreachable(hop.shown, error) from error
        return wire

    async def _tunnel(self, proxy: Hop) -> Wire:
        """Connect through a proxy that lets bytes pass (RFC 9110, 9.3.6)."""
        upstream = self._upstream
        wire = await self._open(proxy)
        try:
            lines = [f"CONNECT {upstream.full_authority} HTTP/1.1", f"Host: {upstream.full_authority}"]
            head = "\r\n".join(lines).encode()
            if proxy.authorization:
                head += b"\r\nProxy-Authorization: " + proxy.authorization
            wire.write(head + b"\r\n\r\n")
            await _accepted(wire, proxy.shown)
            transport = await asyncio.get_running_loop().start_tls(
                wire.transport, wire, upstream.tls_context, server_hostname=upstream.host
            )
            if transport is None:
                raise ConnectionResetError("the connection was closed while TLS began")
            wire.connection_made(transport)
        except BaseException as error:
            wire.abort()
            if isinstance(error, OSError) and not isinstance(error, TimeoutError):
                raise unreachable(upstream.shown, error) from error
            raise
        return wire

    def _patience(self, response: ResponseHead) -> float:
        """Return for how long a server lets a connection wait, less a second: it must not close it first."""
        seconds = response.keep_alive_seconds
        return self._limits.idle if seconds is None else max(0.0, min(seconds - 1.0, self._limits.idle_most))


async def _accepted(wire: Wire, shown: str) -> None:
    """Wait for the proxy to say that the tunnel is open."""
    try:
        head = await wire.head(_TUNNEL_HEAD, response=True)
        if not head:
            raise ConnectionResetError("it closed the connection at CONNECT")
        response = parse_response(head)
    except HeadError as error:
        raise NoResponseError(
            502, "api_error", f"{shown}: {error}", Ending.RESET, f"ConnectError: {error}"
        ) from error
    if not 200 <= response.status < 300:
        said = f"{response.status} {response.reason.decode('latin-1')}".strip()
        message = f"the proxy {shown} refuses to connect: {said}"
        raise NoResponseError(502, "api_error", message, Ending.RESET, f"ProxyError: {said}", True)


def _readable(wire: Wire) -> bool:
    """Whether the peer has sent anything, such as its end, that the event loop has not seen yet."""
    if sys.platform == "win32":  # it has no poll
        return False
    connection = wire.transport.get_extra_info("socket")
    try:
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError):  # the descriptor may be closed
        return False
