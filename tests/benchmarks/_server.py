"""A streaming server in a process of its own, so that its cost is not measured.

`python -m tests.benchmarks._server EVENTS A_READ GAP` prints its address and answers every request with a
stream of EVENTS deltas, A_READ of them in an HTTP chunk (which a client gets as one read), GAP seconds apart.
With a gap, each event's text is the time at which it was sent, in nanoseconds of the clock that all processes
share.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from tests import loopback
from tests.benchmarks import _streams

__all__ = ["served"]


@contextlib.contextmanager
def served(events: int, a_read: int = 1, gap: float = 0.0) -> Iterator[str]:
    """Run the server; give its address."""
    arguments = ["-m", __name__, str(events), str(a_read), str(gap)]
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def _main(events: int, a_read: int, gap: float) -> None:
    chunks = [loopback.chunk(read) for read in _streams.grouped(_streams.events(events), a_read)]

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while _read_request(connection):
                connection.sendall(loopback.head(transfer_encoding="chunked"))
                for chunk in _stamped(events, gap) if gap else chunks:
                    connection.sendall(chunk)
                connection.sendall(loopback.END)

    with socket.create_server(("127.0.0.1", 0)) as server:
        print(f"http://127.0.0.1:{server.getsockname()[1]}", flush=True)
        while True:
            connection, _ = server.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()


def _read_request(connection: socket.socket) -> bool:
    """Read one request: a head, and the small body that comes with it."""
    request = b""
    while b"\r\n\r\n" not in request or not request.endswith(b"}"):
        piece = connection.recv(65536)
        if not piece:
            return False
        request += piece
    return True


def _stamped(events: int, gap: float) -> Iterator[bytes]:
    due = time.monotonic()
    for _ in range(events):
        delta = {"type": "text_delta", "text": str(time.monotonic_ns())}
        payload = {"type": "content_block_delta", "index": 0, "delta": delta}
        yield loopback.chunk(_streams.block("content_block_delta", payload, 7))
        due += gap
        time.sleep(max(due - time.monotonic(), 0))


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
