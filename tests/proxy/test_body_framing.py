"""Where bodies end: at every cut, beside a second parser, and with nothing guessed."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.proxy.body_framing import Chunked, Empty, OfLength, UntilClose

CHUNKED = b'5\r\nab\r\nc\r\n00A;x="y"\t\r\n0123456789\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n'


def fed(body, pieces):
    """Feed a body piece by piece: its content, and how many bytes belong to it."""
    content, used = [], 0
    for piece in pieces:
        held, size = body.feed(piece)
        content.append(held)
        used += size
    return b"".join(content), used


def cut(wire, at):
    return [wire[a:b] for a, b in zip([0, *at], [*at, len(wire)], strict=True)]


@pytest.mark.parametrize("at", range(len(CHUNKED) + 1))
@pytest.mark.parametrize("rest", [b"", b"HTTP/1.1 200 OK\r\n"])
def test_chunks_are_the_same_wherever_a_read_is_cut(at, rest):
    body = Chunked()
    assert fed(body, cut(CHUNKED + rest, [at])) == (b"ab\r\nc0123456789", len(CHUNKED))
    assert (body.done, body.error) == (True, None)


def test_one_byte_at_a_time():
    body = Chunked()
    assert fed(body, [bytes([byte]) for byte in CHUNKED])[0] == b"ab\r\nc0123456789"
    assert body.done


@given(st.lists(st.binary(min_size=1, max_size=50)), st.sets(st.integers(0, 400)))
def test_h11_reads_the_same(pieces, cuts):
    wire = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    reads = cut(wire, sorted(at for at in cuts if at <= len(wire)))
    assert fed(Chunked(), reads) == (b"".join(pieces), len(wire))
    other = h11.Connection(h11.CLIENT)
    other.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    other.send(h11.EndOfMessage())
    other.receive_data(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + wire)
    content, event = [], other.next_event()
    while not isinstance(event, h11.EndOfMessage):
        content += [bytes(event.data)] if isinstance(event, h11.Data) else []
        event = other.next_event()
    assert b"".join(content) == b"".join(pieces)


@pytest.mark.parametrize(
    "wire",
    [
        b"5\nabcde\r\n",
        b"+5\r\nabcde\r\n",
        b"0x5\r\nabcde\r\n",
        b" 5\r\nabcde\r\n",
        b"5 \r\nabcde\r\n",
        b"\r\nabc",
        b"5\r\nabcdefgh\r\n",
        b"5\r\nabcde\n0\r\n\r\n",
        b"5;a\rb\r\nabcde\r\n",
        b"5;a\nb\r\nabcde\r\n",
        b"10000000000000000\r\n",
        b"5;" + b"x" * 9000,
        b"0\r\nGET / HTTP/1.1\r\n\r\n",
        b"0\r\n X: folded\r\n\r\n",
        b"0\r\n" + b"X: %b\r\n" % (b"y" * 8000) * 9,
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_what_could_be_read_in_two_ways_is_an_error(wire, size):
    body = Chunked()
    _, used = fed(body, [wire[at : at + size] for at in range(0, len(wire), size)])
    assert body.error
    assert not body.done
    assert used < len(wire)


def test_a_length_counts_bytes():
    body = OfLength(5)
    assert (body.done, body.missing()) == (False, "received 0 bytes, expected 5")
    assert body.feed(b"abc") == (b"abc", 3)
    assert body.feed(b"defg") == (b"de", 2)
    assert (body.done, body.missing(), body.length) == (True, None, 5)
    assert OfLength(0).done


def test_what_is_missing_at_the_end_of_the_connection():
    assert Chunked().missing() == "incomplete chunked read"
    assert UntilClose().missing() is None
    assert Empty().missing() is None


def test_a_body_until_the_end_of_the_connection_takes_everything():
    body = UntilClose()
    assert body.feed(b"abc") == (b"abc", 3)
    assert not body.done


@pytest.mark.parametrize("at", range(len(CHUNKED)))
def test_where_the_end_begins_in_the_last_read(at):
    """With the last chunk's line, or with the read if that line came before."""
    body, last = Chunked(), CHUNKED.index(b"0\r\nX-Sum")
    for piece in cut(CHUNKED, [at]):
        body.feed(piece)
    assert body.ending == max(last - at, 0)
