"""Chunks in, timed blocks out: what a recorder decides, without any I/O or clock.

The *read law*: blocks of one read share one time, two reads never do. Reads are handed over in batches,
because where a stream is cut changes nothing about its blocks (`inspector.sse`): a batch is framed once,
and each block then gets the time of the read that brought its last byte.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from inspector import sse
from inspector.recording.values import TimedBlock

__all__ = ["Recorder"]


class Recorder:
    """Cut reads into timed blocks. `mask` hides secrets in bytes without changing their length."""

    __slots__ = ("_at", "_decoder", "_last", "_mask", "_reads", "_received")

    def __init__(self, mask: Callable[[bytes], bytes] = bytes) -> None:
        self._decoder = sse.Decoder()
        self._mask = mask
        self._reads: deque[tuple[int, float]] = deque()  # (bytes received by then, time)
        self._received = 0
        self._at = 0  # bytes that blocks have taken
        self._last = -1

    def tick(self, t: float) -> float:
        """Return `t` to the microsecond, later than every time returned before."""
        self._last = max(round(t * 1e6), self._last + 1)
        return self._last / 1e6

    def feed(self, reads: Iterable[tuple[float, bytes]]) -> list[TimedBlock]:
        """Take reads, each (seconds since the request, bytes), in order; return the blocks now whole."""
        chunks = []
        for t, chunk in reads:
            if chunk:
                self._received += len(chunk)
                self._reads.append((self._received, self.tick(t)))
                chunks.append(chunk)
        if not chunks:
            return []
        blocks = self._decoder.feed(chunks[0] if len(chunks) == 1 else b"".join(chunks))
        return [self._timed(block) for block in blocks]

    def close(self) -> list[TimedBlock]:
        """Say that no more reads come; return what is left of the body."""
        tail = self._decoder.close()
        return [self._timed(tail)] if tail else []

    def _timed(self, block: sse.Block) -> TimedBlock:
        event, data, raw = block
        start = self._at
        self._at = end = start + (len(raw) or len(event or b"") + len(data or b"") + 16)
        reads, cuts = self._reads, []
        while reads[0][0] < end:
            size, t = reads.popleft()
            if size > start:
                cuts.append((size - start, t))
        t = reads[0][1]
        mask = self._mask
        try:
            name = None if event is None else event.decode()
        except UnicodeDecodeError:
            name, raw = event.decode("utf-8", "replace") if event else None, block.raw_bytes
        return TimedBlock(t, name, data and mask(data), raw and mask(raw), tuple(cuts))
