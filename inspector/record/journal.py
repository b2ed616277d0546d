"""Recording beside a stream: the reader notes, a thread of its own does the rest.

What happens between two reads of somebody else's stream is one `append`: (time, bytes). Decoding, framing,
checking, spelling and writing happen in batches on a background thread, `interval` seconds after something
came and no more often, so everything is on disk within about that time and costs the stream almost
nothing. When a response ends, what is left is written before its reader goes on.

Nothing in here raises into the reader. What cannot be written is said once, loudly, as a
`RecordingWarning`, and the stream goes on.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Iterator

from inspector.errors import RecordingWarning
from inspector.record.decoding import DecodingError
from inspector.record.files import Sink, Target
from inspector.recording import End, Ending, Head, Recorder, TimedBlock, dump_blocks, dump_end, dump_head

__all__ = ["Journal", "Observer", "Track", "tell_loudly"]

Observer = Callable[[Head | TimedBlock | End], None]
"""Is called with a recording's values, in order, soon after they are true."""

_PENDING_LIMIT = 256 * 1024 * 1024  # bytes that a reader may be ahead of a disk
_LINGER = 5.0  # seconds that the thread waits for another response
_PATIENCE = 2.0  # seconds that the end of a response waits for a disk


class Journal:
    """Write tracks to `target` and tell `observer`, either of which may be missing."""

    def __init__(self, target: Target | None, observer: Observer | None = None, *, interval: float) -> None:
        self._target = target
        self._observer = observer
        self._interval = interval
        self._tracks: set[Track] = set()
        self._wake = threading.Event()
        self.awake = False
        """Whether the thread knows that there is something to write."""
        self._thread: threading.Thread | None = None
        self._guard = threading.RLock()  # the garbage collector may end a response in the middle of our work
        self.failure: str | None = None
        """Why recording stopped, where it did."""
        _journals.add(self)

    def begin(
        self, head: Head, mask: Callable[[bytes], bytes], decode: Callable[[bytes], bytes] | None = None
    ) -> Track:
        """Open a track for a response whose chunks `decode` decodes; its head is written soon."""
        track = Track(self, head, mask, decode)
        with self._guard:
            self._tracks.add(track)
            # Started late, and again after a fork, which takes threads away.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="inspector-journal", daemon=True)
                self._thread.start()
        self._wake.set()
        return track

    def wake(self) -> None:
        """Say that there is something to write."""
        self.awake = True
        self._wake.set()

    def flush(self) -> None:
        """Write everything that was noted by now."""
        with self._guard:
            tracks = list(self._tracks)
        for track in tracks:
            track.drain()

    def _run(self) -> None:
        while True:
            if self._wake.wait(_LINGER):
                # First the pause, then the work: what has just arrived is its reader's to see first.
                time.sleep(self._interval)
                self.awake = False
                self._wake.clear()
                self.flush()
            else:
                with self._guard:
                    if not self._tracks and not self._wake.is_set():
                        self._thread = None
                        return

    def open_sink(self, head: Head) -> Sink | None:
        """Open a recording's file."""
        name = head.at[:26].translate(_FILE_NAME)
        return self._target.open(name) if self._target else None

    def tell(self, head: Head | None, blocks: list[TimedBlock], end: End | None) -> None:
        """Tell the observer, if there is one, what is newly true."""
        if self._observer:
            for value in (head, *blocks, end):
                if value is not None:
                    self._observer(value)

    def fail(self, what: str) -> None:
        """Say loudly that recording has stopped."""
        self.failure = what
        tell_loudly(f"recording stopped: {what}; the stream itself goes on")

    def disown(self) -> None:
        """Leave to the process that this one was forked from what it was recording."""
        self._guard = threading.RLock()
        self._wake = threading.Event()
        self.awake = False
        self._thread = None
        for track in self._tracks:
            track.disown()
        self._tracks = set()

    def forget(self, track: Track) -> None:
        """Let go of a track that is done."""
        with self._guard:
            self._tracks.discard(track)


def tell_loudly(message: str) -> None:
    """Warn with a `RecordingWarning`; where warnings are errors, write to stderr, for nothing may raise."""
    try:
        warnings.warn(message, RecordingWarning, stacklevel=3)
    except Warning:
        print(f"inspector: {message}", file=sys.stderr)


_FILE_NAME = str.maketrans({":": "-", ".": "-", "T": "_"})
_journals: weakref.WeakSet[Journal] = weakref.WeakSet()


def _disown_all() -> None:
    for journal in tuple(_journals):
        journal.disown()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown_all)


