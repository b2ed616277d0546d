"""Requests out of bytes: every cut, every bound, and garbage."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.serve.access import Access
from inspector.serve.limits import ServerLimits
from inspector.serve.requests import KnownRequests, ParsedRequest, RequestParser

LIMITS = ServerLimits(head=200, body=50)

WIRE = (
    b'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{"a":1}'
    b"GET /v1/models?x=1 HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive\r\n\r\n"
    b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    b"POST /d HTTP/1.0\r\nContent-Length: 0\r\n\r\n"
)
FIRST = WIRE[: WIRE.index(b"GET /v1/models")]
WHAT = [
    ("POST", "/v1/messages", b'{"a":1}', False, True),
    ("GET", "/v1/models?x=1", b"", False, True),
    ("POST", "/c", b"abcde", False, True),
    ("POST", "/d", b"", True, False),
]


def fed(*pieces, known=None):
    parser = RequestParser(LIMITS, known or KnownRequests())
    for piece in pieces:
        parser.feed(memoryview(piece))
    return parser


def taken(parser):
    return [
        (parsed.request.method, parsed.request.url, parsed.request.body, parsed.http_1_0, parsed.keep_alive)
        for parsed in parser.ready
    ]


def test_requests_come_out_in_order():
    parser = fed(WIRE)
    assert taken(parser) == WHAT
    assert parser.ready[0].request.raw_headers == [(b"host", b"x"), (b"content-length", b"7")]
    assert not parser.half
    assert parser.refusal is None


def test_cuts_change_nothing():
    for at in range(1, len(WIRE)):
        assert taken(fed(WIRE[:at], WIRE[at:])) == WHAT
    assert taken(fed(*(WIRE[at : at + 1] for at in range(len(WIRE))))) == WHAT


def test_until_a_request_is_complete_the_parser_is_half_way():
    for at in range(1, len(FIRST)):
        parser = fed(FIRST[:at])
        assert (parser.half, list(parser.ready), parser.refusal) == (True, [], None)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_parser_raise(noise):
    parser = fed(noise)
    assert all(isinstance(each, ParsedRequest) for each in parser.ready)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS client
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"hello?\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
    ],
)
def test_garbage_is_refused_and_nothing_after_it_is_read(garbage):
    parser = fed(FIRST, garbage, WIRE)
    assert taken(parser) == WHAT[:1]
    assert parser.refusal.status == 400
    assert parser.refusal.message.startswith("inspector: this is not an HTTP/1.1 request: ")
    assert not parser.half


def test_a_long_head_is_refused_before_it_ends():
    parser = fed(b"GET / HTTP/1.1\r\n", b"x: " + b"y" * 300)
    assert parser.refusal.status == 431
    assert fed(b"GET / HTTP/1.1\r\nx: " + b"y" * 300 + b"\r\n\r\n").refusal.status == 431
    assert fed(b"GET /" + b"y" * 300).refusal.status == 431


def test_a_short_head_with_much_behind_it_is_not_long():
    assert fed(WIRE).refusal is None
    assert len(WIRE) > LIMITS.head


@pytest.mark.parametrize(
    "head, body",
    [
        (b"Content-Length: 51", b""),
        (b"Transfer-Encoding: chunked", b"33\r\n" + b"x" * 51 + b"\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked", b"19\r\n" + b"x" * 25 + b"\r\n1a\r\n" + b"x" * 26 + b"\r\n"),
    ],
)
def test_a_long_body_is_refused(head, body):
    parser = fed(b"POST / HTTP/1.1\r\n" + head + b"\r\n\r\n" + body)
    assert parser.refusal.status == 413
    assert parser.refusal.type == "request_too_large"
    assert not parser.ready


def test_a_body_of_the_longest_length_passes():
    assert len(fed(b"POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\n" + b"x" * 50).ready) == 1


def test_a_client_that_expects_100_continue_waits_for_it():
    parser = fed(b"POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n")
    assert parser.waits
    parser.feed(b"{}")
    assert not parser.waits
    assert parser.ready[0].request.body == b"{}"


@pytest.mark.parametrize("cut", [None, 20, 90])
def test_an_offer_of_another_protocol_is_ignored(cut):
    wire = (
        b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAMA\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\n\r\n"
    )
    parser = fed(*([wire] if cut is None else [wire[:cut], wire[cut:]]))
    assert taken(parser) == [("POST", "/v1/messages", b"{}", False, True), ("GET", "/", b"", False, True)]


def test_connect_is_refused():
    assert fed(b"CONNECT example.org:443 HTTP/1.1\r\n\r\n").refusal.status == 405


def test_the_first_refusal_counts():
    parser = fed(b"?")
    parser.refuse(408, "timeout_error", "too slow")
    assert parser.refusal.status == 400


def test_a_request_of_the_same_bytes_is_parsed_once():
    known = KnownRequests()
    first, second = (fed(FIRST, known=known).ready[0] for _ in range(2))
    assert first is second


@pytest.mark.parametrize(
    "wire",
    [
        FIRST * 2,
        FIRST[:-1],
        FIRST.replace(b"Host: x", b"Connection: close"),
        FIRST.replace(b"HTTP/1.1", b"HTTP/1.0"),
        FIRST.replace(b"a", b"a" * 60).replace(b": 7", b": 66"),
        b"?",
    ],
    ids=["two", "a part", "the last of its connection", "HTTP/1.0", "refused", "garbage"],
)
def test_only_a_single_whole_request_is_known_by_its_bytes(wire):
    known = KnownRequests()
    before = fed(wire, known=known)
    assert known.get(wire) is None
    again = fed(wire, known=known)
    assert (taken(again), again.half, again.refusal) == (taken(before), before.half, before.refusal)


def test_the_bytes_of_a_known_request_inside_another_one_are_its_body():
    known = KnownRequests()
    fed(FIRST, known=known)
    head = b"POST /outer HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (len(FIRST) - 20)
    parser = fed(head, FIRST[: len(FIRST) - 20], known=known)
    assert taken(parser)[0][1:3] == ("/outer", FIRST[:-20])


def test_the_known_requests_are_bounded():
    known = KnownRequests()
    (parsed,) = fed(FIRST).ready
    known.put(b"x" * 20_000, parsed)
    assert known.get(b"x" * 20_000) is None
    for number in range(200):
        known.put(b"%d" % number + b"x" * 10_000, parsed)
    kept = [number for number in range(200) if known.get(b"%d" % number + b"x" * 10_000)]
    assert kept == list(range(200 - len(kept), 200))
    assert 90 < len(kept) < 110


CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "begin, more",
    [
        (b"2\r\n{}\r\n0\r\n", b"x: 1\r\n"),
        (b"2\r\n{}\r\n0\r\n", b"x" * 10),
        (b"2\r\n{}\r\n0\r\nx: ", b"y" * 10),
        (b"2;", b"x" * 10),
        (b"2", b";x=1"),
    ],
    ids=["trailers", "a trailer's name", "a trailer's value", "an extension", "extensions"],
)
def test_what_stands_around_a_body_and_never_ends_is_refused(begin, more):
    parser = fed(CHUNKED, begin)
    for _ in range(100):
        parser.feed(memoryview(more))
    assert parser.refusal.status == 431
    assert (
        parser.refusal.message
        == "inspector: the request's trailers or chunk extensions are longer than 200 bytes"
    )
    assert not parser.ready


def test_trailers_are_no_header_fields():
    (parsed,) = fed(CHUNKED, b"2\r\n{}\r\n0\r\nX-Inspector-Recording: other\r\n\r\n").ready
    assert parsed.request.raw_headers == [(b"transfer-encoding", b"chunked")]
    assert parsed.request.body == b"{}"


@pytest.mark.parametrize("size", [b"1", b"0000000001"])
def test_a_body_of_the_smallest_chunks_passes(size):
    parser = RequestParser(ServerLimits(head=200, body=5000), KnownRequests())
    parser.feed(CHUNKED)
    for _ in range(5000):
        parser.feed(size + b"\r\nx\r\n")
    parser.feed(b"0\r\n\r\n")
    assert taken(parser) == [("POST", "/", b"x" * 5000, False, True)]


def test_too_many_header_fields_are_refused():
    parser = RequestParser(ServerLimits(), KnownRequests())
    parser.feed(b"GET / HTTP/1.1\r\n" + b"a:\r\n" * 1001 + b"\r\n")
    assert parser.refusal.status == 431


def test_what_a_parser_keeps_of_many_small_chunks_is_bounded():
    parser = RequestParser(ServerLimits(), KnownRequests())
    tracemalloc.start()
    try:
        parser.feed(CHUNKED)
        for _ in range(400):
            parser.feed(b"2\r\nxy\r\n" * 1000)
        assert tracemalloc.get_traced_memory()[0] < 2_000_000
    finally:
        tracemalloc.stop()
    assert parser.half


def test_a_request_that_is_not_admitted_is_refused_at_its_head():
    parser = RequestParser(LIMITS, KnownRequests(), Access())
    parser.feed(b"POST / HTTP/1.1\r\nHost: evil.test\r\nContent-Length: 9\r\n\r\n")
    assert parser.refusal.status == 421


# Requests as a hostile client would make them, out of parts that fit together now and then.

PARTS = st.sampled_from(
    [
        b"GET ",
        b"POST ",
        b"//[",
        b"/",
        b"http://[",
        b"http://x/",
        b"/%zz",
        b"*",
        b"@h/",
        b" HTTP/1.1\r\n",
        b" HTTP/1.0\r\n",
        b"Host: x\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 3\r\n",
        b"Content-Length: 99999999999\r\n",
        b"Connection: close\r\n",
        b"Upgrade: h2c\r\nConnection: upgrade\r\n",
        b"Expect: 100-continue\r\n",
        b"\r\n",
        b"3\r\nabc\r\n",
        b"0\r\n",
        b"0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"1;a=b\r\nx\r\n",
        b"{}",
        b"abc",
        b"x: y\r\n",
        b"\x00",
        b"\xff",
        b" ",
        b"\r",
        b"\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]
)


@settings(max_examples=400)
@given(st.lists(PARTS | st.binary(max_size=3), max_size=30), st.data())
def test_no_request_makes_the_parser_raise_wherever_it_is_cut(parts, data):
    wire = b"".join(parts)
    at = data.draw(st.integers(0, len(wire)))
    whole, cut = (RequestParser(LIMITS, KnownRequests(), Access()) for _ in range(2))
    whole.feed(wire)
    for piece in (wire[:at], wire[at:]):
        if piece:
            cut.feed(piece)
    if whole.refusal is None or whole.refusal.status == 400:
        assert taken(cut) == taken(whole)
        assert (cut.refusal is None) == (whole.refusal is None)
    assert len(taken(cut)) <= len(wire) // 16
