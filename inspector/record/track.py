"""One response on its way from its reader to its destination.

The reader's side is one `note` for every read. All the rest, from content decoding to the written line,
happens in `flush`, for many reads at once, on the journal's thread. Nothing in here raises into the reader.
"""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from inspector.record.decoding import Decoder, DecodingError
from inspector.record.destination import Destination, Observer
from inspector.record.files import Sink
from inspector.recording import (
    End,
    Ending,
    Head,
    Recorder,
    TimedBlock,
    dump_blocks,
    dump_end,
    dump_head,
    is_binary,
)

__all__ = ["Track", "Writer"]

_LOOK = 64 * 1024  # bytes after which a reader looks again how far it is ahead of the disk
_BATCH = 256 * 1024  # bytes of a body that are written at once

Read = tuple[float | None, bytes]
"""When bytes arrived, None if with those before; and the bytes."""


class Writer(Protocol):
    """What writes tracks on a thread of its own: the journal."""

    def wake(self, track: Track) -> None:
        """Flush `track` soon."""

    def write(self, track: Track) -> None:
        """Flush `track` now, and wait for it for a while."""

    def write_then(self, track: Track, then: Callable[[], None]) -> None:
        """Flush `track` now, and call `then`."""

    def forget(self, track: Track) -> None:
        """Drop a track that is finished."""

    def has_room(self) -> bool:
        """Whether the readers of all tracks are not too far ahead."""
        raise NotImplementedError


