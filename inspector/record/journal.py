"""The thread that writes recordings, so that the reader of a stream does not wait for a disk.

Between two reads of a stream, a tap only notes (time, bytes) on a track. The journal's thread does the rest
for all tracks: it wakes when something was noted, waits `interval` seconds for more, and writes everything at
once. So a stream is on disk within about `interval` and costs its reader almost nothing. When a response
ends, the reader's own thread writes what is left before the reader goes on.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import threading
import time
import weakref
from collections.abc import Callable

from inspector.record.destination import Destination, Observer
from inspector.record.files import Target
from inspector.record.track import Track
from inspector.recording import Head

__all__ = ["Journal"]

_IDLE_TIMEOUT = 5.0  # seconds that the thread waits for another response before it ends


class Journal:
    """Write responses to `target` and show them to `observer`; either may be None.

    `interval` is in seconds: it is how long the thread waits for more to write.
    """

    def __init__(self, target: Target | None, observer: Observer | None = None, *, interval: float) -> None:
        self._destination = Destination(target, observer)
        self._interval = interval
        self._tracks: set[Track] = set()
        self._thread: threading.Thread | None = None
        # The garbage collector may end a response at any moment, also in the middle of our own work on the
        # same thread. So the lock is reentrant, and wake-ups go through a queue whose `put` is, too.
        self._lock = threading.RLock()
        self._wakeups: queue.SimpleQueue[None] = queue.SimpleQueue()
        _journals.add(self)

    @property
    def failure(self) -> str | None:
        """Why recording stopped; None while it works."""
        return self._destination.failure

    def begin(
        self,
        head: Head,
        *,
        sent: float,
        mask: Callable[[bytes], bytes],
        decode: Callable[[bytes], bytes] | None = None,
    ) -> Track:
        """Start to record a response; the arguments are those of `Track`."""
        track = Track(
            head, self._destination, sent=sent, mask=mask, decode=decode, wake=self._wake, forget=self._forget
        )
        with self._lock:
            self._tracks.add(track)
            # The thread ends when it is idle, and a forked child does not have it.
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="inspector-journal", daemon=True)
                self._thread.start()
        self._wake()
        return track

    def flush(self) -> None:
        """Write everything that was noted so far."""
        with self._lock:
            tracks = list(self._tracks)
        for track in tracks:
            track.flush()

    def release(self) -> None:
        """Start afresh in a forked child, and leave every open recording to the parent process."""
        self._lock = threading.RLock()  # a thread that the child does not have may hold the old one
        self._wakeups = queue.SimpleQueue()
        self._thread = None
        for track in self._tracks:
            track.release()
        self._tracks = set()

    def _wake(self) -> None:
        self._wakeups.put(None)

    def _forget(self, track: Track) -> None:
        with self._lock:
            self._tracks.discard(track)

    def _run(self) -> None:
        while True:
            try:
                self._wakeups.get(timeout=_IDLE_TIMEOUT)
            except queue.Empty:
                with self._lock:
                    if not self._tracks and self._wakeups.empty():
                        self._thread = None
                        return
            else:
                # First the pause, then the work: the reader should have what has just arrived before us.
                time.sleep(self._interval)
                with contextlib.suppress(queue.Empty):
                    while True:
                        self._wakeups.get_nowait()
                self.flush()


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
