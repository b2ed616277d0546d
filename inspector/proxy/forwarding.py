"""One body on its way from one wire to another: each read goes on at once, as it came.

Where the other side does not take what is written to it, nothing more is read, so memory does not grow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from inspector.proxy.body_framing import Body
from inspector.proxy.wires import Wire
from inspector.recording import Ending

__all__ = ["BodyCopy", "Budget", "Passing"]

_PATIENCE = 2.0  # seconds that a stream waits for the disk, as with a tap
_PAUSE = 0.005  # seconds


class Passing:
    """Pass a body on, from `start` to its end.

    `note` gets what each read holds of the content. `silence` is how many seconds a read may take. With
    `plain` only the content is passed on, without the chunks around it. With `broken` also what breaks HTTP.
    `behind` says whether whoever notes has too much to do, and is waited for some time. With
    `hold` the end of the body is left to the caller, in `held`.
    """

    def __init__(
        self,
        source: Wire,
        sink: Wire,
        body: Body,
        note: Callable[[bytes], object],
        *,
        silence: float,
        plain: bool = False,
        broken: bool = False,
        behind: Callable[[], bool] | None = None,
        hold: bool = False,
    ) -> None:
        self._source = source
        self._sink = sink
        self._body = body
        self._note = note
        self._silence = silence
        self._plain = plain
        self._broken = broken
        self._behind = behind
        self._hold = hold
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self.ended: asyncio.Future[tuple[Ending, str | None]] = self._loop.create_future()
        """How it ended, and the error in the words of HTTP libraries."""
        self.held = b""
        """The end of a body with `hold`: the last chunk, or the read that completes its length."""

    def start(self) -> None:
        """Pass on what waits at the source, and then each read as it comes."""
        if self._body.done:
            self._end(Ending.COMPLETE, None)
            return
        self._sink.blocked = self._source.pause
        self._timer = self._loop.call_later(self._silence, self._look)
        self._source.hand_over(self._take)
        if self._source.end is not None:
            self.source_gone()

    def stop(self) -> None:
        """Pass nothing on any more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._source.take == self._take:
            self._source.take = None
        if self._sink.blocked == self._source.pause:
            self._sink.blocked = None

    def source_gone(self) -> None:
        """End with the connection of the source."""
        how, error = self._source.end or Ending.CUT, self._source.error
        if how is Ending.RESET:
            text = f"ReadError: {error}" if error and str(error) else "ReadError"
            self._end(how, text)
        elif missing := self._body.missing():
            text = f"peer closed connection without sending complete message body ({missing})"
            self._end(Ending.CUT, f"RemoteProtocolError: {text}")
        else:
            self._end(Ending.COMPLETE, None)

    def _take(self, data: bytes) -> None:
        body = self._body
        content, used = body.feed(data)
        if body.error is not None:
            passed = data if self._broken else content if self._plain else data[:used]
        else:
            passed = content if self._plain else data if used == len(data) else data[:used]
            if body.done and self._hold:
                at = 0 if self._plain else body.ending
                passed, self.held = passed[:at], passed[at:]
        self._sink.write(passed)  # first: the receiver does not wait until the recorder's thread is woken
        if content:
            self._note(content)
            if self._behind is not None and self._behind():
                self._wait_for_recorder(self._loop.time() + _PATIENCE)
        if body.error is not None:
            self._end(Ending.CUT, f"RemoteProtocolError: {body.error}")
        elif body.done:
            self._source.keep(data[used:])
            self._end(Ending.COMPLETE, None)

    def _wait_for_recorder(self, until: float) -> None:
        """Read nothing until the recorder has caught up; if it does not, it is on its own from then on."""
        if self._behind is None or self.ended.done() or not self._behind():
            self._source.hold("recorder", False)
        elif self._loop.time() > until:
            self._behind = None
            self._source.hold("recorder", False)
        else:
            self._source.hold("recorder", True)
            self._loop.call_later(_PAUSE, self._wait_for_recorder, until)

    def _end(self, how: Ending, error: str | None) -> None:
        self.stop()
        if not self.ended.done():
            self.ended.set_result((how, error))

    def _look(self) -> None:
        """See whether the source has been silent for too long. This costs no timer at each read."""
        source = self._source
        left = self._silence if source.paused else self._silence - source.silence()
        if left <= 0:
            self._end(Ending.TIMEOUT, "ReadTimeout")
        else:
            self._timer = self._loop.call_later(left, self._look)


class Budget:
    """How many bytes all copies of bodies together may have."""

    def __init__(self, size: int) -> None:
        self.left = size


class BodyCopy:
    """The beginning of a body, up to `limit` bytes, and its length."""

    def __init__(self, limit: int, budget: Budget) -> None:
        self._limit = limit
        self._budget = budget
        self._kept = bytearray()
        self.length = 0
        """How many bytes have come."""

    def add(self, piece: bytes) -> None:
        """Take a piece, and keep what there is room for."""
        if self.whole:
            room = max(0, min(self._limit - len(self._kept), self._budget.left))
            kept = piece[:room]
            self._kept += kept
            self._budget.left -= len(kept)
        self.length += len(piece)

    @property
    def whole(self) -> bool:
        """Whether everything that came is kept."""
        return self.length == len(self._kept)

    def content(self) -> bytes:
        """Return what is kept."""
        return bytes(self._kept)

    def release(self) -> None:
        """Give the room back."""
        self._budget.left += len(self._kept)
        self._kept = bytearray()
