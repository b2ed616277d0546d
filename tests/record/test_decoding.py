"""Content codings decode the same however they are cut, without delay, and as the HTTP libraries do."""

from __future__ import annotations

import gzip
import importlib
import random
import sys
import zlib

import pytest
import zstandard
from loopback import encoder

from inspector.record import decoding
from inspector.record.decoding import Bound, DecodingError, decoder_for

PARTS = [b'event: a\ndata: {"n":%d,"text":"%b"}\n\n' % (n, b"h\xc3\xa9" * n) for n in range(1, 9)]
BODY = b"".join(PARTS)


def decoded(decode, chunks):
    """What the chunks hold together."""
    return b"".join(piece for chunk in chunks for piece in decode(chunk))


def raw_deflate(body):
    compress = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compress.compress(body) + compress.flush()


def flushed(coding):
    """The body, encoded and flushed after each part."""
    feed, finish = encoder(coding)
    return [*[feed(part) for part in PARTS], finish()]


WHOLE = {
    "identity": BODY,
    "": BODY,
    "gzip": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    " GZip ": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
    "br": b"".join(flushed("br")),
    "zstd": zstandard.ZstdCompressor().compress(BODY),
    "gzip, zstd": zstandard.ZstdCompressor().compress(gzip.compress(BODY)),
    "gzip, br": b"".join((lambda feed, finish: [feed(gzip.compress(BODY)), finish()])(*encoder("br"))),
    "deflate,identity , br": b"".join(
        (lambda feed, finish: [feed(zlib.compress(BODY)), finish()])(*encoder("br"))
    ),
}


@pytest.mark.parametrize("encoding", WHOLE)
@pytest.mark.parametrize("size", [1, 2, 7, 64, 10**6])
def test_a_body_is_the_same_however_it_is_cut(encoding, size):
    decode = decoder_for(encoding)
    wire = WHOLE[encoding]
    assert decoded(decode, [wire[i : i + size] for i in range(0, len(wire), size)]) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_flushed_data_is_returned_at_once(encoding):
    decode = decoder_for(encoding)
    assert [decoded(decode, [piece]) for piece in flushed(encoding)] == [*PARTS, b""]


def test_random_bodies_decode_at_random_cuts():
    dice = random.Random(20261121)
    for _ in range(50):
        body = dice.randbytes(dice.randrange(3000)) + b"z" * dice.randrange(50_000)
        for encoding, wire in (
            ("gzip", gzip.compress(body)),
            ("zstd", zstandard.ZstdCompressor().compress(body)),
        ):
            points = sorted(dice.choices(range(len(wire) + 1), k=5))
            decode = decoder_for(encoding)
            pieces = [wire[a:b] for a, b in zip([0, *points], [*points, len(wire)], strict=True)]
            assert decoded(decode, pieces) == body


@pytest.mark.parametrize("size", [3, 10**6])
def test_raw_deflate_data_without_a_zlib_frame_is_decoded(size):
    decode = decoder_for("deflate")
    wire = raw_deflate(BODY)
    assert decoded(decode, [wire[i : i + size] for i in range(0, len(wire), size)]) == BODY


def test_deflate_does_not_switch_to_raw_data_in_the_middle():
    decode = decoder_for("deflate")
    assert decoded(decode, [zlib.compress(BODY)[:-4]]) == BODY
    with pytest.raises(DecodingError):
        decoded(
            decode, [raw_deflate(b"") * 2]
        )  # as a body of its own this would decode; here it is a wrong checksum


@pytest.mark.parametrize("size", [1, 5, 10**6])
def test_a_zstd_body_of_several_frames_is_decoded(size):
    wire = b"".join(zstandard.ZstdCompressor().compress(part) for part in PARTS)
    decode = decoder_for("zstd")
    assert decoded(decode, [wire[i : i + size] for i in range(0, len(wire), size)]) == BODY


@pytest.mark.parametrize("size", [1, 5, 10**6])
@pytest.mark.parametrize("after", [b"", b"\x00" * 9, b"\n", b"\x1f\x8b", b"garbage"])
def test_all_members_of_a_gzip_body_are_decoded_and_what_follows_them_is_ignored(size, after):
    wire = b"".join(gzip.compress(part) for part in PARTS) + after
    decode = decoder_for("gzip")
    assert decoded(decode, [wire[i : i + size] for i in range(0, len(wire), size)]) == BODY
    decode.close()


