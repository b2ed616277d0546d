"""A real server on loopback that does exactly what a script says, broken HTTP included.

A script is a list of steps: bytes to send as they are, `CUT` (close the connection), `RESET` (send RST),
`STALL` (wait until the client has gone), or a function to call, for example one that waits for an event.
After the script the connection stays open for another request only if the response has a length.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
import zlib
from enum import Enum

import brotli
import zstandard


class Step(Enum):
    CUT = "cut"
    RESET = "reset"
    STALL = "stall"


CUT, RESET, STALL = Step.CUT, Step.RESET, Step.STALL

STREAM_HEADERS = {"content-type": "text/event-stream; charset=utf-8", "request-id": "req_loopback"}


def head(status=200, headers=STREAM_HEADERS, **more):
    """A response's head. Keyword arguments are headers, with underscores for hyphens."""
    fields = {**headers, **{name.replace("_", "-"): value for name, value in more.items()}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode()


def chunk(data):
    """One HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


END = b"0\r\n\r\n"


def chunked(parts, **headers):
    """A complete response in HTTP chunks, one for each part and step."""
    return [head(transfer_encoding="chunked", **headers), *[chunk(part) for part in parts if part], END]


def encoder(coding):
    """An encoder as two functions, (feed, finish), that flushes every chunk, as a streaming server must."""
    if coding == "br":
        brotli_ = brotli.Compressor(quality=1)
        return lambda data: brotli_.process(data) + brotli_.flush(), brotli_.finish
    if coding == "zstd":
        zstd = zstandard.ZstdCompressor().compressobj()
        return (lambda data: zstd.compress(data) + zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)), zstd.flush
    bits = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}[coding]
    plain = zlib.compressobj(wbits=bits)
    return (lambda data: plain.compress(data) + plain.flush(zlib.Z_SYNC_FLUSH)), plain.flush


def encoded(parts, coding):
    """The same as `chunked`, with the body in a content coding."""
    feed, finish = encoder(coding)
    return chunked([*[feed(part) for part in parts], finish()], content_encoding=coding)


class Server:
    """Serve one script for each request, and repeat the last one.

    `requests` has a (request line, headers, body) for each request.
    """

    def __init__(self, *scripts):
        self.scripts = list(scripts)
        self.requests = []
        self.left = threading.Event()
        """Set when a client has gone before the end of a script."""
        self._lock = threading.Lock()
        self._open = set()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # shutdown() wakes the thread that waits in accept(); close() alone would not.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in tuple(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection, connection.makefile("rb") as file:
                while self._request(file):
                    with self._lock:
                        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
                    if not self._play(connection, script):
                        return
        except OSError:
            self.left.set()
        finally:
            self._open.discard(connection)

    def _request(self, file):
        lines = []
        while (line := file.readline()) not in (b"\r\n", b""):
            lines.append(line.decode("latin-1").rstrip())
        if not lines:
            return False
        headers = {
            name.lower(): value.strip() for name, _, value in (text.partition(":") for text in lines[1:])
        }
        chunked = headers.get("transfer-encoding") == "chunked"
        body = _unchunked(file) if chunked else file.read(int(headers.get("content-length", 0)))
        self.requests.append((lines[0], headers, body))
        return True

    def _play(self, connection, script):
        for step in script:
            if step is CUT:
                return False
            if step is RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            if step is STALL:
                connection.recv(1)
                self.left.set()
                return False
            if callable(step):
                step()
            else:
                connection.sendall(step)
        return script[-1].endswith(END) or b"content-length" in script[0].lower()


def _unchunked(file):
    """Read a body in chunks, and drop its trailers."""
    pieces = []
    while size := int(file.readline().partition(b";")[0] or b"0", 16):
        pieces.append(file.read(size))
        file.readline()
    while file.readline() not in (b"\r\n", b""):
        pass
    return b"".join(pieces)


def eventually(is_true, *, seconds=60):
    """Wait until `is_true()`, at most `seconds`; return whether it became true."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not is_true():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.002)
    return True
