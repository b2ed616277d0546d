"""An API whose streams follow from their number: `/v1/messages?n=17` is always the same, its end too."""

from __future__ import annotations

import contextlib
import json
import random
import re
import socket
import socketserver
import struct
import threading
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

__all__ = ["Stream", "Upstream", "stream"]

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_ENDINGS = ("complete", "complete", "complete", "cut", "reset")


@dataclass(frozen=True)
class Stream:
    """What is sent: the body in pieces, the seconds before each, and how it ends."""

    pieces: tuple[bytes, ...]
    gaps: tuple[float, ...]
    ending: str

    @property
    def body(self):
        return b"".join(self.pieces)


@lru_cache(maxsize=256)
def stream(number):
    """The stream of that number: some 50 events, cut anywhere, in about half a second."""
    chance = random.Random(number)
    body = b"".join(_events(chance, number))
    cuts = sorted({0, len(body), *(chance.randrange(len(body)) for _ in range(chance.randrange(1, 60)))})
    pieces = [body[a:b] for a, b in pairwise(cuts)]
    ending = chance.choice(_ENDINGS)
    if ending != "complete":
        pieces = pieces[: chance.randrange(1, len(pieces) + 1)]
    return Stream(tuple(pieces), tuple(chance.choice((0, 0, 0.002, 0.02)) for _ in pieces), ending)


def _events(chance, number):
    message = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": "m", "content": []}
    message |= {"stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}
    yield _event("message_start", message=message)
    yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for _ in range(chance.randrange(5, 60)):
        text = "".join(chance.choices('ab é漢🙂\n"', k=chance.randrange(1, 200)))
        yield _event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})
    yield _event("content_block_stop", index=0)
    yield _event(
        "message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": 9}
    )
    yield _event("message_stop")


def _event(kind, **members):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **members}, ensure_ascii=False)}\n\n".encode()


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    timeout = 30

    def handle(self):
        with contextlib.suppress(OSError):
            while self.one():
                pass

    def one(self):
        line, length = self.rfile.readline(), 0
        while (field := self.rfile.readline().lower()) not in (b"\r\n", b""):
            if field.startswith(b"content-length:"):
                length = int(field.partition(b":")[2])
        self.rfile.read(length)
        match = re.search(rb"[?&]n=([0-9]+)", line)
        if not match:
            return False
        sent = stream(int(match[1]))
        self.request.sendall(_HEAD)
        pause = threading.Event()
        for gap, piece in zip(sent.gaps, sent.pieces, strict=True):
            if gap:
                pause.wait(gap)
            self.request.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        if sent.ending == "reset":
            pause.wait(0.05)  # a reset overtakes what was sent before it
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if sent.ending == "complete":
            self.request.sendall(b"0\r\n\r\n")
        return sent.ending == "complete"


class Upstream(socketserver.ThreadingTCPServer):
    """Serve those streams on loopback, from entering to leaving it."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 512

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def shutdown_request(self, request):
        """Close without a FIN of its own before it: that would make a reset a cut."""
        request.close()

    def handle_error(self, request, client_address):
        """Say nothing of clients that were killed."""