@pytest.mark.parametrize(
    ("rest", "several"),
    [(b"", False), (b"junk", False), (gzip.compress(b""), False), (gzip.compress(b"more"), True)],
    ids=["nothing", "junk", "an empty member", "a member"],  # gzip data holds the time
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_members_that_most_clients_drop_are_noted(size, rest, several):
    body = gzip.compress(b"first") + rest
    decode = decoder_for("gzip")
    decoded(decode, [body[at : at + size] for at in range(0, len(body), size)])
    assert decode.several_members is several


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("bounded", [True, False], ids=["a bounded library", "a library without bounds"])
def test_a_step_is_bounded_however_much_a_chunk_holds(monkeypatch, coding, bounded):
    if not bounded:
        unbounded(monkeypatch)
    feed, finish = encoder(coding)
    body = b"z" * 12_000_000
    wire = feed(body) + finish()
    sizes = [len(piece) for piece in decoder_for(coding)(wire)]
    assert sum(sizes) == len(body)
    assert bounded is False or max(sizes) <= 512 * 1024


def unbounded(monkeypatch):
    """Let the libraries be those that cannot bound what they return."""
    monkeypatch.setattr(decoding, "hasattr", lambda *_: False, raising=False)
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)


def test_a_body_that_grows_beyond_reason_is_refused_in_any_number_of_steps():
    wire = gzip.compress(gzip.compress(bytes(60_000_000)))
    decode = decoder_for("gzip, gzip")
    with pytest.raises(DecodingError, match="more than 1100 times its size"):
        decoded(decode, [wire[i : i + 50] for i in range(0, len(wire), 50)])


def test_an_empty_chunk_decodes_to_nothing():
    for encoding in ("identity", "gzip", "deflate", "br", "zstd"):
        assert decoded(decoder_for(encoding), [b""]) == b""


@pytest.mark.parametrize("encoding", ["snappy", "gzip, snappy", "snappy, gzip", "aws-chunked"])
def test_a_list_with_an_unknown_coding_is_not_decoded(encoding):
    assert decoder_for(encoding) is None


@pytest.mark.parametrize("missing, encoding", [(("brotli", "brotlicffi"), "br"), (("zstandard",), "zstd")])
def test_a_coding_whose_library_is_not_installed_is_unknown(monkeypatch, missing, encoding):
    for name in (*missing, "compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    assert decoder_for(encoding) is None


@pytest.mark.parametrize("name", ["compression.zstd", "backports.zstd"])
def test_zstd_is_decoded_by_any_of_its_libraries(monkeypatch, name):
    class Frame:  # the interface that these two libraries share
        def __init__(self):
            self.inner = zstandard.ZstdDecompressor().decompressobj()

        def __getattr__(self, name):
            return getattr(self.inner, name)

    library = type(sys)(name)
    library.ZstdDecompressor = Frame
    for other in ("compression.zstd", "backports.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, other, None)
    monkeypatch.setitem(sys.modules, name.partition(".")[0], type(sys)("package"))
    monkeypatch.setitem(sys.modules, name, library)
    assert decoded(decoder_for("zstd"), [WHOLE["zstd"]]) == BODY


def test_brotlicffi_is_used_if_brotli_is_not_installed(monkeypatch):
    class Decompressor:
        def decompress(self, chunk):
            return chunk.upper()

    library = type(sys)("brotlicffi")
    library.Decompressor = Decompressor
    monkeypatch.setitem(sys.modules, "brotli", None)
    monkeypatch.setitem(sys.modules, "brotlicffi", library)
    assert decoded(decoder_for("br"), [b"abc"]) == b"ABC"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
@pytest.mark.parametrize("good", [0, 1], ids=["at once", "later"])
def test_bytes_in_another_coding_are_an_error_with_a_message(encoding, good):
    decode = decoder_for(encoding)
    if good:
        decoded(decode, [WHOLE.get(encoding, b"")[:9]])
    with pytest.raises(DecodingError) as raised:
        for _ in range(100):
            decoded(decode, [b"\x7f this is another coding \xff"])
    assert str(raised.value)
    assert raised.value.__cause__ is not None


LIBRARIES = [name for name in ("httpx2", "httpx") if importlib.util.find_spec(name)]


@pytest.mark.parametrize("name", LIBRARIES)
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_the_libraries_decode_to_the_same_bytes(name, encoding):
    library = importlib.import_module(name)
    if encoding.split(", ")[-1] not in importlib.import_module(f"{name}._decoders").SUPPORTED_DECODERS:
        pytest.skip(f"{name} does not decode {encoding} here")
    response = library.Response(200, headers={"content-encoding": encoding}, content=WHOLE[encoding])
    assert response.content == decoded(decoder_for(encoding), [WHOLE[encoding]])


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        (Bound(2 * len(BODY), BODY.count(b"\n")), ""),  # all codings count
        (Bound(len(BODY) - 1, 1000), f"decodes to more than {len(BODY) - 1:,} bytes"),
        (Bound(10**6, BODY.count(b"\n") - 1), "lines"),
    ],
)
@pytest.mark.parametrize("encoding", ["gzip", "gzip, zstd", "br"])
def test_a_bound_holds_for_bytes_and_for_lines(encoding, bound, said):
    decode = decoder_for(encoding, bound=bound)
    if not said:
        assert decoded(decode, [WHOLE[encoding]]) == BODY
        return
    with pytest.raises(DecodingError, match=said):
        decoded(decode, [WHOLE[encoding]])
