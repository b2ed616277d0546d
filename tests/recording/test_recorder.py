"""The read law: the reads come back exactly, with their times, however they were cut and handed over."""

from __future__ import annotations

import io
import itertools
import random

import pytest

from inspector.recording import Head, Recorder, Recording, Request, chunks, dump, recordings

SMALL = {
    "two events": b"event:a\ndata:1\n\ndata:\n\n",
    "CRLF": b"data:1\r\n\r\n:c\r\n\r\n",
    "CR": b"data:1\r\r:c\r\r\r",
    "blank lines": b"\n\r\n\r\r\n\n",
    "unfinished": b"data:1\n\ndata:2\n",
    "bad UTF-8": b"event: \xff\ndata: 1\n\n",
    "not an event stream": b"<html>\n</html>",
}
PLAIN = b"event: a\ndata: 1\n\n"


def record(reads, batch=1, **options):
    recorder = Recorder(**options)
    blocks = []
    for start in range(0, len(reads), batch):
        blocks += recorder.feed(reads[start : start + batch])
    return blocks + recorder.close()


def cut(body, points):
    pieces = [body[a:b] for a, b in itertools.pairwise([0, *points, len(body)])]
    return [((250_000 + number) / 1e6, piece) for number, piece in enumerate(pieces) if piece]


def every_cut(body, most=4):
    for size in range(most + 1):
        for points in itertools.combinations(range(1, len(body)), size):
            yield cut(body, points)
    yield cut(body, range(1, len(body)))


@pytest.mark.parametrize("body", SMALL.values(), ids=SMALL)
def test_the_reads_come_back_exactly_for_every_cut(body):
    for reads in every_cut(body[:16]):
        assert list(chunks(record(reads))) == reads


@pytest.mark.parametrize("body", SMALL.values(), ids=SMALL)
def test_how_reads_are_batched_changes_nothing(body):
    for reads in every_cut(body, most=2):
        one_by_one = record(reads)
        assert all(record(reads, batch) == one_by_one for batch in (2, 3, len(reads)))


@pytest.mark.parametrize("body", SMALL.values(), ids=SMALL)
def test_the_reads_come_back_from_the_file(body):
    for reads in every_cut(body, most=2):
        written = Recording(Head("", Request()), tuple(record(reads)))
        (read,) = recordings(io.BytesIO(b"".join(dump(written))))
        assert read == written
        assert list(read.chunks()) == reads


def test_the_reads_of_a_long_stream_come_back_from_random_cuts_and_batches():
    chance = random.Random(20261121)
    body = b"".join(chance.choices([*SMALL.values(), PLAIN, PLAIN, PLAIN], k=300))
    for _ in range(30):
        points = sorted(chance.sample(range(1, len(body)), k=chance.randrange(1, 300)))
        reads = cut(body, points)
        blocks = record(reads, batch=chance.randrange(1, 20))
        assert list(chunks(blocks)) == reads
        assert b"".join(block.raw_bytes for block in blocks) == body


def test_a_block_has_the_time_of_the_read_that_brought_its_last_byte():
    (block,) = record([(1.0, PLAIN[:5]), (2.0, PLAIN[5:12]), (3.0, PLAIN[12:])])
    assert (block.t, block.cuts) == (3.0, ((5, 1.0), (12, 2.0)))


def test_blocks_of_one_read_share_its_time():
    assert [(b.t, b.cuts) for b in record([(1.0, PLAIN * 3)])] == [(1.0, ())] * 3


def test_a_read_that_brings_a_whole_block_is_no_cut_of_the_next():
    assert [(b.t, b.cuts) for b in record([(1.0, PLAIN), (2.0, PLAIN)])] == [(1.0, ()), (2.0, ())]


def test_a_read_that_ends_one_block_and_begins_the_next_is_a_cut_of_the_next_alone():
    first, second = record([(1.0, PLAIN + PLAIN[:4]), (2.0, PLAIN[4:])])
    assert (first.t, first.cuts) == (1.0, ())
    assert (second.t, second.cuts) == (2.0, ((4, 1.0),))


def test_a_cr_that_may_be_half_a_crlf_has_the_time_it_came_and_not_the_time_it_was_known():
    first, second = record([(1.0, b"data:1\r\r"), (2.0, b"data:2\r\r")])
    assert (first.t, second.t) == (1.0, 2.0)


def test_a_read_of_nothing_leaves_nothing():
    assert list(chunks(record([(1.0, b""), (2.0, PLAIN), (3.0, b"")]))) == [(2.0, PLAIN)]


@pytest.mark.parametrize(
    "times",
    [
        pytest.param([1.0] * 18, id="stands still"),
        pytest.param([18.0 - n for n in range(18)], id="runs backwards"),
        pytest.param([1 + n * 1e-8 for n in range(18)], id="is finer than the file"),
        pytest.param([n % 3 for n in range(18)], id="jumps"),
        pytest.param([-1.0] * 18, id="is before the request"),
    ],
)
def test_times_rise_with_every_read_also_when_the_clock(times):
    reads = [(t, PLAIN[n : n + 1]) for n, t in enumerate(times)]
    back = list(chunks(record(reads)))
    assert [piece for _, piece in back] == [piece for _, piece in reads]
    assert all(a < b for (a, _), (b, _) in itertools.pairwise(back))
    assert back[0][0] >= 0


def test_a_tick_is_the_time_to_the_microsecond_and_later_than_the_one_before():
    recorder = Recorder()
    assert [recorder.tick(t) for t in (0.0, 0.12345678, 0.1, 0.5)] == [0.0, 0.123457, 0.123458, 0.5]


def test_an_end_comes_after_the_last_read():
    recorder = Recorder()
    recorder.feed([(1.0, PLAIN)])
    assert recorder.tick(1.0) > 1.0


def test_a_mask_changes_neither_the_cuts_nor_the_times():
    reads = cut(b"event: a\ndata: secret\n\ndata:secret\r\n\r\n", (3, 17, 20, 30))
    masked = record(reads, mask=lambda text: text.replace(b"secret", b"******"))
    assert b"secret" not in b"".join(piece for _, piece in chunks(masked))
    shape = [(t, len(piece)) for t, piece in reads]
    assert [(t, len(piece)) for t, piece in chunks(masked)] == shape


def test_what_the_decoder_is_still_waiting_for_is_handed_out_at_the_end():
    recorder = Recorder()
    assert recorder.feed([(1.0, b"data: 1\n")]) == []
    assert [block.raw for block in recorder.close()] == [b"data: 1\n"]
    assert recorder.close() == []
