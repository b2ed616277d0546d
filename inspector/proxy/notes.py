"""The recording of one exchange, as the event loop notes it.

To look for secrets in a request of megabytes takes longer than any event may wait. So such a recording is
begun on another thread, and what is noted meanwhile waits here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from inspector.record.heads import ReceivedHead, SentRequest
from inspector.record.tap import Tap
from inspector.record.track import Track
from inspector.recording import Ending

__all__ = ["Notes"]

_LONG = 32 * 1024  # bytes of a request's body: to look through them takes a millisecond or two
_BEHIND = 4 * 1024 * 1024  # bytes that a stream may be ahead of the disk

End = tuple[float, Ending, str | None]


class Notes:
    """Record one exchange through `tap`. A fault of ours goes to `report`, and never to the client.

    `under_way` holds the recordings of all exchanges that are being begun.
    """

    def __init__(self, tap: Tap, report: Callable[[str], None], under_way: set[asyncio.Future[None]]) -> None:
        self._tap = tap
        self._report = report
        self._under_way = under_way
        self._track: Track | None = None
        self._early: list[tuple[float, bytes]] | None = None
        self._early_size = 0
        self._end: End | None = None

    def begin(self, sent: SentRequest, received: ReceivedHead | None) -> None:
        """Begin, with the head of the response if there is one."""
        if len(sent.body or b"") < _LONG:
            try:
                self._track = self._tap.begin(sent, received)
            except Exception as error:
                self._fail(error)
            return
        self._early = []
        task = asyncio.ensure_future(self._begin_elsewhere(sent, received))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def note(self, at: float, content: bytes) -> None:
        """Note what a read has brought."""
        if self._track is not None:
            self._track.note(at, content)
        elif self._early is not None:
            self._early.append((at, content))
            self._early_size += len(content)

    def finish(self, at: float, end: Ending, error: str | None) -> None:
        """Note how the exchange ended. Only the first call counts."""
        if self._track is not None:
            self._track.finish(at, end, error, wait=False)
        elif self._early is not None:
            self._end = self._end or (at, end, error)

    def behind(self) -> bool:
        """Whether much of what was noted is not written yet."""
        return (self._early_size if self._track is None else self._track.pending) > _BEHIND

    async def _begin_elsewhere(self, sent: SentRequest, received: ReceivedHead | None) -> None:
        try:
            track = await asyncio.to_thread(self._tap.begin, sent, received)
        except Exception as error:
            self._fail(error)
            self._early, self._early_size = None, 0
            return
        early, self._early, self._early_size = self._early or [], None, 0
        for at, content in early:
            track.note(at, content)
        self._track = track
        if self._end is not None:
            self.finish(*self._end)

    def _fail(self, error: Exception) -> None:
        self._report(f"this response is not recorded: {type(error).__name__}: {error}")
