"""A round of mixed traffic through the proxy: every byte is compared end to end, and every recording as well.

What an exchange does follows from its number: the request's body and framing, the response's body, coding,
framing, pieces and end, and what the client does. Both sides are raw sockets.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import random
import re
import socket
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import inspector
from inspector.proxy.forwarder import Forwarder
from tests.soak._rounds import law, recordings
from tests.soak._upstream import stream

__all__ = ["proxied"]

BOUND = 10.0  # seconds
EXCHANGES, AT_ONCE = 40, 8
FRAMINGS = ("chunked", "length", "close")
ENDINGS = ("complete",) * 5 + ("cut", "reset", "garbage", "nothing", "refused")


@dataclass(frozen=True)
class Plan:
    """What one exchange does. `wire` is the response's body as it is sent, `content` what that holds."""

    number: int
    request: bytes
    request_chunked: bool
    framing: str
    ending: str
    coded: bool
    wire: bytes
    content: bytes
    pieces: tuple[bytes, ...]
    leaves: bool
    http_1_0: bool


def plan(number):
    """The plan of a number."""
    chance = random.Random(f"proxied {number}")
    content = stream(number).body * chance.choice((1, 1, 1, 50))
    coded = chance.random() < 0.3
    framing, ending = chance.choice(FRAMINGS), chance.choice(ENDINGS)
    http_1_0 = chance.random() < 0.1
    if framing == "close" and ending in ("cut", "garbage"):
        framing = "chunked"
    body = gzip.compress(content, mtime=0) if coded else content
    wire = _chunks(chance, body) if framing == "chunked" else body
    if ending in ("cut", "reset", "garbage"):
        wire = wire[: chance.randrange(len(wire) * 9 // 10)]
    if ending == "garbage":
        wire = b"%x\r\n%b\r\nnonsense\r\n" % (len(body), body)
        framing = "chunked"
    cuts = sorted({0, len(wire), *(chance.randrange(len(wire) + 1) for _ in range(chance.randrange(20)))})
    return Plan(
        number,
        chance.randbytes(chance.choice((0, 10, 5000, 300_000))),
        chance.random() < 0.5 and not http_1_0,
        framing,
        ending,
        coded,
        wire,
        content,
        tuple(wire[a:b] for a, b in pairwise(cuts)),
        chance.random() < 0.15,
        http_1_0,
    )


def _chunks(chance, body):
    pieces = []
    while body:
        size = chance.randrange(1, 5000)
        piece, body = body[:size], body[size:]
        pieces.append(b"%x%b\r\n%b\r\n" % (len(piece), chance.choice((b"", b"", b";a=b")), piece))
    return b"".join(pieces) + chance.choice((b"0\r\n\r\n", b"0\r\nX-Sum: 1\r\n\r\n"))


class Server:
    """Plays the plans. `seen` has the digest of each request's body."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.seen = {}
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            connection.settimeout(BOUND)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            file = connection.makefile("rb")
            with file:
                while self._one(connection, file):
                    pass

    def _one(self, connection, file):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = file.readline()
            if not line:
                return False
            head += line
        each = plan(int(re.search(rb"[?&]n=([0-9]+)", head)[1]))
        self.seen[each.number] = hashlib.sha256(_body(head, file)).digest()
        if each.ending == "nothing":
            return False
        if each.ending == "refused":
            connection.sendall(b"HTTP/1.1 529 Overloaded\r\nContent-Length: 2\r\n\r\n{}")
            return True
        length = b"Content-Length: %d\r\n" % self._length(each)
        fields = {"length": length, "chunked": b"Transfer-Encoding: chunked\r\n"}
        coding = b"Content-Encoding: gzip\r\n" if each.coded else b""
        kind = b"Content-Type: text/event-stream\r\n"
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + kind + coding + fields.get(each.framing, b"") + b"\r\n")
        for piece in each.pieces:
            connection.sendall(piece)
        if each.ending == "reset":
            threading.Event().wait(0.05)  # a reset overtakes what was sent before it
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return each.ending == "complete" and each.framing != "close"

    def _length(self, each):
        return len(each.wire) + (1000 if each.ending in ("cut", "reset") else 0)


def _body(head, file):
    if b"chunked" not in head.lower():
        length = re.search(rb"content-length: *([0-9]+)", head, re.IGNORECASE)
        return file.read(int(length[1])) if length else b""
    pieces = []
    while size := int(file.readline().partition(b";")[0] or b"0", 16):
        pieces.append(file.read(size))
        file.readline()
    file.readline()
    return b"".join(pieces)


def exchange(port, each):
    """Be the client of one exchange; return the head, the rest of what it read, and how it ended."""
    with socket.create_connection(("127.0.0.1", port), timeout=BOUND) as client:
        version = b"1.0" if each.http_1_0 else b"1.1"
        line = b"POST /v1/messages?n=%d HTTP/%b\r\nHost: localhost\r\n" % (each.number, version)
        if each.request_chunked:
            body = _chunks(random.Random(each.number), each.request)
            client.sendall(line + b"Transfer-Encoding: chunked\r\n\r\n")
            client.sendall(body)
        else:
            client.sendall(line + b"Content-Length: %d\r\n\r\n" % len(each.request) + each.request)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = client.recv(1)
            if not byte:
                return head, b"", "cut"
            head += byte
        got, expected = bytearray(), _passed(each)
        if each.leaves or each.ending == "refused":
            return head, client.recv(1000), "left"
        try:
            while (
                len(got) < len(expected)
                or each.http_1_0
                or each.framing == "close"
                or each.ending != "complete"
            ):
                piece = client.recv(65536)
                if not piece:
                    return head, bytes(got), "cut"
                got += piece
        except ConnectionResetError:
            return head, bytes(got), "reset"
        except TimeoutError:
            return head, bytes(got), "silence"
        return head, bytes(got), "complete"


def _passed(each):
    """What the client reads of the body: the same bytes, for HTTP/1.0 without chunks."""
    if not (each.http_1_0 and each.framing == "chunked"):
        return each.wire
    return each.content if not each.coded else b""


def proxied(chance, upstream, folder, first):
    """Run exchanges through the proxy, several at once; compare what each side sent, got and recorded."""
    server, lines = Server(), []
    forwarder = Forwarder(server.url, inspector.tap(Path(folder) / "r"), report=lines.append).start()
    port = int(forwarder.url.rpartition(":")[2])
    start = first * 1000
    plans = [plan(start + number) for number in range(EXCHANGES)]
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(lambda each: exchange(port, each), plans))
    finally:
        forwarder.stop()
        server.close()
    kept, total = recordings(folder), 0
    for each, (head, got, how) in zip(plans, results, strict=True):
        _compare(each, head, got, how)
        _compare_recording(each, kept.get(each.number), server.seen.get(each.number), how)
        total += len(got)
    return {"exchanges through the proxy": len(plans), "bytes through the proxy": total}


def _compare(each, head, got, how):
    name = f"exchange {each.number} ({each.framing}, {each.ending})"
    law(how != "silence", f"{name}: nothing came any more, after {len(got):,} of {len(each.wire):,} bytes")
    status = int(head.split()[1]) if head else None
    if each.ending in ("nothing", "refused"):
        expected = 502 if each.ending == "nothing" else 529
        law(each.leaves or status == expected, f"{name}: status {status}")
        return
    law(status == 200, f"{name}: status {status}")
    if each.http_1_0 and each.framing == "chunked" and (each.coded or each.ending != "complete"):
        return  # the chunks are gone, and the content is compared with the recording
    expected = _passed(each)
    if each.leaves or each.ending == "reset":
        law(expected.startswith(got), f"{name}: the client got what was not sent")
        law(each.leaves or how in ("reset", "cut"), f"{name}: {how}")
    else:
        law(got == expected, f"{name}: the client got {len(got)} bytes of {len(expected)}, or others")


def _compare_recording(each, recording, digest, how):
    name = f"recording {each.number} ({each.framing}, {each.ending})"
    law(recording is not None, f"{name} is missing")
    if digest is not None:
        law(digest == hashlib.sha256(each.request).digest(), f"{name}: the upstream got another request")
    if how != "left":
        law((recording.request.body or b"") == each.request, f"{name}: the request's body differs")
    if each.leaves or each.ending in ("nothing", "refused"):
        return
    ends = {"garbage": "cut", "complete": "complete"}.get(each.ending, each.ending)
    law(recording.end is not None and recording.end.how == ends, f"{name}: its end is {recording.end}")
    if each.ending == "complete":
        law(recording.body == each.content, f"{name}: its body differs from what was sent")
    else:
        law(each.content.startswith(recording.body), f"{name}: its body is not what was sent")
