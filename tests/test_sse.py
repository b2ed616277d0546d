"""The laws of `inspector.sse`, over every input of a small alphabet and every way to cut it."""

from __future__ import annotations

import itertools
import random
import tracemalloc

import pytest

from inspector import sse


def decode(chunks, **options):
    decoder = sse.Decoder(**options)
    blocks = [block for chunk in chunks for block in decoder.feed(chunk)]
    tail = decoder.close()
    return blocks + ([tail] if tail else [])


def cuts(body):
    """Every way to cut `body` in two, and one byte at a time."""
    yield [body]
    for at in range(1, len(body)):
        yield [body[:at], body[at:]]
    yield [body[i : i + 1] for i in range(len(body))]


def standard(body):
    """The dispatch algorithm of the standard, transcribed step by step, on decoded lines.

    Returns (event name or None, data) for every event dispatched.
    """
    text = body.decode("latin-1").removeprefix("\xef\xbb\xbf")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    events, name, data = [], "", ""
    for line in text.split("\n")[:-1]:
        if line == "":
            if data != "":
                events.append((name or None, data.removesuffix("\n")))
            name, data = "", ""
        elif line.startswith(":"):
            continue
        else:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data += value + "\n"
    return events


def dispatched(blocks):
    decode = lambda b: b if b is None else b.decode("latin-1")  # noqa: E731
    return [(decode(b.event), decode(b.data)) for b in blocks if b.data is not None]


ALPHABET = [b"\n", b"\r", b"event: a", b"data: 1", b"data:", b":c"]


@pytest.mark.parametrize("length", range(7))
def test_every_small_input_is_kept_whole_and_dispatches_what_the_standard_says(length):
    for parts in itertools.product(ALPHABET, repeat=length):
        body = b"".join(parts)
        blocks = decode([body])
        assert b"".join(b.raw_bytes for b in blocks) == body
        assert dispatched(blocks) == standard(body), body


@pytest.mark.parametrize("length", range(6))
def test_every_cut_of_every_small_input_gives_the_same_blocks(length):
    for parts in itertools.product(ALPHABET, repeat=length):
        body = b"".join(parts)
        whole = decode([body])
        for chunks in cuts(body):
            assert decode(chunks) == whole, chunks


@pytest.mark.parametrize("length", range(8))
def test_the_laws_hold_with_a_limit_on_the_length_of_a_block(length):
    for parts in itertools.product([b"\n", b"\r", b"x", b"data:1"], repeat=length):
        body = b"".join(parts)
        whole = decode([body], limit=5)
        assert b"".join(b.raw_bytes for b in whole) == body
        assert all(len(b.raw_bytes) <= 5 for b in whole)
        for chunks in cuts(body):
            assert decode(chunks, limit=5) == whole, (chunks, whole)


def test_random_bytes_cut_at_random_give_the_same_blocks_as_whole():
    chance = random.Random(20261121)
    parts = [
        *ALPHABET,
        b"event: a\ndata: {}\n\n",
        b"\r\n",
        b"\xef\xbb\xbf",
        b"\x00",
        "\u2028".encode(),
        b"id: 1\n",
        b" ",
    ]
    for _ in range(3000):
        body = b"".join(chance.choices(parts, k=chance.randrange(30)))
        whole = decode([body])
        points = sorted(chance.choices(range(len(body) + 1), k=chance.randrange(8)))
        chunks = [body[a:b] for a, b in itertools.pairwise([0, *points, len(body)])]
        assert decode(chunks) == whole
        assert b"".join(b.raw_bytes for b in whole) == body
        assert dispatched(whole) == standard(body)


