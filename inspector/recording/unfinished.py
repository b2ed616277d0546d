"""A block whose recorder died before the block was finished: the parts that came, put together."""

from __future__ import annotations

from inspector import sse
from inspector.recording.bedrock import parse_block
from inspector.recording.values import Part, TimedBlock, timed_block

__all__ = ["Unfinished"]


class Unfinished:
    """The parts of the block that has not finished yet."""

    __slots__ = ("_size", "line", "parts")

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.line = 0
        """The line of the first part."""
        self._size = 0

    def add(self, part: Part, line: int) -> bool:
        """Add the next part, which stands at `line`; return False if no block is that long."""
        if not self.parts:
            self.line = line
        self.parts.append(part)
        self._size += len(part.raw)
        return self._size <= sse.BLOCK_LIMIT

    def clear(self) -> None:
        """Forget the parts."""
        self.parts = []
        self._size = 0

    def block(self, *, first: bool, binary: bool = False) -> TimedBlock:
        """Return the block as far as it came; each read that brought some of it keeps its time.

        `first` says that no block came before it, `binary` that the body is AWS's binary event stream.
        """
        reads, start = [], 0
        for t, raw, cuts in self.parts:
            reads += [(start + size, at) for size, at in cuts]
            start += len(raw)
            reads.append((start, t))
        *earlier, (_, last) = reads
        raw = b"".join(part.raw for part in self.parts)
        return timed_block(parse_block(raw, first=first, binary=binary), last, tuple(earlier))
