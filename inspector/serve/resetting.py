"""Resetting a TCP connection, and no sooner than the peer has what was sent: a reset throws away the rest."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from typing import Any

__all__ = ["reset_on_close", "unsent"]

_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: on, for no time


def reset_on_close(connection: Any) -> None:
    """Have a socket reset its connection when it is closed."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)


def unsent(connection: Any) -> int:
    """Return how many bytes the system holds that the peer has not; 0 if it does not say."""
    if sys.platform == "win32":  # it does not say
        return 0
    import fcntl
    import termios

    try:
        held = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
    except (OSError, ValueError):  # the latter: it is closed
        return 0
    return int(struct.unpack("i", held)[0])
