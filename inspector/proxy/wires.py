"""One connection, to a client or to the upstream: bytes in, bytes out, and how it ended.

Rule 1: what a read returns goes at once to whoever takes it. Until somebody does, a few reads wait here, and
then nothing more is read.

Rule 2: it is read no faster than what it brings is written on the other side.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from typing import cast

from inspector.proxy.message_heads import HeadError
from inspector.recording import Ending
from inspector.serve.resetting import reset_on_close, unsent

__all__ = ["Wire"]

_WAITING = 128 * 1024  # bytes that wait for somebody to take them
_AHEAD = 64 * 1024  # bytes that a slow reader may be behind, besides what the system holds
_BARE_LF = re.compile(rb"(?<!\r)\n")
_END_OF_REQUEST = re.compile(rb"\r\n\r\n")
_END_OF_RESPONSE = re.compile(rb"\n\r?\n")
_RESPONSE = b"HTTP/"
_SHOWN = 200  # bytes of what is no head


class Wire(asyncio.BufferedProtocol):
    """A connection. `buffer` is where reads go, which many wires share: each read is taken before the next.

    `clock` is the recorder's: `read_at` is when the last read returned.
    """

    def __init__(self, buffer: memoryview, clock: Callable[[], float], *, half_open: bool = False) -> None:
        self._buffer = buffer
        self._clock = clock
        self._half_open = half_open
        self.transport: asyncio.Transport = None  # type: ignore[assignment]  # until it is made
        self.take: Callable[[bytes], None] | None = None
        """Gets what each read returns; None lets it wait here."""
        self.gone: Callable[[], object] | None = None
        """Is called once, when the peer has ended the connection."""
        self.blocked: Callable[[bool], None] | None = None
        """Is called with whether the peer leaves unread what is written to it."""
        self.ended, self.closed = asyncio.Event(), asyncio.Event()
        self.read_at = 0.0
        self.end: Ending | None = None
        """How the peer ended the connection; None while it is open."""
        self.error: Exception | None = None
        self.waiting = b""
        """What was read, and nobody has taken."""
        self._change: asyncio.Future[None] | None = None
        self._holds: set[str] = set()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=_AHEAD)
        self.read_at = self._clock()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Say where to read to."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Pass on what was read."""
        self.read_at = self._clock()
        data = bytes(self._buffer[:nbytes])
        if self.take is not None:
            self.take(data)
            return
        self.waiting += data
        if len(self.waiting) > _WAITING:
            self.hold("full", True)
        self._changed()

    def eof_received(self) -> bool:
        """Note that the peer sends no more; a client may still be written to."""
        self._ended(Ending.CUT, None)
        return self._half_open

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is no more."""
        self.closed.set()
        self._ended(Ending.RESET if exc else Ending.CUT, exc)
        if self.blocked is not None:  # nobody waits for this peer any more
            self.blocked(False)

    def pause_writing(self) -> None:
        """Have the other side wait for this peer."""
        if self.blocked is not None:
            self.blocked(True)

    def resume_writing(self) -> None:
        """Let the other side go on."""
        if self.blocked is not None:
            self.blocked(False)

    # What its user calls.

    @property
    def paused(self) -> bool:
        """Whether nothing is read for now."""
        return bool(self._holds)

    def silence(self) -> float:
        """Return for how many seconds nothing has been read."""
        return self._clock() - self.read_at

    def pause(self, paused: bool) -> None:
        """Read nothing while the other side does not take what is written to it, or go on."""
        self.hold("peer", paused)

    def hold(self, reason: str, held: bool) -> None:
        """Read nothing for a reason, or no longer for that reason."""
        before = self.paused
        (self._holds.add if held else self._holds.discard)(reason)
        self._read_or_not(before)

    def free(self) -> None:
        """Read on, whatever the reasons not to were."""
        before = self.paused
        self._holds.clear()
        self._read_or_not(before)

    def _read_or_not(self, before: bool) -> None:
        if self.paused is not before:
            self.read_at = self._clock()
            if not self.transport.is_closing():
                (self.transport.resume_reading if before else self.transport.pause_reading)()

    def write(self, data: bytes) -> None:
        """Send bytes, if anybody is there to get them."""
        if data and not self.transport.is_closing():
            self.transport.write(data)

    def hand_over(self, take: Callable[[bytes], None]) -> None:
        """Give everything to `take` from now on, first of all what waits here."""
        self.take = take
        waiting, self.waiting = self.waiting, b""
        if waiting:
            take(waiting)
        if self.take is take:
            self.hold("full", False)

    def keep(self, data: bytes = b"") -> None:
        """Take nothing from now on; `data` waits for the next who does."""
        self.take = None
        self.waiting = data + self.waiting

    async def head(self, limit: int, *, response: bool = False) -> bytes:
        """Take a message's head, with the empty line that ends it; empty if the peer ended before.

        The lines of a response may end without CR. Raises `HeadError` as soon as it can be no head.
        """
        self.take = None
        looked = 0
        end_of_head = _END_OF_RESPONSE if response else _END_OF_REQUEST
        while True:
            if not looked:  # an empty line before a message is to be ignored (RFC 9112, 2.2)
                self.waiting = self.waiting.lstrip(b"\r\n") if self.waiting[:1] in b"\r\n" else self.waiting
            end = end_of_head.search(self.waiting, max(0, looked - 3))
            size = end.end() if end else len(self.waiting)
            if size > limit:
                first = self.waiting[:_SHOWN].partition(b"\r\n")[0]  # no field, which may hold a secret
                raise HeadError(f"its head is longer than {limit:,} bytes: {first!r}")
            if response and not _RESPONSE.startswith(self.waiting[: len(_RESPONSE)]):
                raise HeadError(f"this is not a status line of HTTP/1.1: {self.waiting[:_SHOWN]!r}")
            if end:
                head, self.waiting = self.waiting[:size], self.waiting[size:]
                return head
            if not response and _BARE_LF.search(self.waiting, max(0, looked - 1)):
                raise HeadError(f"a line ends without CR: {self.waiting[:60]!r}")
            looked = len(self.waiting)
            if self.end is not None:
                return b""
            await self.changed()

    async def some(self) -> None:
        """Wait until something waits here, or the peer has ended the connection."""
        self.take = None
        while not self.waiting and self.end is None:
            await self.changed()

    async def changed(self) -> None:
        """Wait for the next read that waits here, or for the end."""
        self.hold("full", False)
        self._change = asyncio.get_running_loop().create_future()
        try:
            await self._change
        finally:
            self._change = None

    def fail(self, error: Exception) -> None:
        """Raise an error in whoever waits for a read."""
        if self._change is not None and not self._change.done():
            self._change.set_exception(error)

    async def sent(self) -> None:
        """Wait until the system has all that was written, or nobody is there to get it."""
        done = asyncio.Event()
        self.blocked = lambda blocked: None if blocked else done.set()
        self.transport.set_write_buffer_limits(high=0)  # calls `pause_writing` if anything is left
        if self.transport.get_write_buffer_size() and not self.closed.is_set():
            await done.wait()

    async def close(self, linger: float) -> None:
        """Send all that was written, say that no more comes, and wait `linger` seconds for the peer to close.

        Closing at once, while the peer is sending, would reset the connection, and it would lose the end.
        """
        self.take = _drop
        self.free()
        await self.sent()
        if self.end is None and self.transport.can_write_eof() and not self.transport.is_closing():
            with contextlib.suppress(TimeoutError, OSError):  # the latter: it has just gone
                self.transport.write_eof()
                async with asyncio.timeout(linger):
                    await self.ended.wait()
        self.transport.abort()
        await self.closed.wait()

    async def reset(self, patience: float) -> None:
        """Reset the connection, as soon as all that was written has reached the peer."""
        self.take = _drop
        self.free()
        await self.sent()
        connection = self.transport.get_extra_info("socket")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while unsent(connection) and not self.closed.is_set():
                    await asyncio.sleep(0.001)
        reset_on_close(connection)
        self.transport.abort()
        await self.closed.wait()

    def abort(self) -> None:
        """Close at once."""
        self.transport.abort()

    def _ended(self, end: Ending, error: Exception | None) -> None:
        if self.end is None:
            self.end, self.error = end, error
            self.ended.set()
            self._changed()
            if self.gone is not None:
                self.gone()

    def _changed(self) -> None:
        if self._change is not None and not self._change.done():
            self._change.set_result(None)


def _drop(data: bytes) -> None:
    """Take nothing of it."""
