"""An upstream of raw sockets, under the control of a test: it reads and writes nothing by itself."""

from __future__ import annotations

import contextlib
import socket
import struct

BOUND = 60.0  # seconds


class RawUpstream:
    """Listens on loopback. `accept` returns the next connection that the proxy makes."""

    def __init__(self, tls=None):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.listening.settimeout(BOUND)
        self.port = self.listening.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._tls = tls
        self._accepted = []

    def accept(self):
        """Return a connection; with TLS after its handshake."""
        connection, _ = self.listening.accept()
        connection.settimeout(BOUND)
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True)
        self._accepted.append(connection)
        return connection

    def close(self):
        for each in (*self._accepted, self.listening):
            with contextlib.suppress(OSError):
                each.close()


def head_of(connection):
    """Read a message's head, a byte at a time, so that nothing of its body is read."""
    got = b""
    while not got.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            break
        got += byte
    return got


def until(connection, end):
    """Read until what was read ends so."""
    got = b""
    while not got.endswith(end):
        piece = connection.recv(65536)
        assert piece, f"the connection ended after {got!r}"
        got += piece
    return got


def exactly(connection, size):
    """Read that many bytes."""
    got = bytearray()
    while len(got) < size:
        piece = connection.recv(size - len(got))
        assert piece, f"the connection ended after {len(got)} bytes"
        got += piece
    return bytes(got)


def rest_of(connection):
    """Read until the connection is closed; a reset raises."""
    got = b""
    while piece := connection.recv(65536):
        got += piece
    return got


def reset(connection):
    """Close with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
