"""A small hop that forwards to one upstream, as faithfully as it can, apart from one deviation."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import threading
from urllib.parse import urlsplit

HOP_BY_HOP = {"transfer-encoding", "connection", "keep-alive", "content-length"}
STOP = (
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn",'
    b'"stop_sequence":null},"usage":{"output_tokens":1}}\n\n'
    b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
)


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


class Buffering(Hop):
    def stream(self, client, response, *, last):
        held = []
        broken = None
        try:
            while data := response.read1(65536):
                held.append(data)
        except (OSError, http.client.HTTPException) as error:
            broken = error
        if held:
            self.pass_on(client, b"".join(held))
        return self.end(client, broken, last=last)


class InventingAStop(Hop):
    def end(self, client, broken, *, last):
        if broken is not None:
            self.pass_on(client, STOP)
        client.sendall(b"0\r\n\r\n")
        return True


class EndingProperly(Hop):
    def end(self, client, broken, *, last):
        client.sendall(b"0\r\n\r\n")
        return True


class SwallowingErrors(Hop):
    def changed(self, data):
        if b"event: error" in data:
            return data[: data.index(b"event: error")] + STOP
        return data


class SayingTextTwice(Hop):
    tries = 2

    def end(self, client, broken, *, last):
        if broken is not None and not last:
            return False
        return super().end(client, broken, last=last)

    def send_head(self, client, status, headers):
        if self.here.heads:
            self.here.heads += 1
        else:
            super().send_head(client, status, headers)

    def changed(self, data):
        if self.here.heads < 2:
            return data
        return re.sub(rb"event: message_start\n.*\n\n", b"", data)


class KeepingTheUpstream(Hop):
    watches_client = False

    def pass_on(self, client, data):
        with contextlib.suppress(OSError):
            super().pass_on(client, data)


class LeakingTheKey(Hop):
    def error(self, body, fields):
        key = {name.lower(): value for name, value in fields.items()}.get("x-api-key", "")
        return body.replace(b'"message":"', b'"message":"%b ' % key.encode())


class _AddingAHeader(Hop):
    own_key = ""

    def forward(self, client, path, body, fields, *, last):
        self.here.client_key = {name.lower(): value for name, value in fields.items()}.get("x-api-key", "")
        own = {"api-key": self.own_key} if self.own_key else {}
        return super().forward(client, path, body, {**fields, **own}, last=last)

    def head(self, status, headers):
        status, headers = super().head(status, headers)
        return status, {**headers, **self.added()}


class EchoingTheKeyInAHeader(_AddingAHeader):
    def added(self):
        return {"x-debug": f"key={self.here.client_key}"}


class SendingItsOwnKeyInAHeader(_AddingAHeader):
    own_key = "the-own-key-of-this-hop"

    def added(self):
        return {"x-upstream-key": self.own_key}


class ShowingItsInsides(Hop):
    def error(self, body, fields):
        trace = b"at Server.handle (/srv/app/node_modules/gateway/index.js:10:5) "
        return body.replace(b'"message":"', b'"message":"' + trace)


class MixingStreams(Hop):
    other = b""

    def changed(self, data):
        mine = re.search(rb"stream\d\d", data)
        if mine:
            data = data.replace(mine[0], self.other or mine[0])
            type(self).other = mine[0]
        return data


class LosingRetryAfter(Hop):
    def head(self, status, headers):
        status, headers = super().head(status, headers)
        headers.pop("retry-after", None)
        return status, headers


class ChangingTheStatus(Hop):
    def head(self, status, headers):
        status, headers = super().head(status, headers)
        return (500 if status == 529 else status), headers


class WithoutTypeError(Hop):
    def error(self, body, fields):
        return body.replace(b'{"type":"error","error":', b'{"error":')


class DroppingPings(Hop):
    def changed(self, data):
        return re.sub(rb'event: ping\ndata: {"type": ?"ping" *}\n\n', b"", data)


class DroppingUnknownEvents(Hop):
    def changed(self, data):
        return re.sub(rb"event: (message_annotation|pong)\n.*\n\n", b"", data)


class RenamingTheModel(Hop):
    def changed(self, data):
        return re.sub(rb'("message":\{)"model":"[^"]*"', rb'\1"model":"house-model"', data)


class EndingASilence(Hop):
    silence = 1.0

    def end(self, client, broken, *, last):
        if isinstance(broken, TimeoutError):
            broken = None
        return super().end(client, broken, last=last)


class CuttingLongLines(Hop):
    def changed(self, data):
        return data.replace(b"0123456789" * 6500, b"")


class CountingTheCacheTwice(Hop):
    """A bridge to Chat Completions that takes `prompt_tokens` for the tokens beside the cache."""

    def forward(self, client, path, body, fields, *, last):
        asked = json.dumps(json.loads(body) | {"stream": False})
        connection = http.client.HTTPConnection(self.upstream)
        with contextlib.closing(connection):
            connection.request("POST", "/v1/chat/completions", asked, {"content-type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        message, usage = answer["choices"][0]["message"], answer["usage"]
        reply = {
            "id": answer["id"],
            "type": "message",
            "role": "assistant",
            "model": answer["model"],
            "content": [{"type": "text", "text": message["content"] or ""}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {
                "input_tokens": usage["prompt_tokens"],
                "cache_read_input_tokens": usage["prompt_tokens_details"]["cached_tokens"],
                "output_tokens": usage["completion_tokens"],
            },
        }
        return self.answer(client, 200, {"content-type": "application/json"}, json.dumps(reply).encode())