class Track:
    """One response that is being recorded.

    Times are readings of the reader's clock, in seconds; `sent` is the reading when the request was sent.
    `decode` undoes the content coding. `observer` sees every value. `writer` calls `flush` when the track
    wakes it, once for each flush.
    """

    __slots__ = (
        "_bytes_noted",
        "_bytes_taken",
        "_closed",
        "_decode",
        "_decoding_error",
        "_destination",
        "_end",
        "_head",
        "_look_at",
        "_mask",
        "_observer",
        "_overflowed",
        "_recorder",
        "_sent",
        "_sink",
        "_undecoded",
        "_unwritten",
        "_woken",
        "_writer",
        "_writing",
        "writes",
    )

    def __init__(
        self,
        head: Head,
        destination: Destination,
        writer: Writer,
        *,
        sent: float,
        mask: Callable[[bytes], bytes],
        decode: Decoder | None,
        observer: Observer | None,
    ) -> None:
        self._head: Head | None = head  # until it is written
        self._destination = destination
        self._observer = observer
        self._writer = writer
        self._sent = sent
        self._mask = mask
        self._recorder = Recorder(mask, binary=is_binary(head))
        self._decode = decode
        self._unwritten: deque[tuple[float, bytes]] = deque()
        self._bytes_noted = self._bytes_taken = 0
        self._look_at = _LOOK
        self._woken = self._overflowed = self._closed = self._writing = False
        self._end: End | None = None
        self._decoding_error: str | None = None
        self._undecoded: deque[tuple[float, bytes]] = deque()  # reads that do not decode
        self._sink: Sink | None = None
        self.writes = 0
        """How often something was written."""

    @property
    def pending(self) -> int:
        """How many bytes were noted and are not written."""
        return 0 if self._closed else self._bytes_noted - self._bytes_taken

    def note(self, at: float, chunk: bytes) -> None:
        """Note what one read returned. The reader waits for this, so it only appends."""
        if self._closed:
            return
        self._bytes_noted += len(chunk)
        if self._bytes_noted > self._look_at:
            self._look_at = self._bytes_noted + _LOOK
            # From here on a part of the response may be missing, so nothing may be written any more.
            self._overflowed = self._overflowed or not self._writer.has_room()
        if not self._overflowed:
            self._unwritten.append((at, chunk))
        if not self._woken:
            self._woken = True
            self._writer.wake(self)

    def finish(
        self, at: float, how: Ending, error: str | None = None, then: Callable[[], None] | None = None
    ) -> None:
        """Note how the response ended, and write all that is left. Only the first call counts.

        With `then` this does not wait, as an event loop must not: the writer calls that when it is done.
        """
        if self._end is None:
            self._end = End(at - self._sent, how, error)
            if then is None:
                self._writer.write(self)
            else:
                self._writer.write_then(self, then)

    def abandon(self, at: float) -> None:
        """Note that the reader dropped the response. The garbage collector may call this: it only notes."""
        if self._end is None:
            self._end = End(at - self._sent, Ending.ABANDONED)
            self._writer.wake(self)

    def flush(self) -> None:
        """Write everything that was noted so far. Only the writer calls this, on one thread at a time."""
        self._woken = False  # first, so that what is noted from now on wakes the writer again
        if self._closed or self._writing:
            return
        self._writing = True
        try:
            if self._overflowed:
                self._give_up("the disk is too slow")
            else:
                self._write()
        except Exception as error:  # a fault of ours must not become the caller's
            self._give_up(f"{type(error).__name__}: {error}")
        finally:
            self._writing = False

    def release(self) -> None:
        """Stop in a forked child, and leave the recording to the parent process."""
        self._closed = True
        self._unwritten.clear()
        if self._sink:
            self._sink.release()
            self._sink = None

    def _write(self) -> None:
        ended = self._end  # read first: every read before the end is noted by now
        lines: list[bytes] = []
        blocks: list[TimedBlock] = []
        for batch in self._batches():
            if lines:
                self._pass_on(lines, blocks, None)
            if self._observer is not None:
                blocks = self._recorder.feed(batch)
                lines = dump_blocks(blocks)
            else:  # nobody needs the blocks as values
                lines = self._recorder.dump(batch)
        if ended:
            rest = self._recorder.close()
            blocks += rest
            lines += dump_blocks(rest)
        else:
            lines.append(self._recorder.unfinished())
        for t, chunk in self._undecoded:
            line = b'{"t":%.6f,"undecoded":{"base64":"%b"}}\n'
            raw = self._recorder.mask_bytes(chunk)
            lines.append(line % (self._recorder.tick(t), base64.b64encode(raw)))
        self._undecoded.clear()
        self._pass_on(lines, blocks, ended and self._end_of(ended))

    def _pass_on(self, lines: list[bytes], blocks: list[TimedBlock], end: End | None) -> None:
        head, self._head = self._head, None
        if head:
            self._show(head)  # first, because the observer names the file
        try:
            self._save(head, lines, end)
        except OSError as error:  # writing failed; keep going for the observer
            path = error.filename or (self._sink and self._sink.path)
            self._destination.fail(error.strerror or str(error), path)
            self._drop_sink()
        self._show(*blocks)
        self.writes += 1
        if end:
            self._show(end)
            self._close()

    def _show(self, *values: Head | TimedBlock | End) -> None:
        if self._observer is not None:
            for value in values:
                self._observer.add(value)

    def _save(self, head: Head | None, lines: list[bytes], end: End | None) -> None:
        if head:
            self._sink = self._destination.open(head, self._observer.file_name if self._observer else "")
        elif self._sink and self._sink.is_removed():
            lost, self._sink = self._sink, None
            self._sink = self._destination.replace(lost)
        if self._sink:
            first, last = dump_head(head) if head else b"", dump_end(end) if end else b""
            text = b"".join([first, *lines, last])
            if text:
                self._sink.write(text)

    def _batches(self) -> Iterator[list[Read]]:
        """Take the noted reads, decoded, about `_BATCH` bytes at a time: a few bytes may hold gigabytes."""
        take, sent = self._unwritten.popleft, self._sent
        left = len(self._unwritten)
        while left:
            reads: list[Read] = []
            size = 0
            while left and size < _BATCH:
                at, chunk = take()
                reads.append((at - sent, chunk))
                size += len(chunk)
                left -= 1
            self._bytes_taken += size
            if self._decode is None:
                yield reads
            else:
                yield from self._decoded(self._decode, reads)

    def _decoded(self, decode: Decoder, reads: list[Read]) -> Iterator[list[Read]]:
        """Decode reads. Where the coding is broken, the recorded body ends; the rest is kept as it came."""
        batch: list[Read] = []
        size = 0
        for t, chunk in reads:
            at: float | None = t
            try:
                for piece in decode(chunk) if self._decoding_error is None else ():
                    if piece:
                        batch.append((at, piece))
                        at, size = None, size + len(piece)
                    if size >= _BATCH:
                        yield batch
                        batch, size = [], 0
            except DecodingError as error:
                self._decoding_error = f"DecodingError: {error}"
            if self._decoding_error is not None:
                self._undecoded.append((t or 0.0, chunk))
        yield batch

    def _end_of(self, ended: End) -> End:
        if self._decode and self._decoding_error is None and ended.how is Ending.COMPLETE:
            try:
                self._decode.close()
            except DecodingError as error:
                self._decoding_error = f"DecodingError: {error}"
        reason = self._recorder.mask_text(ended.error or self._decoding_error)
        extra: dict[str, Any] = {}
        if self._decode and self._decode.several_members:
            extra["several_members"] = True
        if counts := getattr(self._mask, "counts", None):
            extra["redacted"] = dict(sorted(counts.items()))
        return End(self._recorder.tick(ended.t), ended.how, reason, extra or None)

    def _give_up(self, reason: str) -> None:
        self._destination.fail(reason)
        self._close(whole=False)

    def _close(self, *, whole: bool = True) -> None:
        self._closed = True
        self._unwritten.clear()
        sink, self._sink = self._sink, None
        if sink:
            try:
                sink.finish(self._observer.file_name if self._observer and whole else "")
            except OSError as error:
                self._destination.fail(error.strerror or str(error), error.filename or sink.path)
            else:
                if whole:
                    self._destination.succeed()
        self._writer.forget(self)  # last: until then, a flush waits for the file's name, too

    def _drop_sink(self) -> None:
        sink, self._sink = self._sink, None
        if sink:
            sink.discard()
