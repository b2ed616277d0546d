"""What `curl` prints, and bare payloads, are read as a recording, in whichever pieces they come."""

from __future__ import annotations

import gzip
import itertools

import pytest
from aws_frame_bytes import frames_of
from streams import GOOD

import inspector
from inspector import sse
from inspector.errors import FormatError
from inspector.recording import End, TimedBlock, Torn, bare, dump_head, parse_line
from inspector.recording.bare import END, bare_values
from inspector.recording.sniffing import Form

STREAM = b'event: a\ndata: {"n":1}\n\n: note\n\ndata: x\ndata: y\n\n'


def read(form, *pieces):
    """The values of a file in these pieces, with their lines."""
    return [(line, value) for line, value in bare_values(form, iter(pieces), "x")]


def body_of(values):
    return b"".join(value.raw_bytes for _, value in values if isinstance(value, TimedBlock))


def places(values):
    """The line of every block, and of the end."""
    return [line for line, value in values if isinstance(value, TimedBlock)], values[-1][0]


def cuts(text):
    for at in range(len(text) + 1):
        yield [text[:at], text[at:]]
    yield [text[i : i + 1] for i in range(len(text))]


# A body


@pytest.mark.parametrize(
    "body, blocks, end",
    [
        pytest.param(STREAM, [1, 4, 6], 8, id="LF"),
        pytest.param(STREAM.replace(b"\n", b"\r\n"), [1, 4, 6], 8, id="CRLF"),
        pytest.param(STREAM.replace(b"\n", b"\r"), [1, 4, 6], 8, id="CR"),
        pytest.param(b"event: a\rdata: 1\n\r\n: b\n\n", [1, 4], 5, id="mixed"),
        pytest.param(b"\n\n" + STREAM, [1, 2, 3, 6, 8], 10, id="blank lines"),
        pytest.param(b"data: 1\n\ndata: 2", [1, 3], 3, id="unfinished in a line"),
        pytest.param(b"data: 1\n\nevent: b\ndata: 2\n", [1, 3], 4, id="unfinished after a line"),
        pytest.param(b"<html>\n\n</html>", [1, 3], 3, id="no stream"),
        pytest.param(b"", [], 1, id="nothing"),
    ],
)
def test_every_block_and_the_end_have_their_line_in_whichever_pieces(body, blocks, end):
    for pieces in cuts(body):
        values = read(Form.STREAM, *pieces)
        assert places(values) == (blocks, end)
        assert body_of(values) == body
        assert values[-1][1] is END


def test_the_blocks_are_those_that_the_decoder_makes_without_times():
    decoder = sse.Decoder()
    blocks = [*decoder.feed(STREAM), decoder.close()]
    expected = [
        TimedBlock(0.0, block.event and block.event.decode(), block.data, block.raw)
        for block in blocks
        if block
    ]
    assert [value for _, value in read(Form.STREAM, STREAM)[1:-1]] == expected


def test_a_name_that_is_not_utf_8_is_shown_and_its_bytes_are_kept():
    (_, block) = read(Form.STREAM, b"event: a\xff\ndata: 1\n\n")[1]
    assert (block.event, block.raw_bytes) == ("a\ufffd", b"event: a\xff\ndata: 1\n\n")


def test_every_bare_response_ends_complete_at_no_time():
    assert End(0.0, "complete") == END


def test_the_head_says_that_the_times_are_not_real_also_in_a_file():
    head = read(Form.STREAM, STREAM)[0][1]
    assert not head.timed
    assert parse_line(dump_head(head)) == head


# What `curl -i` prints

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nRequest-Id: req_1\r\n\r\n"
PROXY = b"HTTP/1.1 200 Connection established\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    "heads, line",
    [
        pytest.param([OK], 1, id="one"),
        pytest.param([CONTINUE, OK], 3, id="after a 100"),
        pytest.param([PROXY, CONTINUE, OK], 5, id="through a proxy"),
        pytest.param([b"\n\r\n", OK], 3, id="after blank lines"),
        pytest.param([OK.replace(b"\r\n", b"\n")], 1, id="saved with LF"),
    ],
)
@pytest.mark.parametrize(
    "body",
    [STREAM, b"", b"HT", b"\nHTTP/1.1 200 OK\r\n\r\n"],
    ids=["a stream", "nothing", "H", "like a head"],
)
def test_the_last_of_several_heads_counts_in_whichever_pieces(heads, line, body):
    before = b"".join(heads)
    for pieces in cuts(before + body):
        values = read(Form.HTTP, *pieces)
        (at, head), *_ = values
        assert (at, head.timed, head.response.status, head.response.http) == (line, False, 200, "HTTP/1.1")
        assert head.response.headers == {"content-type": "text/event-stream", "request-id": "req_1"}
        assert body_of(values) == body
        first = before.count(b"\n") + 1
        assert places(values)[0][:1] == ([first] if body else [])


PACKED = OK.replace(b"Request-Id: req_1", b"Content-Encoding: gzip")
MEMBERS = gzip.compress(STREAM[:20]), gzip.compress(STREAM[20:])
SEVERAL = END._replace(extra={"several_members": True})


