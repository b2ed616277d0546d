"""A listening socket, and an event loop that serves the connections it accepts."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from inspector.errors import AddressError
from inspector.serve.connection import Connection, Shared
from inspector.serve.schedule import Schedule, fine_selector

__all__ = ["BACKLOG", "listen", "on_exception", "run", "url_of"]

BACKLOG = 4096
"""How many connections may wait to be accepted."""

_SWEEP = 1.0  # seconds


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address; port 0 is any free one. Raises `AddressError`, which says why it cannot."""
    if not 0 <= port <= 65535:
        raise AddressError(f"cannot listen on {host}:{port}: a port is a number from 0 to 65535")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        code = error.errno
        reason = os.strerror(code) if code and code > 0 else error.strerror or str(error)
        remedy = "; port 0 takes any free one" if code == errno.EADDRINUSE else ""
        raise AddressError(f"cannot listen on {host}:{port}: {reason}{remedy}") from error


def url_of(host: str, port: int) -> str:
    """Return the base URL for clients of that address."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(
    listening: socket.socket,
    make_shared: Callable[[Schedule], Shared],
    until: Callable[[], Awaitable[object]],
    accept_at_once: int = BACKLOG,
) -> None:
    """Serve on an event loop of its own until what `until` returns is done; then close every connection.

    `accept_at_once` is how many connections are accepted before the loop looks at anything else.
    """

    def new_loop() -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(fine_selector())

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(on_exception)
        shared = make_shared(Schedule(loop.time, loop.call_at))
        server = await loop.create_server(lambda: Connection(shared), sock=listening, backlog=accept_at_once)
        listening.listen(BACKLOG)  # asyncio has made its own number of it
        sweeping = asyncio.ensure_future(_sweep(shared))
        try:
            await until()
        finally:
            sweeping.cancel()
            loop.remove_reader(listening)
            # What was accepted just now is a task of asyncio's and no connection yet. A server that is closed
            # before those tasks are done leaves their sockets open.
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*tasks, return_exceptions=True)
            server.close()
            for connection in tuple(shared.connections):
                connection.abort()
            await asyncio.sleep(0)  # asyncio then calls each one's connection_lost

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())


async def _sweep(shared: Shared) -> None:
    while True:
        await asyncio.sleep(_SWEEP)
        now = shared.schedule.clock()
        for connection in tuple(shared.connections):
            connection.sweep(now)


def on_exception(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say nothing of a lack of descriptors: asyncio tries again after a second, at every client.

    It tries also if the server has been closed by then, and would print a traceback. It prints another one if
    a client resets a connection that is being closed, between the last byte and the end: the reset is seen
    all the same.
    """
    error = context.get("exception")
    if isinstance(error, OSError) and error.errno == errno.ENOTCONN:
        return
    again = "_start_serving" in repr(context.get("handle"))
    if not again and "out of system resource" not in context.get("message", ""):
        loop.default_exception_handler(context)
