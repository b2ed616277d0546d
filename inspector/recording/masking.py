"""Secrets in a stream: in one block, or spread over the deltas of a content block.

The deltas of a content block are pieces of one text. A key that a model repeats comes in pieces that are no
keys, so the texts of a batch of blocks are joined, together with the end of what came before, and searched
as one. What is hidden in the joined text is hidden in its pieces: a mask keeps lengths, so no place moves.

Nothing is held back: what has arrived is written at once. So the beginning of a key that ends a batch is
hidden as soon as it is recognizable. What may stay visible is the prefix of a key and at most three more
characters, or eleven after a prefix that is also a word's; of a secret without a shape, a quarter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from inspector.recording.values import TimedBlock

__all__ = ["BlockMask", "index_of", "texts_of", "with_data", "with_text"]

# Bytes of a content block's text that the next deltas are searched with: after a text without a secret, where
# one may have begun, and after a text with one, which may go on.
_KEPT_CLEAN, _KEPT_SECRET = 512, 4096
_KEPT_TEXTS = 16  # content blocks that may be open at once
_ESCAPE = 12  # bytes of the longest escape, in a JSON string in a JSON string

_STRING = rb'"(?:text|partial_json|thinking|content|arguments)":[ ]?"([^"\\]*+(?:\\.[^"\\]*+)*+)'
_TEXT = re.compile(_STRING + rb'"', re.DOTALL)
_OPEN_TEXT = re.compile(_STRING + rb"\\?\Z", re.DOTALL)
_INDEX = re.compile(rb'"index":[ ]?(\d{1,9})[,} ]')
_START = b"event: content_block_start"


class BlockMask:
    """Hide the secrets of a stream, batch by batch, in the order in which its blocks come.

    `mask` hides secrets in bytes without changing their length. If it has a method `part`, that hides also
    the beginning of a secret at the end of its text; a method `counting` also counts what it hides.
    """

    __slots__ = ("_counting", "_ends", "_mask", "_part", "_texts")

    def __init__(self, mask: Callable[[bytes], bytes]) -> None:
        self._mask = mask
        self._part: Callable[[bytes], bytes] = getattr(mask, "part", mask)
        self._counting: Callable[..., tuple[bytes, int]] = getattr(mask, "counting", self._uncounted)
        self._texts: dict[bytes, bytes] = {}  # the end of each content block's text, by its index
        self._ends: dict[bytes, int] = {}  # where the last secret in it ends, so that it is counted once

    def passes(self, body: bytes) -> bool:
        """Take the bytes of a batch of blocks; if they may hold a secret, return False and take nothing."""
        texts = _texts_by_index(body)
        if texts is None:
            return False
        searched = body
        for index, new in texts.items():
            text = texts[index] = self._texts.get(index, b"") + new
            # With the first text, which is most often the only one: a search has a price of its own.
            searched += b"\n" + text
            if self._part(searched) != searched:
                return False
            searched = b""
        if searched and self._mask(searched) != searched:
            return False
        for index, text in texts.items():
            self._keep(index, text, _KEPT_CLEAN)
        return True

    def __call__(self, blocks: Iterable[TimedBlock]) -> list[TimedBlock]:
        """Return a batch of blocks without their secrets."""
        masked = list(blocks)
        for index, texts in texts_of(masked).items():
            before = self._texts.get(index, b"")
            whole = before + b"".join([text[1] for _, text in texts])
            hidden, end = self._counting(whole, part=True, since=self._ends.get(index, 0))
            at = len(before)
            for number, text in texts:
                size = len(text[1])
                if hidden[at : at + size] != text[1]:
                    masked[number] = with_text(masked[number], text.start(1), hidden[at : at + size])
                at += size
            if end:
                self._ends[index] = end
            self._keep(index, whole, _KEPT_CLEAN if hidden == whole else _KEPT_SECRET)
        return [self._block(block) for block in masked]

    def unfinished(self, raw: bytes) -> bytes:
        """Return the beginning of a block that has not ended without its secrets."""
        open_text = _OPEN_TEXT.search(raw)
        if open_text:
            before = self._texts.get(index_of(raw), b"")
            hidden = self._part(before + open_text[1])[len(before) :]
            raw = raw[: open_text.start(1)] + hidden + raw[open_text.end(1) :]
        return self._part(raw)

    def _keep(self, index: bytes, text: bytes, size: int) -> None:
        cut = max(0, len(text) - size)
        # Half an escape would look like a letter before what follows it.
        escape = text.find(b"\\", max(0, cut - _ESCAPE), cut)
        cut = escape if escape >= 0 else cut
        self._texts.pop(index, None)
        self._texts[index] = text[cut:]
        if end := self._ends.get(index):
            self._ends[index] = max(0, end - cut)
        if len(self._texts) > _KEPT_TEXTS:
            oldest = next(iter(self._texts))
            del self._texts[oldest]
            self._ends.pop(oldest, None)

    def _block(self, block: TimedBlock) -> TimedBlock:
        """Hide what one block holds by itself."""
        _, name, data, raw, _, _ = block
        event = (name or "").encode("utf-8", "surrogatepass")
        content = raw or b"%b\n%b" % (event, data or b"")
        hidden, _ = self._counting(content)
        if hidden == content:
            return block
        name = name and self._mask(event).decode("utf-8", "surrogatepass")
        return block._replace(event=name, data=data and self._mask(data), raw=hidden if raw else raw)

    def _uncounted(self, text: bytes, *, part: bool = False, since: int = 0) -> tuple[bytes, int]:
        return (self._part if part else self._mask)(text), since

    def text(self, text: str) -> str:
        """Hide the secrets of a string, and count them."""
        hidden, _ = self._counting(text.encode("utf-8", "surrogatepass"))
        return hidden.decode("utf-8", "surrogatepass")


def _texts_by_index(body: bytes) -> dict[bytes, bytes] | None:
    """Return the text of each content block in a batch; None if that would take a look at each event.

    Content blocks come one after another: all that follows the start of one has its index.
    """
    texts_of: dict[bytes, bytes] = {}
    start, size = 0, len(body)
    while start < size:
        end = body.find(_START, start + 1)
        if end < 0:
            end = size
        texts = _TEXT.findall(body, start, end)
        if texts:
            first = _INDEX.search(body, start, end)
            if first and not _is_only(first[0][:-1], body, start, end):
                return None
            index = first[1] if first else b""
            texts_of[index] = texts_of.get(index, b"") + b"".join(texts)
        start = end
    return texts_of


def _is_only(index: bytes, body: bytes, start: int, end: int) -> bool:
    """Whether a part of a batch has no other index. To count is far quicker than to search for each."""
    others = body.count(b'"index":', start, end)
    for after in (b",", b" ", b"}"):
        if others:
            others -= body.count(index + after, start, end)
    return not others


def texts_of(blocks: Iterable[TimedBlock]) -> dict[bytes, list[tuple[int, re.Match[bytes]]]]:
    """Return the pieces of each content block's text by its index: the position of a block, and a match.

    The first group of the match is the piece, in the block's data, as its JSON string has it.
    """
    pieces: dict[bytes, list[tuple[int, re.Match[bytes]]]] = {}
    for number, block in enumerate(blocks):
        for text in _TEXT.finditer(block.data or b""):
            pieces.setdefault(index_of(block.data or b""), []).append((number, text))
    return pieces


def index_of(data: bytes) -> bytes:
    """Return the digits of the content block's index in a payload; empty if it has none."""
    match = _INDEX.search(data)
    return match[1] if match else b""


def with_text(block: TimedBlock, at: int, text: bytes) -> TimedBlock:
    """Replace the bytes of a block's data from `at` on by `text`, and the same bytes of its raw form."""
    data = block.data or b""
    return with_data(block, data[:at] + text + data[at + len(text) :])


def with_data(block: TimedBlock, changed: bytes) -> TimedBlock:
    """Replace a block's data by other data of the same length, also in its raw form, which may be empty."""
    pieces, at = [], 0
    for old, new in zip((block.data or b"").split(b"\n"), changed.split(b"\n"), strict=True):
        start = block.raw.find(old, at)
        if start >= 0:
            pieces += [block.raw[at:start], new]
            at = start + len(old)
    return block._replace(data=changed, raw=b"".join([*pieces, block.raw[at:]]))
