"""Packs for tests, made of texts in memory."""

from __future__ import annotations

from inspector.corpus.making_packs.pack_writer import PackWriter

HEAD = b'{"recording":1,"at":"2026-11-20T18:00:00Z","request":{"method":"POST","url":"","headers":{}}}\n'
END = b'{"t":1.000000,"end":"complete"}\n'


def text_of(number, size=200):
    """A recording of about `size` bytes."""
    return HEAD + b'{"t":0.5,"raw":"%d %b"}\n' % (number, b"x" * size) + END


class Lines:
    """Text for a pack, in pieces; it raises `error` at its end."""

    def __init__(self, *pieces, error=None, recordings=1, packed_name=None):
        self._pieces, self._error, self._packed_name = pieces, error, packed_name
        self.recordings = recordings

    def __iter__(self):
        yield from self._pieces
        if self._error:
            raise self._error

    def packed_name(self, name):
        return self._packed_name or name


def packs_of(folder, texts, pack_size=1 << 30):
    """Write texts by name as packs, and return the paths of the packs."""
    folder.mkdir(exist_ok=True)
    with PackWriter(folder, pack_size) as writer:
        for name, text in texts.items():
            writer.add(name, Lines(text))
    return sorted(folder.glob("*.zst"))