@pytest.mark.parametrize(
    ("body", "held", "end"),
    [
        pytest.param(gzip.compress(STREAM), STREAM, END, id="gzip"),
        pytest.param(STREAM, STREAM, END, id="already decoded"),
        pytest.param(b"", b"", END, id="nothing"),
        pytest.param(b"\x1f", b"\x1f", END, id="a byte"),
        pytest.param(gzip.compress(STREAM) + b"junk", STREAM, END, id="junk behind it"),
        pytest.param(gzip.compress(STREAM) + gzip.compress(b""), STREAM, END, id="an empty member behind it"),
        pytest.param(b"".join(MEMBERS), STREAM, SEVERAL, id="two members"),
        pytest.param(gzip.compress(STREAM)[:-8], STREAM, END, id="cut in its trailer"),
    ],
)
def test_a_gzip_body_is_decoded_if_its_head_says_gzip_in_whichever_pieces(body, held, end):
    for pieces in cuts(PACKED + body):
        values = read(Form.HTTP, *pieces)
        assert (body_of(values), values[-1][1]) == (held, end)
    assert body_of(read(Form.HTTP, OK + body)) == body


def test_a_gzip_body_that_is_damaged_ends_with_the_reason():
    damaged = bytearray(gzip.compress(STREAM * 50))
    damaged[40] ^= 0xFF
    (*_, (_, end)) = read(Form.HTTP, PACKED + bytes(damaged))
    assert end.error.startswith("DecodingError: the gzip data is damaged: ")


def test_headers_are_those_that_a_recording_keeps():
    lines = [b"HTTP/2 429 ", b"Set-Cookie: a=1", b"retry-after: 3", b"via: a", b"Via: b", b"empty:", b"odd"]
    (_, head), *_ = read(Form.HTTP, b"\r\n".join([*lines, b"", b"{}"]))
    response = head.response
    assert (response.status, response.http, response.t) == (429, "HTTP/2", 0.0)
    assert (response.headers, response.withheld) == ({"retry-after": "3", "via": "a, b"}, ("set-cookie",))


@pytest.mark.parametrize(
    "text, status, headers",
    [
        (b"HTTP/1.1 200 OK\r\nRetry-After: 1\r\nVi", 200, {"retry-after": "1"}),
        (b"HTTP/1.1 200 OK", 200, {}),
        (b"HTTP/1.1", 0, {}),
        (b"HTTP/1.1 abc\r\n\r\n", 0, {}),
        ("HTTP/1.1 \u00b2\u00b2\u00b2\r\n\r\n".encode("latin-1"), 0, {}),
    ],
)
def test_a_head_that_breaks_off_or_is_odd_is_read_as_far_as_it_goes(text, status, headers):
    for pieces in cuts(text):
        (_, head), (_, end) = read(Form.HTTP, *pieces)
        assert (head.response.status, head.response.headers, end) == (status, headers, END)


def test_the_end_of_a_response_without_a_body_is_at_the_last_line_of_its_head():
    assert read(Form.HTTP, OK)[-1] == (4, END)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\na: b"])
def test_the_end_of_a_head_that_breaks_off_is_at_its_last_line(head):
    assert [line for line, _ in read(Form.HTTP, b"\n" + head)] == [2, 1 + len(head.splitlines())]


def test_heads_without_an_end_are_a_body():
    endless = itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"x" * 65_535 + b":\n", 20))
    values = read(Form.HTTP, *endless)
    assert body_of(values).startswith(b"HTTP/1.1 200 OK\r\n")
    assert values[0][1].response.status == 200


# Payloads


def payloads(text):
    return read(Form.PAYLOADS, text)


def test_each_payload_is_an_event_that_its_type_names():
    text = b'{"type":"ping"}\r\n\n{"n":1.10, "type":"x y"   }\n'
    assert payloads(text)[1:] == [
        (1, TimedBlock(0.0, "ping", b'{"type":"ping"}')),
        (3, TimedBlock(0.0, "x y", b'{"n":1.10, "type":"x y"   }')),
        (3, END),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"[DONE]",
        b"7",
        b"[1]",
        b'{"a":1}',
        b'{"type":7}',
        b'{"type":""}',
        b'{"type":"a\\nb"}',
        b'{"type":"\\ud800"}',
    ],
    ids=repr,
)
def test_a_payload_without_a_type_is_an_event_without_a_name(line):
    (_, block) = payloads(b'{"type":"ping"}\n' + line + b"\n")[2]
    assert block == TimedBlock(0.0, None, line, b"data: " + line + b"\n\n")


def test_a_byte_order_mark_before_payloads_is_the_editors_own():
    text = b'{"type":"ping"}\n{"type":"message_stop"}\n'
    assert payloads(b"\xef\xbb\xbf" + text) == payloads(text)


@pytest.mark.parametrize("line", [b'{"type":"ping"', b'{"type":"pi', b"\x00\x00"])
def test_a_last_line_that_breaks_off_is_torn_and_there_is_no_end(line):
    assert payloads(b'{"type":"ping"}\n' + line)[2:] == [(2, Torn(line, 2))]


def test_a_last_line_that_is_whole_needs_no_line_end():
    assert payloads(b'{"type":"ping"}\n{"a":1}')[2:] == [
        (2, TimedBlock(0.0, None, b'{"a":1}', b'data: {"a":1}\n\n')),
        (2, END),
    ]


def test_a_line_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(bare, "LINE_LIMIT", 1 << 20)
    with pytest.raises(FormatError, match=r"^x:2: a line of more than 1 MiB"):
        payloads(b'{"type":"ping"}\n"' + b"x" * (1 << 20) + b'"\n')


def test_a_head_that_names_the_frames_of_aws_is_followed_by_frames(tmp_path):
    file = tmp_path / "curl.txt"
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\n\r\n"
    file.write_bytes(head + b"".join(frames_of(GOOD)))
    recording = inspector.load(file)
    assert [event.name for event in recording.events()] == [
        block.event.decode() for block in sse.Decoder().feed(GOOD)
    ]
    assert recording.body == b"".join(frames_of(GOOD))
