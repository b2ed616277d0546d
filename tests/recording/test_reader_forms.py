"""A file is what its first bytes say; compressed data is decompressed, or a body, by the one rule."""

from __future__ import annotations

import gzip
import io
import sys

import pytest
from file_texts import A_BLOCK, A_HEAD, AN_END, BLOCK, END, HEAD, HTTP, NOTE, PAYLOADS, STREAM, WHOLE, lines
from hypothesis import given
from hypothesis import strategies as st
from zstd_library import zstd

from inspector.errors import RecordingError
from inspector.formats import recordings
from inspector.recording import End, Head, Reader, TimedBlock, Torn

# What the first bytes decide


class Dribble(io.RawIOBase):
    """A file without `peek` and `seek`, which gives a byte at a time and then the rest."""

    def __init__(self, text, slow):
        self._parts = iter([*(text[i : i + 1] for i in range(min(slow, len(text)))), text[slow:]])

    def readable(self):
        return True

    def read(self, size=-1):
        return next(self._parts, b"")


FORMS = {
    "a recording": WHOLE,
    "a session": WHOLE + WHOLE,
    "a stream": STREAM,
    "a stream with CRLF": STREAM.replace(b"\n", b"\r\n"),
    "a stream with CR": STREAM.replace(b"\n", b"\r"),
    "a stream after blank lines": b"\n\r\n" + STREAM,
    "a stream with a byte order mark": b"\xef\xbb\xbf" + STREAM,
    "a stream of one comment": b": hello",
    "what curl -i prints": HTTP + STREAM,
    "what curl -i prints, several heads": b"HTTP/1.1 100 Continue\r\n\r\n" + HTTP + STREAM,
    "payloads": PAYLOADS,
    "a JSON error": b'{"type":"error","error":{"type":"x"}}',
    "pretty JSON": b'{\n  "type": "error"\n}\n',
    "a page": b"<html>\n</html>",
    "gzip of a recording": gzip.compress(WHOLE),
    "gzip of a body": gzip.compress(STREAM),
    "zstd of a recording": zstd.compress(WHOLE),
    "zstd of a body": zstd.compress(STREAM),
}


@pytest.mark.parametrize("name", ["-", "x.sse", "x.sse.gz"])
@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_how_slowly_the_first_bytes_come_changes_nothing(text, name):
    for slow in (1, 2, 3, 5, 13, 14, len(text)):
        whole, slowly = Reader(io.BytesIO(text), name), Reader(Dribble(text, slow), name)
        assert [(v, whole.line) for v in whole] == [(v, slowly.line) for v in slowly]


@pytest.mark.parametrize("name", ["-", "x.jsonl", "x.sse", "x.txt"])
@pytest.mark.parametrize("text", [b"", b"\n\r\n \t"], ids=["nothing", "blank lines"])
def test_nothing_is_no_recording_wherever_it_comes_from(text, name):
    with pytest.raises(RecordingError, match="is empty: no recording in it"):
        list(Reader(io.BytesIO(text), name))


@pytest.mark.parametrize(
    "text", [STREAM, PAYLOADS, HTTP + STREAM, WHOLE], ids=["stream", "payloads", "http", ""]
)
@pytest.mark.parametrize("name", ["x.jsonl", "x.sse", "x", None, "-"])
def test_what_a_file_is_called_does_not_change_what_it_holds(text, name):
    assert lines(text, name) == lines(text, "y")


@pytest.mark.parametrize("name", ["x.sse", "x.SSE", "x.txt", "-", "x.sse.gz", "x.txt.zst"])
@pytest.mark.parametrize(
    "body",
    [b'{"type":"error"}', b"[1]", b"<html>", b'{"type":"message"}', b"\x1f\x8b", b"{"],
    ids=repr,
)
def test_a_body_that_is_no_stream_is_read_if_the_file_is_named_like_a_body(name, body):
    if name.endswith((".gz", ".zst")):
        text = gzip.compress(body) if name.endswith("gz") else zstd.compress(body)
    else:
        text = body
    head, *blocks, end = lines(text, name)
    assert (head.timed, head.response.status, end) == (False, 200, End(0.0, "complete"))
    assert b"".join(block.raw_bytes for block in blocks) == body


def test_a_bare_stream_has_no_times_and_says_so():
    head, block, comment, end = lines(STREAM)
    assert isinstance(head, Head)
    assert (head.timed, head.response.headers) == (False, {})
    assert head.extra == {"absent": ["end", "headers", "reads", "request", "sent", "times"]}
    assert block == TimedBlock(0.0, "message_start", b'{"type":"message_start"}')
    assert comment == TimedBlock(0.0, None, None, b": keepalive\n\n")
    assert end == End(0.0, "complete")


# Compressed


@pytest.mark.parametrize("name", ["x.jsonl", "x", "-", "x.sse", "x.jsonl.gz", "x.zst", None])
@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
def test_a_compressed_recording_is_read_whatever_it_is_called(name, pack):
    assert lines(pack(WHOLE), name) == [A_HEAD, A_BLOCK, AN_END]


