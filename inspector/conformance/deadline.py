"""A time limit for the head of a response: at its end, the connection is shut down.

The timeouts of HTTP libraries are for one read. An endpoint that sends a byte of its head every second never
meets them.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any

__all__ = ["Deadline"]


class Deadline:
    """Shut down the connections of one request after `seconds`. `trace` learns which they are."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._over = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    @property
    def connected(self) -> bool:
        """Whether the request made a connection, and used none that was open."""
        return bool(self._sockets)

    @property
    def text(self) -> str:
        """That the time is over, as a sentence; empty if it is not."""
        return f"no head of a response came within {self._seconds:g} s (--timeout)" if self._over else ""

    @property
    def error(self) -> TimeoutError | None:
        """The error of an exchange whose time is over; None if it is not."""
        return TimeoutError(self.text) if self._over else None

    def trace(self, name: str, info: dict[str, Any]) -> None:
        """Take a step of the request (https://www.python-httpx.org/advanced/extensions/#trace)."""
        if name.endswith((".connect_tcp.complete", ".start_tls.complete")):
            stream = info.get("return_value")
            connection = stream.get_extra_info("socket") if stream is not None else None
            if connection is not None:
                with self._lock:
                    self._sockets.append(connection)
                if self._over:
                    self._end()

    def _end(self) -> None:
        with self._lock:
            self._over = True
            for connection in self._sockets:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
