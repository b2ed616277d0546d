"""Chunks in, timed blocks out, without any I/O or clock.

The *read law*: blocks of one read share one time, two reads never do. Reads may come in batches, because
where a stream is cut changes nothing about its blocks (`inspector.sse`). A batch is framed once, and each
block then gets the time of the read that brought its last byte.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from inspector import sse
from inspector.recording.bedrock import BlockDecoder, FrameBlocks, masked_frames
from inspector.recording.dumping import dump_blocks, dump_part, dump_usual
from inspector.recording.masking import BlockMask
from inspector.recording.values import Part, TimedBlock

__all__ = ["Recorder"]

_CONTEXT = 4096  # bytes that a part is masked together with
_new = tuple.__new__  # what a NamedTuple's own constructor calls, without the call around it


class Recorder:
    """Cut reads into timed blocks.

    `mask` hides secrets in bytes without changing their length, as `inspector.redact.Mask` does. `binary`
    says that the body is AWS's binary event stream.
    """

    __slots__ = ("_at", "_binary", "_decoder", "_hide", "_last", "_reads", "_received", "_shown")

    def __init__(self, mask: Callable[[bytes], bytes] = bytes, *, binary: bool = False) -> None:
        self._binary = binary
        self._decoder: BlockDecoder = FrameBlocks() if binary else sse.Decoder()
        self._hide = BlockMask(mask)
        self._reads: deque[tuple[int, float, bytes]] = deque()  # (bytes received by then, time, bytes)
        self._received = 0
        self._at = 0  # bytes that blocks have taken
        self._shown = 0  # bytes that blocks have taken, or parts have shown
        self._last = -1

    def tick(self, t: float) -> float:
        """Return `t` to the microsecond, later than every time returned before."""
        now = round(t * 1e6)
        self._last = now if now > self._last else self._last + 1
        return self._last / 1e6

    def feed(self, reads: Iterable[tuple[float | None, bytes]]) -> list[TimedBlock]:
        """Take reads, each (seconds since the request, bytes), in order; return the blocks now whole.

        With None for the time, the bytes belong to the read before.
        """
        ticked, between = self._ticked(reads), self._at == self._received
        blocks = self._framed(ticked)
        is_body = between and self._at == self._received
        return self._without_secrets(blocks, b"".join([chunk for _, chunk in ticked]) if is_body else None)

    def dump(self, reads: Iterable[tuple[float | None, bytes]]) -> list[bytes]:
        """Take reads as `feed` does; return the lines of the blocks now whole.

        These are the lines that `dump_blocks` writes. They take half the time of both if each read brings
        whole, usual blocks, as reads of a live stream do.
        """
        if self._binary:
            return dump_blocks(self.feed(reads))
        taken: list[tuple[float, bytes] | list[TimedBlock]] = []
        lines: list[bytes] = []
        content = []
        for read in self._ticked(reads):
            t, chunk = read
            # Only between blocks, and only after the first one: it may have a byte order mark.
            line = dump_usual(t, chunk) if 0 < self._at == self._received else None
            if line is None:
                blocks = self._framed([read])
                taken.append(blocks)
                lines += dump_blocks(blocks)
                content += [block.raw_bytes for block in blocks]
            else:
                taken.append(read)
                lines.append(line)
                content.append(chunk)
                self._received = self._at = self._received + len(chunk)
        if self._hide.passes(b"".join(content)):
            return lines
        blocks = []
        for each in taken:
            blocks += each if isinstance(each, list) else _blocks_of(*each)
        return dump_blocks(self._hide(blocks))

    def _ticked(self, reads: Iterable[tuple[float | None, bytes]]) -> list[tuple[float, bytes]]:
        return [(self._last / 1e6 if t is None else self.tick(t), chunk) for t, chunk in reads if chunk]

    def _framed(self, reads: list[tuple[float, bytes]]) -> list[TimedBlock]:
        for t, chunk in reads:
            self._received += len(chunk)
            self._reads.append((self._received, t, chunk))
        blocks = self._decoder.feed(b"".join([chunk for _, chunk in reads]))
        return self._timed(blocks) if blocks else []

    def close(self) -> list[TimedBlock]:
        """End the body: no more reads come. Return the rest of it."""
        tail = self._decoder.close()
        return self._without_secrets(self._timed([tail] if tail else []))

    def _without_secrets(self, blocks: list[TimedBlock], body: bytes | None = None) -> list[TimedBlock]:
        """Hide the secrets of blocks; `body` is their bytes, if it need not be put together again."""
        if self._binary:
            return masked_frames(blocks, self._hide, self._hide.unfinished)
        if self._hide.passes(b"".join([block.raw_bytes for block in blocks]) if body is None else body):
            return blocks
        return self._hide(blocks)

    def mask_text(self, text: str | None) -> str | None:
        """Return the text of an error without the secrets that the mask knows."""
        return text and self._hide.text(text)

    def mask_bytes(self, raw: bytes) -> bytes:
        """Return bytes that are in no block without the secrets that the mask knows."""
        return self._hide.unfinished(raw)

    def unfinished(self) -> bytes:
        """Return the line of a part: the bytes of the unfinished block that no part has shown yet.

        Empty if there are none. A part is masked together with what came shortly before it, for a secret may
        begin there. The block's own line, when it comes, replaces its parts.
        """
        start = max(self._shown, self._at)
        if start == self._received or self._binary:  # nobody can see a secret in half a frame
            return b""
        known = max(self._at, start - _CONTEXT)
        pieces: list[bytes] = []
        cuts: list[tuple[int, float]] = []
        t = 0.0
        for received, t, chunk in reversed(self._reads):
            if received <= known:
                break
            pieces.append(chunk[max(0, known - (received - len(chunk))) :])
            if start < received < self._received:
                cuts.append((received - start, t))
        self._shown = self._received
        raw = self._hide.unfinished(b"".join(reversed(pieces)))[start - known :]
        return dump_part(Part(self._reads[-1][1], raw, tuple(reversed(cuts))))

    def _timed(self, blocks: list[sse.Block]) -> list[TimedBlock]:
        """Give each block the time of the read that brought its last byte."""
        reads, timed, end = self._reads, [], self._at
        if len(reads) == 1 and reads[0][0] - len(reads[0][2]) <= end and (whole := self._of_one_read(blocks)):
            return whole
        for event, data, raw in blocks:
            start = end
            end += len(raw) or len(event or b"") + len(data or b"") + 16
            cuts = self._cuts(start, end) if reads[0][0] < end else ()
            received, t, _ = reads[0]
            if received == end:  # this read brought nothing more
                reads.popleft()
            try:
                name = None if event is None else event.decode()
            except UnicodeDecodeError:
                name = event.decode("utf-8", "replace") if event else None
                raw = raw or sse.Block(event, data).raw_bytes
            timed.append(_new(TimedBlock, (t, name, data, raw, cuts, None)))
        self._at = end
        return timed

    def _of_one_read(self, blocks: list[sse.Block]) -> list[TimedBlock]:
        """Give blocks the time of the one read that brought them; return none if a name is not UTF-8.

        A body that was saved comes in one read, and may have a hundred thousand blocks.
        """
        received, t, _ = self._reads[0]
        try:
            names = {event: None if event is None else event.decode() for event, _, _ in blocks}
        except UnicodeDecodeError:
            return []
        self._at += sum(
            [len(raw) or len(event or b"") + len(data or b"") + 16 for event, data, raw in blocks]
        )
        if self._at == received:
            self._reads.popleft()
        return [_new(TimedBlock, (t, names[event], data, raw, (), None)) for event, data, raw in blocks]

    def _cuts(self, start: int, end: int) -> tuple[tuple[int, float], ...]:
        """Drop the reads that ended before the block did; return those that brought a part of it."""
        cuts = []
        while self._reads[0][0] < end:
            received, t, _ = self._reads.popleft()
            if received > start:
                cuts.append((received - start, t))
        return tuple(cuts)


def _blocks_of(t: float, read: bytes) -> list[TimedBlock]:
    """Return the blocks of a read that `dump_usual` accepts."""
    return [TimedBlock(t, (name or b"").decode(), data) for name, data, _ in sse.Decoder().feed(read)]
