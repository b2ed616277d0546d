"""The thread that writes recordings, so that the reader of a stream does not wait for a disk.

Between two reads of a stream, a tap only notes (time, bytes) on a track. The journal's thread does the rest
for all tracks: it wakes when something was noted, waits `interval` seconds for more, and writes everything at
once. So a stream is on disk within about `interval` and costs its reader almost nothing. When a response
ends, its reader waits until the thread has written it, but no longer than `PATIENCE`: a file may be a pipe
that nobody reads, or lie on a server that does not answer. While the thread is held up so, nobody waits.
A thread that is slow but writes is not held up: a flush waits for it, so the end of a process loses nothing.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator

from inspector.record.decoding import Decoder
from inspector.record.destination import Destination, Observer
from inspector.record.files import Target
from inspector.record.track import Track
from inspector.recording import Head

__all__ = ["PATIENCE", "Journal"]

PATIENCE = 2.0
"""Seconds that the end of a response waits for the disk, at most."""
_IDLE_TIMEOUT = 5.0  # seconds that the thread waits for another response before it ends
_PENDING_LIMIT = 256 * 1024 * 1024  # bytes that all readers together may be ahead of the disk


class Journal:
    """Write responses to `target`, and show each to an observer of its own that `observe` makes.

    Either may be None. `interval` is in seconds: it is how long the thread waits for more to write.
    """

    def __init__(
        self, target: Target | None, observe: Callable[[], Observer] | None = None, *, interval: float
    ) -> None:
        self._destination = Destination(target)
        self._observe = observe
        self._interval = interval
        self._tracks: dict[Track, None] = {}  # as a set that keeps the order in which they began
        self._held_up_at: int | None = None  # the count of writes when a wait ended without them
        self._start_afresh()
        _journals.add(self)

    def _start_afresh(self) -> None:
        # The garbage collector may end a response at any moment, also in the middle of our own work on the
        # same thread. So this lock is reentrant, and wake-ups go through queues whose `put` is, too.
        self._lock = threading.RLock()
        self._noted: queue.SimpleQueue[Track | None] = queue.SimpleQueue()
        self._urgent: queue.SimpleQueue[tuple[Track, Callable[[], object]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def failure(self) -> str | None:
        """Why a recording stopped; None while all works."""
        return self._destination.failure

    def observer(self) -> Observer | None:
        """Make the observer of the recording whose request is being sent; None if nobody observes.

        Give it to `begin` when the response comes, so that observers are made in the order of the requests.
        """
        return self._observe() if self._observe else None

    def begin(
        self,
        head: Head,
        *,
        sent: float,
        mask: Callable[[bytes], bytes],
        decode: Decoder | None = None,
        observer: Observer | None = None,
    ) -> Track:
        """Start to record a response; the arguments are those of `Track`."""
        observer = observer or self.observer()
        track = Track(head, self._destination, self, sent=sent, mask=mask, decode=decode, observer=observer)
        with self._lock:
            self._tracks[track] = None
            # The thread ends when it is idle, and a forked child does not have it.
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="inspector-journal", daemon=True)
                self._thread.start()
        self.wake(track)
        return track

    def flush(self) -> None:
        """Write everything that was noted so far, and wait for it while the thread writes.

        If it has written nothing for `PATIENCE`, the disk hangs, and nobody waits.
        """
        for track in self._tracks.copy():
            before = -1
            while before != (before := self._writes()) and not self._write_now(track):
                pass

    def wake(self, track: Track) -> None:
        """Have the thread write `track` soon."""
        self._noted.put(track)

    def write(self, track: Track) -> None:
        """Have the thread write `track` now, and wait for it, but no longer than `PATIENCE`."""
        self._write_now(track)

    def write_then(self, track: Track, then: Callable[[], None]) -> None:
        """Have the thread write `track` now, and call `then`."""
        self._urgent.put((track, then))
        self._noted.put(None)

    def forget(self, track: Track) -> None:
        """Drop a track that is finished."""
        self._tracks.pop(track, None)

    def has_room(self) -> bool:
        """Whether the readers are not too far ahead of the disk."""
        return sum(track.pending for track in self._tracks.copy()) < _PENDING_LIMIT

    def release(self) -> None:
        """Start afresh in a forked child, and leave every open recording to the parent process."""
        self._start_afresh()  # a thread that the child does not have may hold the old locks
        for track in self._tracks:
            track.release()
        self._tracks = {}

    def _write_now(self, track: Track) -> bool:
        """Have the thread write `track`; return False if it has not done so within `PATIENCE`."""
        if sys.is_finalizing():  # the thread does not run any more
            track.flush()
            return True
        done = threading.Lock()
        done.acquire()
        self._urgent.put((track, done.release))
        self._noted.put(None)
        # The collector may end a response on the thread itself, which must not wait for itself.
        if self._thread is threading.current_thread():
            return True
        written = done.acquire(timeout=0 if self._held_up_at == self._writes() else PATIENCE)
        if not written:
            self._held_up_at = self._writes()
        return written

    def _writes(self) -> int:
        return sum(track.writes for track in self._tracks.copy())

    def _run(self) -> None:
        while True:
            try:
                first = self._noted.get(timeout=_IDLE_TIMEOUT)
            except queue.Empty:
                with self._lock:
                    if not self._tracks and self._noted.empty():
                        self._thread = None
                        return
            else:
                # First the pause, then the work: the reader should have what has just arrived before us.
                self._serve(time.monotonic() + self._interval)
                # In the order in which they woke it: exchanges of one file stay in their order.
                for track in dict.fromkeys([first, *_all_of(self._noted)]):
                    if track is not None:
                        track.flush()
                    self._serve()  # also for None: its reader may have come after the pause

    def _serve(self, until: float = 0.0) -> None:
        """Write what readers wait for, now and until that time."""
        while True:
            try:
                left = until - time.monotonic() if until else 0.0
                track, done = self._urgent.get(timeout=left) if left > 0 else self._urgent.get_nowait()
            except queue.Empty:
                return
            track.flush()
            self._held_up_at = None
            done()


def _all_of(waiting: queue.SimpleQueue[Track | None]) -> Iterator[Track | None]:
    with contextlib.suppress(queue.Empty):
        while True:
            yield waiting.get_nowait()


_journals: weakref.WeakSet[Journal] = weakref.WeakSet()


def _release_all() -> None:
    for journal in tuple(_journals):
        journal.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_all)


@atexit.register
def _flush_all() -> None:
    for journal in tuple(_journals):
        journal.flush()
