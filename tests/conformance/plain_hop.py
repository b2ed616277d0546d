"""A small hop that forwards to one upstream, as faithfully as it can."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from urllib.parse import urlsplit

HOP_BY_HOP = {"transfer-encoding", "connection", "keep-alive", "content-length"}


class Hop:
    """Forwards faithfully. A subclass overrides what it does otherwise."""

    tries = 1
    watches_client = True
    silence = None

    def __init__(self, upstream):
        self.upstream = urlsplit(upstream).netloc
        self.here = threading.local()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, client.makefile("rb") as file, contextlib.suppress(OSError):
            line = file.readline().split()
            headers = http.client.parse_headers(file)
            body = file.read(int(headers.get("content-length", 0)))
            fields = {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}
            self.here.heads = 0
            for number in range(self.tries):
                if self.forward(client, line[1].decode(), body, fields, last=number == self.tries - 1):
                    break
            client.shutdown(socket.SHUT_RDWR)  # closing is not enough while a thread reads from it

    def forward(self, client, path, body, fields, *, last):
        """Forward one try; return whether the client has its answer."""
        connection = http.client.HTTPConnection(self.upstream)
        try:
            connection.request("POST", path, body, fields)
            if self.watches_client:
                threading.Thread(target=self.watch, args=(client, connection), daemon=True).start()
            if self.silence:
                connection.sock.settimeout(self.silence)
            response = connection.getresponse()
            status, headers = self.head(response.status, dict(response.headers))
            if response.status != 200:
                return self.answer(client, status, headers, self.error(response.read(), fields))
            self.send_head(client, status, headers)
            return self.stream(client, response, last=last)
        except (OSError, http.client.HTTPException):
            if last and not self.here.heads:
                error = {"type": "error", "error": {"type": "api_error", "message": "bad gateway"}}
                self.answer(client, 502, {"content-type": "application/json"}, json.dumps(error).encode())
            return last
        finally:
            connection.close()

    def watch(self, client, connection):
        """Leave the upstream when the client leaves."""
        with contextlib.suppress(OSError, AttributeError):  # the latter: it has no socket any more
            client.recv(1)
            connection.sock.shutdown(socket.SHUT_RDWR)

    def answer(self, client, status, headers, body):
        self.send_lines(client, status, {**headers, "content-length": str(len(body)), "connection": "close"})
        client.sendall(body)
        return True

    def send_head(self, client, status, headers):
        self.here.heads += 1
        self.send_lines(client, status, {**headers, "transfer-encoding": "chunked", "connection": "close"})

    def send_lines(self, client, status, headers):
        lines = "".join(
            f"{name}: {value}\r\n"
            for name, value in headers.items()
            if name.lower() not in HOP_BY_HOP or name in ("transfer-encoding", "connection", "content-length")
        )
        client.sendall(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode())

    def stream(self, client, response, *, last):
        broken = None
        try:
            while data := response.read1(65536):
                self.pass_on(client, data)
        except (OSError, http.client.HTTPException) as error:
            broken = error
        return self.end(client, broken, last=last)

    def pass_on(self, client, data):
        data = self.changed(data)
        if data:
            client.sendall(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self, client, broken, *, last):
        if broken is None:
            client.sendall(b"0\r\n\r\n")
        return True

    # What a deviation overrides.

    def head(self, status, headers):
        return status, {name.lower(): value for name, value in headers.items()}

    def error(self, body, fields):
        return body

    def changed(self, data):
        return data
