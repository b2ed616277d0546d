"""Several processes that answer at one address: each with its own event loop, all on one listening socket.

The responses are prepared before the processes fork, so they share their memory. They share no count: each
chooses recordings by itself. On Windows, the import raises `UsageError`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NoReturn

from inspector.errors import UsageError
from inspector.serve.server import Server

__all__ = ["Workers"]

if sys.platform == "win32":
    raise UsageError("--workers: Windows cannot run several workers, because it has no fork")

_PATIENCE = 5.0  # seconds in which a worker that is to stop must have ended
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Workers:
    """Run `server` in `count` processes, from `start` (or `with`) to `stop`, each inside `around`.

    `around` is entered in every worker: a log with a thread of its own, for instance. Start them while the
    process has no other thread.
    """

    def __init__(self, server: Server, count: int, around: AbstractContextManager[object]) -> None:
        self._server = server
        self._count = count
        self._around = around
        self._pids: set[int] = set()
        self._alive = -1

    @property
    def url(self) -> str:
        """Where they answer, for a client's base URL."""
        return self._server.url

    def start(self) -> Workers:
        """Listen, and answer from now on. Raises `AddressError` if it cannot listen on that address."""
        with self._server.listen() as listening, _without_signals():
            # The workers wait for the end of this pipe, so they also end if this process dies.
            ended, self._alive = os.pipe()
            for number in range(self._count):
                pid = os.fork()
                if not pid:
                    self._work(listening, ended, number)
                self._pids.add(pid)
        os.close(ended)
        return self

    def wait(self) -> None:
        """Return when a worker has ended, which none does by itself."""
        pid = 0
        while pid not in self._pids:
            pid, _ = os.wait()
        self._pids.discard(pid)

    def stop(self) -> None:
        """Close every connection at once, and return when all workers have ended."""
        if self._alive < 0:
            return
        os.close(self._alive)
        self._alive = -1
        deadline = time.monotonic() + _PATIENCE
        for pid in self._pids:
            _end(pid, deadline)
        self._pids.clear()

    def __enter__(self) -> Workers:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _work(self, listening: socket.socket, ended: int, number: int) -> NoReturn:
        """Be a worker. It never returns into the code that forked it.

        SIGINT and SIGTERM stay blocked in it: a terminal sends them to all processes, and the parent decides
        what they mean.
        """

        async def until() -> None:
            stop = asyncio.Event()
            asyncio.get_running_loop().add_reader(ended, stop.set)
            await stop.wait()

        status = 1
        try:
            os.close(self._alive)
            with self._around:
                self._server.work(listening, until, number=number, of=self._count)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)


@contextlib.contextmanager
def _without_signals() -> Iterator[None]:
    """Block the signals that end a server, until the workers have been forked."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(pid: int, deadline: float) -> None:
    """Wait until a process has ended, and kill it if it takes too long."""
    with contextlib.suppress(ChildProcessError):  # somebody else has waited for it
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return
            time.sleep(0.005)
