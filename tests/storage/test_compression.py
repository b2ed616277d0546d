"""Compressed data is decompressed piece by piece, whole or up to where it breaks off, in bounded memory."""

from __future__ import annotations

import gzip
import sys
import tracemalloc
import zlib

import pytest
from zstd_library import zstd

from inspector.errors import RecordingError
from inspector.storage.compression import Compression, Inflated

TEXT = b"".join(b'{"t":%d,"event":"a","data":{"n":%d}}\n' % (n, n * n) for n in range(500))
PACKS = {"gzip": (gzip.compress, Compression.GZIP), "zstd": (zstd.compress, Compression.ZSTD)}


@pytest.fixture(params=PACKS.values(), ids=PACKS)
def packing(request):
    return request.param


def inflated(data, form, size=None):
    """What comes of compressed data in pieces of a size; whether it is torn; what is wrong with it."""
    size = size or len(data) or 1
    pieces = Inflated([data[at : at + size] for at in range(0, len(data), size)], form, "x")
    return b"".join(pieces), pieces.torn, pieces.damage


@pytest.mark.parametrize("size", [1, 2, 7, 1000, None])
def test_it_comes_whole_in_whichever_pieces(packing, size):
    pack, form = packing
    assert inflated(pack(TEXT), form, size) == (TEXT, False, "")


@pytest.mark.parametrize("size", [1, 5, None])
@pytest.mark.parametrize(
    "parts", [[TEXT, TEXT], [b"", TEXT, b"", b"x"], [b""]], ids=["two", "empty ones", "nothing"]
)
def test_every_member_and_frame_is_read(packing, parts, size):
    pack, form = packing
    assert inflated(b"".join(map(pack, parts)), form, size) == (b"".join(parts), False, "")


def test_a_member_that_is_flushed_as_it_grows_comes_as_it_grows(packing):
    _, form = packing
    packer = zlib.compressobj(wbits=31) if form is Compression.GZIP else zstd.ZstdCompressor()
    flush = zlib.Z_SYNC_FLUSH if form is Compression.GZIP else zstd.ZstdCompressor.FLUSH_BLOCK
    lines = TEXT.splitlines(keepends=True)[:20]
    pieces = iter(Inflated((packer.compress(line) + packer.flush(flush) for line in lines), form, "x"))
    assert [next(pieces) for _ in lines] == lines


@pytest.mark.parametrize("size", [1, 100, None])
def test_wherever_it_is_torn_what_stands_before_comes_and_it_is_said(packing, size):
    pack, form = packing
    data = pack(TEXT)
    longest = 0
    for end in range(1, len(data), 37 if size != 1 else 311):
        text, torn, damage = inflated(data[:end], form, size)
        assert (TEXT.startswith(text), torn, damage) == (True, True, "")
        assert len(text) >= longest
        longest = len(text)
    assert longest > len(TEXT) // 2 or form is Compression.ZSTD  # which hands out a block when it is whole


def test_a_second_member_may_be_torn(packing):
    pack, form = packing
    assert inflated(pack(TEXT) + pack(TEXT)[:5], form) == (TEXT, True, "")


@pytest.mark.parametrize("size", [1, None])
def test_zeros_behind_a_member_are_padding(size):
    assert inflated(gzip.compress(TEXT) + b"\0" * 500, Compression.GZIP, size) == (TEXT, False, "")
    assert (
        inflated(gzip.compress(TEXT) + b"\0" * 5 + gzip.compress(b"x"), Compression.GZIP, size)[0]
        == TEXT + b"x"
    )


def test_a_skippable_frame_is_skipped():
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00\x01\x02\x03\x04"
    for data in (skippable + zstd.compress(TEXT), zstd.compress(TEXT) + skippable):
        assert inflated(data, Compression.ZSTD) == (TEXT, False, "")
        assert inflated(data, Compression.ZSTD, 3) == (TEXT, False, "")


def test_damage_is_said_after_what_stands_before_it(packing):
    pack, form = packing
    data = pack(TEXT)
    text, torn, damage = inflated(data + b"garbage" + data, form)
    assert (text, torn) == (TEXT, False)
    assert damage.startswith(f"the {form.value} is damaged: ")


def test_a_wrong_checksum_is_damage():
    data = bytearray(gzip.compress(TEXT))
    data[-5] ^= 1
    text, torn, damage = inflated(bytes(data), Compression.GZIP, 1)
    assert (TEXT.startswith(text), len(text) > len(TEXT) // 2, torn) == (True, True, False)
    assert "incorrect data check" in damage


def test_a_bomb_is_decompressed_in_small_pieces(packing):
    pack, form = packing
    bomb = pack(b"\0" * (64 << 20))
    assert len(bomb) < 100_000
    tracemalloc.start()
    count = sum(len(piece) for piece in Inflated([bomb], form, "x"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, peak < (8 << 20)) == (64 << 20, True)


def test_zstd_comes_from_whichever_library_there_is(monkeypatch):
    monkeypatch.setitem(sys.modules, "compression.zstd", zstd)
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    assert inflated(zstd.compress(TEXT), Compression.ZSTD)[0] == TEXT
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    with pytest.raises(RecordingError, match=r'^x: is zstd data.*pip install "sse-inspector\[zstd\]"'):
        inflated(zstd.compress(TEXT), Compression.ZSTD)