@pytest.mark.parametrize("name", ["x.jsonl", "-", None])
def test_what_curl_i_prints_was_compressed_later_whatever_it_is_called(name):
    assert lines(gzip.compress(HTTP + STREAM), name) == lines(HTTP + STREAM)


@pytest.mark.parametrize("body", [STREAM, PAYLOADS, b"<html>", STREAM[:3]], ids=repr)
@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
def test_a_compressed_body_stays_as_it_came_unless_its_name_says_that_it_is_compressed(pack, body):
    packed = pack(body)
    for name in ("-", "x.sse", "x.txt"):
        head, *blocks, _ = lines(packed, name)
        assert (b"".join(block.raw_bytes for block in blocks), head.timed) == (packed, False)
    assert lines(packed, "x.sse.gz") == lines(body, "x.sse")


def test_of_a_body_that_was_compressed_twice_only_the_name_is_undone():
    once = gzip.compress(STREAM)
    _, *blocks, _ = lines(gzip.compress(once), "x.sse.gz")
    assert b"".join(block.raw_bytes for block in blocks) == once


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
def test_wherever_a_compressed_recording_is_torn_what_stands_before_is_read(pack):
    texts = [HEAD, *(b'{"t":1.5,"event":"a","data":{"n":%d}}\n' % n for n in range(50)), END]
    packed = b"".join(map(pack, texts))  # a member or frame for each line, as a recorder may flush it
    whole = lines(b"".join(texts))
    for size in range(len(pack(HEAD)), len(packed), 7):
        *values, last = lines(packed[:size])
        torn = isinstance(last, Torn)
        assert values + [last] * (not torn) == whole[: len(values) + (not torn)]
    *values, torn = lines(packed[:-1])
    assert (values, torn) == (whole, Torn(b"", len(whole)))


def test_a_torn_compressed_stream_has_no_end():
    values = lines(gzip.compress(STREAM)[:-9], "x.sse.gz")
    assert [type(value) for value in values] == [Head, TimedBlock, TimedBlock, Torn]
    assert [type(value) for value in lines(gzip.compress(PAYLOADS)[:-9], "x.gz")][-1] is Torn


def test_a_compressed_file_that_is_torn_before_its_first_line_holds_nothing():
    with pytest.raises(RecordingError, match="is cut off: no recording in it"):
        lines(gzip.compress(WHOLE)[:10], "x.jsonl.gz")


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
def test_damaged_compressed_data_is_an_error_after_what_stands_before_it(pack):
    values = Reader(io.BytesIO(pack(HEAD + BLOCK) + b"garbage" + pack(END)), "x.jsonl.gz")
    assert [next(values), next(values)] == [A_HEAD, A_BLOCK]
    with pytest.raises(RecordingError, match=r"^x\.jsonl\.gz: the \w+ data is damaged: .* \(after line 2 of"):
        next(values)


def test_zstd_without_a_library_names_the_package(monkeypatch):
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(RecordingError, match=r"^x\.jsonl: is zstd data.*package backports\.zstd"):
        lines(zstd.compress(WHOLE))


# Anything at all

FRAGMENTS = [
    *(
        HEAD,
        BLOCK,
        END,
        NOTE,
        STREAM,
        PAYLOADS,
        HTTP,
        HEAD[:9],
        BLOCK[:-1],
        b"\n",
        b"\r\n",
        b"\x00",
        b"{",
        b"<p>",
    ),
    *(
        b"\xef\xbb\xbf",
        b"HTTP/1.1 ",
        b"event",
        b": c\n\n",
        b'{"type":"ping"',
        b'{"type":7}\n',
        b'{"recording":',
    ),
    *map(gzip.compress, (HEAD, BLOCK, STREAM)),
    *map(zstd.compress, (HEAD, END, STREAM)),
    gzip.compress(WHOLE)[:30],
]


@given(
    st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=4), max_size=6).map(b"".join),
    st.sampled_from([bytes, gzip.compress, zstd.compress]),
    st.integers(0, 40),
    st.sampled_from(["-", "x.jsonl", "x.sse", "x.txt.gz", None]),
)
def test_any_file_is_read_or_refused(text, pack, cut, name):
    data = pack(text)
    data = data[: max(len(data) - cut, 0)] if cut % 2 else data
    values, at = Reader(io.BytesIO(data), name), 0
    try:
        for value in values:
            assert at or isinstance(value, Head)
            assert values.line >= at
            at = values.line
    except RecordingError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"type":"error","error":{"type":"overloaded_error"}}', None),
        (b"event: ping\ndata: {}\n\n", 200),
        (b": hi\n\n", 200),
    ],
)
def test_only_an_event_stream_without_a_head_has_a_known_status(body, status):
    """No other response than one of status 200 is an event stream."""
    (made,) = recordings(io.BytesIO(body))
    head = made.head
    assert (head.status, "status" in head.absent) == (status, status is None)
