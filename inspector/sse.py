r"""The event-stream format: bytes in, blocks out.

Follows https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream, and knows
nothing of Claude. A *block* is what a blank line ends. Only LF, CRLF and CR end a line; U+2028, U+0085
and the like are ordinary text.

`Decoder` is a push decoder: it is fed bytes and returns blocks. It never reads, never waits, and never
raises, whatever the bytes are. Three laws hold for every input and every way to cut it:

- *lossless*: the blocks' `raw_bytes`, in order, followed by that of `close()`, are the input;
- *chunk-blind*: where the input was cut changes nothing about the blocks;
- *total*: any bytes give blocks.

A blank line that ends in CR may be half a CRLF, so such a block is returned when the next byte comes.

The cost is linear in the input, even at one byte a read: the unfinished tail is a list of pieces, joined only
when a blank line may have come. Memory is bounded: a block longer than `limit` bytes is returned in pieces of
exactly `limit` bytes that dispatch nothing. The lines of a block are read one at a time, however many it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import repeat
from typing import NamedTuple

__all__ = ["BLOCK_LIMIT", "Block", "Decoder", "begins_with_field", "fields", "is_finished", "parse"]

BLOCK_LIMIT = 16 * 1024 * 1024
"""The longest block, in bytes, that a decoder keeps whole; the largest events seen have 2 MB."""

BOM = b"\xef\xbb\xbf"

_PLAIN = re.compile(rb"event: (.++)\ndata: (.*+)\n\n")  # for bytes without CR: "." beats "[^\r\n]" four times
_LF, _CR = b"\n\r"  # ints: `in` finds an int in bytes ten times as fast as a byte in bytes
_LINE_END = rb"(?:\r\n|\n|\r)"
_BLOCK = re.compile(rb"(?:[^\r\n]++" + _LINE_END + rb")*+(?:\r\n|\n|\r(?=.))", re.DOTALL)
_LAST_BLOCK = re.compile(rb"(?:[^\r\n]++" + _LINE_END + rb")*+" + _LINE_END)
_MAY_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))[\r\n]")
_FIELDS = (b"event:", b"data:", b"id:", b"retry:", b":")
_TEXT_LINE = re.compile(rb"[^\r\n]++")
_BLANK_LINES = re.compile(rb"\n++|(?:\r\n)++")


class Block(NamedTuple):
    """One block of an event stream.

    `event` is the event's name, None if the block has none. `data` is the payload, its lines joined by LF;
    None if the block dispatches no event (a comment, a lone blank line, an unfinished tail). `raw` is the
    block as it stood on the wire. It is empty if `event` and `data` in the plain form (`event: E`, `data: D`,
    each with one LF, and a blank line) are the same bytes.
    """

    event: bytes | None
    data: bytes | None
    raw: bytes = b""

    @property
    def raw_bytes(self) -> bytes:
        """The block's bytes as they stood on the wire."""
        return self.raw or b"event: %b\ndata: %b\n\n" % (self.event or b"", self.data or b"")


_LF_BLOCK, _CRLF_BLOCK = Block(None, None, b"\n"), Block(None, None, b"\r\n")


