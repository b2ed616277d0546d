"""One response on its way from its reader to its destination.

The reader's side is one `append` for every read. All the rest, from content decoding to the written line,
happens in `flush`, for many reads at once and usually on the journal's thread. Nothing in here raises into
the reader.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator

from inspector.record.decoding import DecodingError
from inspector.record.destination import Destination
from inspector.record.files import Sink
from inspector.recording import End, Ending, Head, Recorder, TimedBlock, dump_blocks, dump_end, dump_head

__all__ = ["Track"]

_PENDING_LIMIT = 256 * 1024 * 1024  # bytes that a reader may be ahead of the disk
_LOCK_TIMEOUT = 2.0  # seconds that the end of a response waits while another thread writes


class Track:
    """One response that is being recorded.

    Times are readings of the reader's clock, in seconds; `sent` is the reading when the request was sent.
    `decode` undoes the content coding of the next chunk. The track calls `wake` when there is something to
    write, once for each flush, and `forget` when it is finished.
    """

    __slots__ = (
        "_bytes_noted",
        "_bytes_taken",
        "_closed",
        "_decode",
        "_decoding_error",
        "_destination",
        "_end",
        "_forget",
        "_head",
        "_lock",
        "_overflowed",
        "_recorder",
        "_sent",
        "_sink",
        "_unwritten",
        "_wake",
        "_woken",
        "_writer",
    )

    def __init__(
        self,
        head: Head,
        destination: Destination,
        *,
        sent: float,
        mask: Callable[[bytes], bytes],
        decode: Callable[[bytes], bytes] | None,
        wake: Callable[[], None],
        forget: Callable[[Track], None],
    ) -> None:
        self._head: Head | None = head  # until it is written
        self._destination = destination
        self._sent = sent
        self._recorder = Recorder(mask)
        self._decode = decode
        self._wake = wake
        self._forget = forget
        self._unwritten: deque[tuple[float, bytes]] = deque()
        self._bytes_noted = self._bytes_taken = 0
        self._woken = self._overflowed = self._closed = False
        self._end: End | None = None
        self._decoding_error: str | None = None
        self._sink: Sink | None = None
        self._lock = threading.Lock()
        self._writer: int | None = None  # the thread that holds the lock

    def note(self, at: float, chunk: bytes) -> None:
        """Note what one read returned. The reader waits for this, so it only appends."""
        if self._closed:
            return
        self._bytes_noted += len(chunk)
        if self._bytes_noted - self._bytes_taken < _PENDING_LIMIT:
            self._unwritten.append((at, chunk))
        else:  # from here on a part of the response is missing, so nothing may be written any more
            self._overflowed = True
        if not self._woken:
            self._woken = True
            self._wake()

    def finish(self, at: float, how: Ending, error: str | None = None) -> None:
        """Note how the response ended, and write all that is left. Only the first call counts."""
        if self._end is None:
            self._end = End(at - self._sent, how, error)
            self._wake()
            self.flush()

    def abandon(self, at: float) -> None:
        """Note that the reader dropped the response. The garbage collector may call this: it only notes."""
        if self._end is None:
            self._end = End(at - self._sent, Ending.ABANDONED)
            self._wake()

    def flush(self) -> None:
        """Write everything that was noted so far. Any thread may call this."""
        self._woken = False  # first, so that what is noted from now on wakes the journal again
        # The garbage collector may end a response while this thread writes the same response. The thread must
        # not wait for its own lock, and need not: `finish` has woken the journal, which writes the rest.
        if self._writer == threading.get_ident() or not self._lock.acquire(timeout=_LOCK_TIMEOUT):
            return
        try:
            self._writer = threading.get_ident()
            if self._overflowed:
                self._give_up("the disk is too slow")
            elif not self._closed:
                self._write()
        except Exception as error:  # a fault of ours must not become the caller's
            self._give_up(f"{type(error).__name__}: {error}")
        finally:
            self._writer = None
            self._lock.release()

    def release(self) -> None:
        """Stop in a forked child, and leave the recording to the parent process."""
        self._lock = threading.Lock()  # a thread that the child does not have may hold the old one
        self._closed = True
        self._unwritten.clear()
        if self._sink:
            self._sink.release()
            self._sink = None

    def _write(self) -> None:
        ended = self._end  # read first: every read before the end is noted by now
        head, self._head = self._head, None
        reads, end = self._take_reads(), None
        blocks: list[TimedBlock] = []
        if self._destination.observed:
            blocks = self._recorder.feed(reads)
            lines = dump_blocks(blocks)
        else:  # nobody needs the blocks as values
            lines = self._recorder.dump(reads)
        if ended:
            rest = self._recorder.close()
            blocks += rest
            lines += dump_blocks(rest)
            error = self._recorder.mask_text(ended.error or self._decoding_error)
            end = End(self._recorder.tick(ended.t), ended.how, error)
        try:
            self._save(head, lines, end)
        except OSError as error:  # writing failed; keep going for the observer
            path = error.filename or (self._sink and self._sink.path)
            self._destination.fail(f"{path}: {error.strerror or error}")
            self._close_sink()
        self._destination.show(head, blocks, end)
        if end:
            self._close()

    def _save(self, head: Head | None, lines: list[bytes], end: End | None) -> None:
        if head:
            self._sink = self._destination.open(head)
        if self._sink and (head or lines or end):
            first, last = dump_head(head) if head else b"", dump_end(end) if end else b""
            self._sink.write(b"".join([first, *lines, last]))

    def _take_reads(self) -> Iterator[tuple[float, bytes]]:
        """Take the noted reads, decoded. Where the content coding is broken, the recorded body ends."""
        for _ in range(len(self._unwritten)):
            at, chunk = self._unwritten.popleft()
            self._bytes_taken += len(chunk)
            if self._decode and not self._decoding_error:
                try:
                    chunk = self._decode(chunk)
                except DecodingError as error:
                    self._decoding_error = f"the body stops decoding here: {error}"
            if not self._decoding_error:
                yield at - self._sent, chunk

    def _give_up(self, reason: str) -> None:
        if not self._closed:
            self._destination.fail(reason)
        self._close()

    def _close(self) -> None:
        self._closed = True
        self._unwritten.clear()
        self._forget(self)
        self._close_sink()

    def _close_sink(self) -> None:
        sink, self._sink = self._sink, None
        if sink:
            try:
                sink.finish()
            except OSError as error:
                self._destination.fail(f"{sink.path}: {error.strerror}")
