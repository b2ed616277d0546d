"""For the tests of `serve`: raw sockets to a server."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

STREAM = b'{"stream":true}'
ASK = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15\r\n\r\n" + STREAM
BOUND = 60.0  # seconds; nothing takes as long


@contextlib.contextmanager
def connected(server):
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=BOUND) as client:
        yield client


def read_all(client):
    """Everything until the server closes; and whether it reset the connection."""
    pieces = []
    try:
        while piece := client.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        return b"".join(pieces), True
    return b"".join(pieces), False


def exchange(server, wire):
    """Send bytes on a connection of their own, and read until it is closed."""
    with connected(server) as client:
        client.sendall(wire)
        return read_all(client)


def closing(wire):
    return wire.replace(b"Host: localhost\r\n", b"Host: localhost\r\nConnection: close\r\n", 1)


def until(true):
    """Wait for what other threads do, bounded."""
    deadline = time.monotonic() + BOUND
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.001)
