"""The recording of one exchange, as the event loop notes it.

To look for secrets in a request of megabytes takes longer than any event may wait. So such a recording is
begun on another thread, and what is noted meanwhile waits here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from inspector.record.heads import ReceivedHead, SentRequest
from inspector.record.journal import PATIENCE
from inspector.record.tap import Tap
from inspector.record.track import Track
from inspector.recording import Ending

__all__ = ["Notes", "Recorder"]

_LONG = 32 * 1024  # bytes of a request's body: to look through them takes a millisecond or two
_BEHIND = 4 * 1024 * 1024  # bytes that a stream may be ahead of the disk

End = tuple[float, Ending, str | None]


@dataclass(slots=True)
class Recorder:
    """What the recordings of all exchanges share."""

    tap: Tap
    report: Callable[[str], None]
    under_way: set[asyncio.Future[None]] = field(default_factory=set)
    """Those that are being begun."""
    hangs: bool = False
    """Whether the disk did not answer when it was last waited for."""


class Notes:
    """Record one exchange. A fault of ours goes to `report`, and never to the client."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._track: Track | None = None
        self._early: list[tuple[float, bytes]] | None = None
        self._early_size = 0
        self._end: End | None = None
        self._loop = asyncio.get_running_loop()
        self._written = asyncio.Event()

    def begin(self, sent: SentRequest, received: ReceivedHead | None) -> None:
        """Begin, with the head of the response if there is one."""
        if len(sent.body or b"") < _LONG:
            try:
                self._track = self._recorder.tap.begin(sent, received)
            except Exception as error:
                self._fail(error)
            return
        self._early = []
        task = asyncio.ensure_future(self._begin_elsewhere(sent, received))
        self._recorder.under_way.add(task)
        task.add_done_callback(self._recorder.under_way.discard)

    def note(self, at: float, content: bytes) -> None:
        """Note what a read has brought."""
        if self._track is not None:
            self._track.note(at, content)
        elif self._early is not None:
            self._early.append((at, content))
            self._early_size += len(content)

    def finish(self, end: Ending, error: str | None) -> None:
        """Note that the exchange has ended. Only the first call counts."""
        self._end = self._end or (self._recorder.tap.clock(), end, error)
        if self._track is not None:
            self._track.finish(*self._end, then=self._written_elsewhere)

    async def written(self) -> None:
        """Wait until the recording is complete with the system, but no longer than `PATIENCE`."""
        if self._track is not None or self._early is not None:
            try:
                async with asyncio.timeout(0 if self._recorder.hangs else PATIENCE):
                    await self._written.wait()
            except TimeoutError:
                self._recorder.hangs = True

    def _written_elsewhere(self) -> None:
        """Say so to the event loop, from the writer's thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._all_written)

    def _all_written(self) -> None:
        self._recorder.hangs = False
        self._written.set()

    def behind(self) -> bool:
        """Whether much of what was noted is not written yet."""
        return (self._early_size if self._track is None else self._track.pending) > _BEHIND

    async def _begin_elsewhere(self, sent: SentRequest, received: ReceivedHead | None) -> None:
        try:
            track = await asyncio.to_thread(self._recorder.tap.begin, sent, received)
        except Exception as error:
            self._fail(error)
            self._early, self._early_size = None, 0
            self._written.set()
            return
        early, self._early, self._early_size = self._early or [], None, 0
        for at, content in early:
            track.note(at, content)
        self._track = track
        if self._end is not None:
            self.finish(*self._end[1:])

    def _fail(self, error: Exception) -> None:
        self._recorder.report(f"this response is not recorded: {type(error).__name__}: {error}")