@atexit.register
def _flush_all() -> None:
    for journal in tuple(_journals):
        journal.flush()


class Track:
    """One response being recorded. `note` and the endings are for the reader, and cost it little."""

    __slots__ = (
        "_choked",
        "_decode",
        "_done",
        "_head",
        "_journal",
        "_lock",
        "_log",
        "_noted",
        "_recorder",
        "_sink",
        "_started",
        "_trouble",
        "_written",
        "ended",
    )

    def __init__(
        self,
        journal: Journal,
        head: Head,
        mask: Callable[[bytes], bytes],
        decode: Callable[[bytes], bytes] | None,
    ) -> None:
        self._journal = journal
        self._head = head
        self._recorder = Recorder(mask)
        self._log: deque[tuple[float, bytes]] = deque()
        self._lock = threading.Lock()
        self._sink: Sink | None = None
        self._started = self._done = self._choked = False
        self._noted = self._written = 0
        self._decode = decode
        self._trouble: str | None = None
        self.ended: End | None = None
        """How the response ended, once it did."""

    def note(self, t: float, chunk: bytes) -> None:
        """Note what one read returned: `t` seconds after the request, these bytes."""
        if self._done:
            return
        self._noted += len(chunk)
        if self._noted - self._written < _PENDING_LIMIT:
            self._log.append((t, chunk))
        else:  # from here on something is missing, so nothing may be written any more
            self._choked = True
        if not self._journal.awake:
            self._journal.wake()

    def finish(self, t: float, how: Ending, error: str | None = None) -> None:
        """Note the end, the first time it is said, and write all that is left."""
        if self.ended is None:
            self.ended = End(t, how, error)
            self._journal.wake()
            self.drain()

    def forgotten(self, t: float) -> None:
        """Note that the reader dropped the response. The garbage collector calls: nothing is written here."""
        if self.ended is None:
            self.ended = End(t, Ending.ABANDONED)
            self._journal.wake()

    def disown(self) -> None:
        """Write nothing more in this process, which was forked from the one that does."""
        self._lock = threading.Lock()
        self._done = True
        self._log.clear()
        if self._sink:
            self._sink.disown()
            self._sink = None

    def drain(self) -> None:
        """Write what was noted by now, from whichever thread."""
        if not self._lock.acquire(timeout=_PATIENCE):
            return
        try:
            if self._choked:
                self._give_up("the disk is too slow")
            elif not self._done:
                self._write()
        except Exception as error:  # a fault of ours must not become the caller's
            self._give_up(f"{type(error).__name__}: {error}")
        finally:
            self._lock.release()

    def _write(self) -> None:
        ended = self.ended  # read first: everything noted before it is in the log by now
        head = None if self._started else self._head
        self._started = True
        blocks, end = self._recorder.feed(self._reads()), None
        if ended:
            blocks += self._recorder.close()
            end = End(self._recorder.tick(ended.t), ended.how, ended.error or self._trouble)
        try:
            self._save(head, blocks, end)
        except OSError as error:  # the disk has had enough, but an observer has not
            path = error.filename or (self._sink and self._sink.path)
            self._journal.fail(f"{path}: {error.strerror or error}")
            self._close_sink()
        self._journal.tell(head, blocks, end)
        if end:
            self._close()

    def _save(self, head: Head | None, blocks: list[TimedBlock], end: End | None) -> None:
        if head:
            self._sink = self._journal.open_sink(head)
        if self._sink and (head or blocks or end):
            first, last = dump_head(head) if head else b"", dump_end(end) if end else b""
            self._sink.write(b"".join([first, *dump_blocks(blocks), last]))

    def _reads(self) -> Iterator[tuple[float, bytes]]:
        """Take what was noted, decoded; from where it does not decode, the body ends."""
        for _ in range(len(self._log)):
            t, chunk = self._log.popleft()
            self._written += len(chunk)
            if self._decode and not self._trouble:
                try:
                    chunk = self._decode(chunk)
                except DecodingError as error:
                    self._trouble = f"the body stops decoding here: {error}"
            if not self._trouble:
                yield t, chunk

    def _give_up(self, why: str) -> None:
        if not self._done:
            self._journal.fail(why)
        self._close()

    def _close(self) -> None:
        self._done = True
        self._log.clear()
        self._journal.forget(self)
        self._close_sink()

    def _close_sink(self) -> None:
        sink, self._sink = self._sink, None
        if sink:
            try:
                sink.close()
            except OSError as error:
                self._journal.fail(f"{sink.path}: {error.strerror}")
