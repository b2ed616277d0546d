"""An upstream and a client for measuring a proxy between them: each event holds when it was sent.

`python -m tests.benchmarks._stamped` prints the upstream's port. `POST /paced/N/GAP` is answered by N events,
one every GAP seconds, each with the time of its sending in nanoseconds of the clock that all processes share.
`POST /full/N` is answered by N events as fast as they are taken. Each event is one HTTP chunk.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import re
import time
from array import array

from tests import loopback
from tests.benchmarks import _streams

__all__ = ["Client", "request"]

_STAMP = re.compile(rb'"text":"([0-9]{10,})"')
_BODY = b'{"model":"m","max_tokens":1,"stream":true,"messages":[{"role":"user","content":"hello"}]}'
_PIECE = 100  # events that are written at once at full speed


def request(path: str) -> bytes:
    """Return a request of the benchmark."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nx-api-key: none\r\n"
    return f"{head}Content-Length: {len(_BODY)}\r\n\r\n".encode() + _BODY


def _event() -> bytes:
    delta = {"type": "text_delta", "text": str(time.monotonic_ns())}
    payload = {"type": "content_block_delta", "index": 0, "delta": delta}
    return loopback.chunk(_streams.block("content_block_delta", payload, 7))


class _Upstream(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.free = asyncio.Event()
        self.free.set()
        self.got = b""
        self.task = None

    def data_received(self, data):
        self.got += data
        if self.got.endswith(b"}") and b"\r\n\r\n" in self.got:
            line, self.got = self.got.split(b"\r\n")[0], b""
            kind, *numbers = line.split()[1].decode().strip("/").split("/")
            serve = self.paced if kind == "paced" else self.full
            self.task = asyncio.ensure_future(serve(*map(float, numbers)))

    def pause_writing(self):
        self.free.clear()

    def resume_writing(self):
        self.free.set()

    def connection_lost(self, exc):
        self.free.set()
        if self.task is not None:
            self.task.cancel()

    async def paced(self, count, gap):
        self.transport.write(loopback.head(transfer_encoding="chunked"))
        due = asyncio.get_running_loop().time()
        for _ in range(int(count)):
            self.transport.write(_event())
            due += gap
            await asyncio.sleep(due - asyncio.get_running_loop().time())
        self.transport.write(loopback.END)

    async def full(self, count):
        self.transport.write(loopback.head(transfer_encoding="chunked"))
        blocks = [loopback.chunk(each) for each in _streams.events(_PIECE)[:_PIECE]]
        piece = b"".join(blocks)
        for _ in range(int(count) // len(blocks)):
            await self.free.wait()
            if self.transport.is_closing():
                return
            self.transport.write(piece)
        self.transport.write(loopback.END)


class Client(asyncio.Protocol):
    """One stream. `late` gets the age of each event in seconds, `first` that of the first one."""

    def __init__(self, wire: bytes, late: array[float], first: array[float]) -> None:
        self._wire, self._late, self._first = wire, late, first
        self._begun = 0
        self.done = asyncio.get_running_loop().create_future()
        self.got = 0

    def connection_made(self, transport):
        self.transport = transport

    def ask(self) -> None:
        """Send the request."""
        self._begun = time.monotonic_ns()
        self.transport.write(self._wire)

    def data_received(self, data):
        now = time.monotonic_ns()
        stamps = _STAMP.findall(data)
        if self._begun and stamps:
            self._first.append((now - self._begun) / 1e9)
            self._begun = 0
        self._late.extend((now - int(stamp)) / 1e9 for stamp in stamps)
        self.got += len(data)
        if data.endswith(loopback.END) and not self.done.done():
            self.transport.close()
            self.done.set_result(None)

    def connection_lost(self, exc):
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the stream broke off"))


async def _main() -> None:
    server = await asyncio.get_running_loop().create_server(_Upstream, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    gc.freeze()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
