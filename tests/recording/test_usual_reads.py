"""The law of `Recorder.dump`: its lines are those of the blocks that `feed` returns, for any reads."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.recording import Recorder, dump_blocks
from inspector.recording.dumping import dump_usual
from inspector.redact import Mask
from inspector.sse import BLOCK_LIMIT

KEY = b"sk-ant-api03-" + b"Abc123_-" * 5
SECRET = "hush-hush-0123456789"
MASK = Mask([("x-api-key", SECRET)])
PLAIN = b'event: a\ndata: {"n":1}\n\n'

READS = {
    "usual": PLAIN,
    "several usual": PLAIN * 3,
    "padded": b'event: content_block_delta\ndata: {"a":"\xc3\xa9"   }\n\n',
    "other names": b"event: a.b-c_D9\ndata: {}\n\n",
    "half a block": PLAIN[:9],
    "the other half": PLAIN[9:],
    "a block and a half": PLAIN + PLAIN[:20],
    "a line end": b"\n",
    "CRLF": PLAIN.replace(b"\n", b"\r\n"),
    "CR as JSON space": b'event: a\ndata: {"n":\r1}\n\n',
    "a lone CR": b"\r",
    "BOM": b"\xef\xbb\xbf" + PLAIN,
    "comment": b": keepalive\n\n" + PLAIN,
    "a comment between usual blocks": PLAIN + b": keepalive\n\n" + PLAIN,
    "unnamed": b'data: {"n":1}\n\n',
    "a name to escape": b'event: "\\\ndata: {}\n\n',
    "a name that is not UTF-8": b"event: \xff\ndata: {}\n\n",
    "a number": b"event: a\ndata: 1\n\n",
    "an array": b"event: a\ndata: [1]\n\n",
    "a blank before": b"event: a\ndata:  {}\n\n",
    "a blank behind": b"event: a\ndata: {} \n\n",
    "no JSON": PLAIN + b"event: a\ndata: {n}\n\n",
    "JSON in two blocks": b'event: a\ndata: {"n":[1\n\nevent: a\ndata: 2]}\n\n',
    "two values": b"event: a\ndata: {}{}\n\n",
    "not UTF-8": b'event: a\ndata: {"n":"\xff"}\n\n',
    "a lone surrogate": b'event: a\ndata: {"n":"\\ud800"}\n\n',
    "two data lines": b"event: a\ndata: {\ndata: }\n\n",
    "an id": b"id: 1\n" + PLAIN,
    "no data": b"event: a\n\n",
    "nested deeply": b'event: a\ndata: {"n":%b%b}\n\n' % (b"[" * 300, b"]" * 300),
    "nested deeply, with another": PLAIN + b'event: a\ndata: {"n":%b%b}\n\n' % (b"[" * 300, b"]" * 300),
    "many brackets": b'event: a\ndata: {"n":"%b"}\n\n' % (b"[" * 300),
    "long": b'event: a\ndata: {"n":"%b"}\n\n' % (b"x" * 300),
    "a key": b'event: a\ndata: {"n":"%b"}\n\n' % KEY,
    "half a key": b'event: a\ndata: {"n":"%b' % KEY[:30],
    "the rest of the key": b'%b"}\n\n' % KEY[30:],
    "the secret of a header": b'event: a\ndata: {"n":"%b"}\n\n' % SECRET.encode(),
    "empty": b"",
    "an HTML page": b"<html>\n</html>",
}


def batches(chunks, sizes):
    """Cut reads, a millisecond apart, into batches of these sizes."""
    reads = iter([(number / 1e3, chunk) for number, chunk in enumerate(chunks)])
    return [list(itertools.islice(reads, size)) for size in [*sizes, len(chunks)]]


def dumped(batches):
    recorder = Recorder(MASK)
    lines = b"".join(itertools.chain.from_iterable(recorder.dump(batch) for batch in batches))
    return lines, recorder.close()


def fed(batches):
    recorder = Recorder(MASK)
    lines = b"".join(itertools.chain.from_iterable(dump_blocks(recorder.feed(batch)) for batch in batches))
    return lines, recorder.close()


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_read_between_usual_ones_gives_the_same_lines(name, size):
    for chunks in ([READS[name]], [PLAIN, READS[name], PLAIN, PLAIN], [PLAIN, PLAIN[:5], READS[name], PLAIN]):
        reads = batches(chunks, [size] * len(chunks))
        assert dumped(reads) == fed(reads)


@given(
    st.lists(st.sampled_from(list(READS.values())) | st.binary(max_size=20), max_size=12),
    st.lists(st.integers(min_value=0, max_value=5), max_size=6),
)
def test_any_reads_in_any_batches_give_the_same_lines(chunks, sizes):
    reads = batches(chunks, sizes)
    assert dumped(reads) == fed(reads)


def test_every_cut_of_usual_blocks_gives_the_same_lines():
    body = PLAIN * 3
    for points in itertools.combinations(range(1, len(body)), 2):
        chunks = [body[a:b] for a, b in itertools.pairwise([0, *points, len(body)])]
        reads = batches(chunks, [2])
        assert dumped(reads) == fed(reads)


def test_a_real_stream_gives_the_same_lines(corpus_stream):
    body = corpus_stream.read_bytes()
    chunks = [block + b"\n\n" for block in body.split(b"\n\n")]
    for number in (1, 8):
        joined = [b"".join(chunks[at : at + number]) for at in range(0, len(chunks), number)]
        reads = batches(joined, [3, 1, 50])
        assert dumped(reads) == fed(reads)


def test_clocks_that_stop_give_the_same_lines():
    reads = [[(1.0, PLAIN), (1.0, PLAIN[:5]), (0.5, PLAIN[5:]), (1.0, PLAIN * 2)], [(1.0, PLAIN)]]
    assert dumped(reads) == fed(reads)


def test_usual_reads_take_the_short_way():
    for name in ("usual", "several usual", "padded", "other names", "long"):
        assert dump_usual(1.0, READS[name]) is not None
    assert dump_usual(1.5, PLAIN * 2) == b'{"t":1.500000,"event":"a","data":{"n":1}}\n' * 2


def test_a_read_that_the_decoder_would_cut_takes_the_long_way():
    longest = b'event: a\ndata: {"n":"%b"}\n\n' % (b"x" * (BLOCK_LIMIT - 25))
    assert len(longest) == BLOCK_LIMIT
    assert dump_usual(1.0, longest) is not None
    assert dump_usual(1.0, longest.replace(b"x", b"xx", 1)) is None