def fields(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield a block's lines in order as (field name, value); the name of a comment is empty.

    A last line without a line end is not a line yet, and is left out.
    """
    end = max(raw.rfind(b"\n"), raw.rfind(b"\r")) + 1
    for match in _TEXT_LINE.finditer(raw, 0, end):
        name, _, value = match[0].partition(b":")
        yield name, value[1:] if value[:1] == b" " else value


def begins_with_field(body: bytes) -> bool:
    """Whether a body begins as an event stream does: with a field that the standard knows, or a comment.

    A body may end in the middle of the field's name.
    """
    start = body.removeprefix(BOM).lstrip()
    return start.startswith(_FIELDS) or (bool(start) and any(field.startswith(start) for field in _FIELDS))


def parse(raw: bytes, *, first: bool = False) -> Block:
    """Parse one block's bytes as the standard does. `first`: the stream begins with it, perhaps with a BOM.

    Bytes that no blank line ends dispatch nothing, whatever they are.
    """
    return _parsed(raw, first) if is_finished(raw) else Block(None, None, raw)


def _parsed(raw: bytes, first: bool) -> Block:
    """Parse the bytes of one block that a blank line ends."""
    plain = None if _CR in raw else _PLAIN.fullmatch(raw)
    if plain:
        return Block(plain[1], plain[2])
    if b"data" not in raw:
        return Block(None, None, raw)
    event = None
    data = bytearray()  # not a list of lines: a block may have millions of them
    for match in _TEXT_LINE.finditer(raw.removeprefix(BOM) if first else raw):  # `fields`, without its calls
        name, _, value = match[0].partition(b":")
        if name == b"data":
            data += value[1:] if value[:1] == b" " else value
            data += b"\n"
        elif name == b"event":
            event = (value[1:] if value[:1] == b" " else value) or None
    return Block(event, bytes(data[:-1]), raw) if data else Block(None, None, raw)


def is_finished(raw: bytes) -> bool:
    """Whether a blank line ends these bytes, so that they are a whole block."""
    return _LAST_BLOCK.fullmatch(raw) is not None


def _plain_blocks(body: bytes) -> list[Block] | None:
    """Return the blocks of LF-only bytes that are nothing but plain blocks; None for any other bytes."""
    # A block that comes alone needs no pattern, which takes ten times as long as `find` on a long payload.
    name_end = body.find(b"\n")
    if body.find(b"\n", name_end + 1) == len(body) - 2:
        if name_end > 7 and body.startswith(b"event: ") and body.startswith(b"\ndata: ", name_end):
            return [Block(body[7:name_end], body[name_end + 7 : -2])]
        return None
    # In turn: what stands between two plain blocks, a name, a payload.
    between = _PLAIN.split(body)
    if any(between[::3]):
        return None
    plain = zip(between[1::3], between[2::3], between[::3], strict=False)
    return list(map(tuple.__new__, repeat(Block), plain))


class Decoder:
    """Cut an event stream into blocks while its bytes come. The docstring of the module has the laws."""

    __slots__ = ("_edge", "_first", "_limit", "_pieces", "_size")

    def __init__(self, *, limit: int = BLOCK_LIMIT) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        # The last two bytes of the tail, after a virtual line end; empty if no line end is near.
        self._edge = b"\n"
        self._first = True

    @property
    def pending(self) -> int:
        """The number of bytes that have come and are in no block yet."""
        return self._size

    def feed(self, chunk: bytes) -> list[Block]:
        """Take the next bytes; return the blocks that are whole now, in order."""
        lf_only = _CR not in chunk and (not self._edge or _CR not in self._edge)
        if lf_only and _LF not in chunk:  # searching for a byte is far quicker than for a pattern
            if chunk:
                self._pieces.append(chunk)
                self._size += len(chunk)
                self._edge = b""
            return self._scan(self._take()) if self._size > self._limit else []
        if lf_only and b"\n\n" in chunk:
            blocks = self._feed_lf(chunk)
        elif _MAY_END.search(self._edge + chunk):
            self._keep(chunk)
            blocks = self._scan(self._take())
        else:
            self._keep(chunk)
            blocks = []
        return blocks + self._scan(self._take()) if self._size > self._limit else blocks

    def close(self) -> Block | None:
        """End the stream: no more bytes come. Return the rest that no blank line has ended, if any.

        A blank line whose CR was waiting for an LF is a blank line after all.
        """
        rest = self._take()
        return parse(rest, first=self._first) if rest else None

    def _feed_lf(self, chunk: bytes) -> list[Block]:
        """Handle the usual case, LF only: everything up to the last blank line is whole blocks."""
        end = chunk.rfind(b"\n\n") + 2
        body = chunk[:end]
        if self._pieces:
            self._pieces.append(body)
            body = self._take()
        blocks = _plain_blocks(body) if len(body) <= self._limit and _CR not in body else None
        if blocks is None:
            blocks = self._scan(body)
        else:
            self._first = False
        if end < len(chunk):
            self._keep(chunk[end:])
        return blocks

    def _scan(self, body: bytes) -> list[Block]:
        """Handle any line ends: take every whole block off `body`, and keep the rest as the tail."""
        blocks = []
        at, size, limit = 0, len(body), self._limit
        while at < size:
            blank = _BLANK_LINES.match(body, at) if body[at] in b"\r\n" and limit > 1 else None
            if blank:  # each line of many is a block
                one = _LF_BLOCK if body[at] == 10 else _CRLF_BLOCK
                blocks += [one] * ((blank.end() - at) // len(one.raw))
                at, self._first = blank.end(), False
                continue
            match = _BLOCK.match(body, at)
            if match and match.end() - at <= limit:
                blocks.append(_parsed(match.group(), self._first))
                at = match.end()
            elif size - at > limit:
                blocks.append(Block(None, None, body[at : at + limit]))
                at += limit
            else:
                break
            self._first = False
        if at < size:
            self._keep(body[at:])
        return blocks

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        self._edge = (self._edge + piece[-2:])[-2:]

    def _take(self) -> bytes:
        body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces, self._size, self._edge = [], 0, b"\n"
        return body