@pytest.mark.parametrize(
    "body, event, data",
    [
        pytest.param(b"event: a\ndata: 1\n\n", b"a", b"1", id="plain"),
        pytest.param(b"event: a\r\ndata: 1\r\n\r\n", b"a", b"1", id="crlf"),
        pytest.param(b"event: a\rdata: 1\r\r", b"a", b"1", id="cr"),
        pytest.param(b"event:a\ndata:1\n\n", b"a", b"1", id="no space"),
        pytest.param(b"event:  a\ndata:  1\n\n", b" a", b" 1", id="one space is taken off, not two"),
        pytest.param(b"data: 1\n\n", None, b"1", id="unnamed"),
        pytest.param(b"event: a\ndata: 1\ndata: 2\n\n", b"a", b"1\n2", id="several data lines"),
        pytest.param(b"data: 1\nevent: a\nevent: b\n\n", b"b", b"1", id="the last name wins"),
        pytest.param(b"\xef\xbb\xbfevent: a\ndata: 1\n\n", b"a", b"1", id="byte order mark"),
        pytest.param("event: a\ndata: x\u2028y\n\n".encode(), b"a", "x\u2028y".encode(), id="U+2028 is text"),
        pytest.param(b"event: \ndata: 1\n\n", None, b"1", id="an empty name is none"),
        pytest.param(b"event: a\ndata\n\n", b"a", b"", id="a data line without a value"),
        pytest.param(b"event: a\n\n", None, None, id="no data, no event"),
        pytest.param(b": hello\n\n", None, None, id="comment"),
        pytest.param(b"event: a\ndata: 1\n", None, None, id="unfinished"),
    ],
)
def test_one_block(body, event, data):
    for chunks in cuts(body):
        (block,) = decode(chunks)
        assert (block.event, block.data, block.raw_bytes) == (event, data, body)


def test_a_plain_block_keeps_no_second_copy_of_its_bytes():
    (block,) = decode([b"event: a\ndata: 1\n\n"])
    assert block.raw == b""


def test_a_block_is_handed_out_with_the_read_that_ends_it():
    decoder = sse.Decoder()
    assert decoder.feed(b"event: a\ndata: 1\n") == []
    assert [b.data for b in decoder.feed(b"\n")] == [b"1"]
    assert decoder.pending == 0


def test_a_byte_order_mark_is_one_only_at_the_start():
    for chunks in cuts(b"event: a\ndata: 1\n\n\xef\xbb\xbfevent: b\ndata: 2\n\n"):
        assert dispatched(decode(chunks)) == [("a", "1"), (None, "2")]


def test_fields_lists_comments_ids_and_unknown_fields():
    raw = b": note\r\nid: 7\nretry:10\nodd\n"
    assert list(sse.fields(raw)) == [(b"", b"note"), (b"id", b"7"), (b"retry", b"10"), (b"odd", b"")]


@pytest.mark.parametrize(
    "raw, finished",
    [
        (b"a\n\n", True),
        (b"\n", True),
        (b"a\r\n\r\n", True),
        (b"a\n", False),
        (b"a", False),
        (b"a\n\nb\n\n", False),
    ],
)
def test_a_block_is_finished_by_one_blank_line(raw, finished):
    assert sse.is_finished(raw) is finished


def test_the_unfinished_tail_is_joined_once_and_not_once_a_read():
    class Counting(sse.Decoder):
        joins = 0

        def _take(self):
            Counting.joins += 1
            return super()._take()

    decoder = Counting()
    body = b"event: a\ndata: " + b"x" * 20_000 + b"\n\n"
    blocks = [block for i in range(len(body)) for block in decoder.feed(body[i : i + 1])]
    assert len(blocks) == 1
    assert Counting.joins == 1


@pytest.mark.parametrize("line", [b"data: x\n", b":\n", b"data\r\n", b"a:b\n"], ids=repr)
def test_a_block_of_many_lines_takes_no_memory_for_each_line(line):
    raw = line * 50_000 + b"\n"
    tracemalloc.start()
    sse.parse(raw)
    assert sum(1 for _ in sse.fields(raw)) == 50_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * len(raw) + 100_000


def test_every_blank_line_is_a_block():
    for body, blank in ((b"\n" * 1000, b"\n"), (b"\r\n" * 1000, b"\r\n")):
        assert [block.raw for block in decode([body])] == [blank] * 1000
