"""Heads of messages: read strictly, and passed on as they came."""

from __future__ import annotations

import httptools
import pytest

from inspector.proxy.body_framing import Chunked, Empty, OfLength, UntilClose
from inspector.proxy.message_heads import HeadError, parse_request, parse_response, passed_on


def request(*lines, first=b"POST /v1?a=b HTTP/1.1", host=b"Host: a"):
    return b"\r\n".join([first, *([host] if host else []), *lines, b"", b""])


def response(*lines, first=b"HTTP/1.1 200 OK"):
    return b"\r\n".join([first, *lines, b"", b""])


def test_a_request_is_read_as_it_came():
    head = parse_request(request(b"X-a:  b c \t", b"x-A:", first=b"BREW /\xc3\xa9?%20 HTTP/1.1"))
    assert (head.method, head.target, head.http_1_0) == ("BREW", "/Ã©?%20", False)
    assert head.fields == [(b"Host", b"a"), (b"X-a", b"b c"), (b"x-A", b"")]


def test_a_response_is_read_as_it_came():
    head = parse_response(response(b"A: \xff", first=b"HTTP/1.0 529 Over\tloaded \xe9"))
    assert (head.status, head.reason, head.http_1_0) == (529, b"Over\tloaded \xe9", True)
    assert head.fields == [(b"A", b"\xff")]
    assert parse_response(response(first=b"HTTP/1.1 200")).reason == b""


SMUGGLED = {
    "two framings": request(b"Content-Length: 3", b"Transfer-Encoding: chunked"),
    "two lengths": request(b"Content-Length: 3", b"Content-Length: 3"),
    "a list of lengths": request(b"Content-Length: 3, 3"),
    "a signed length": request(b"Content-Length: +3"),
    "a hexadecimal length": request(b"Content-Length: 0x3"),
    "no length": request(b"Content-Length:"),
    "another coding": request(b"Transfer-Encoding: gzip, chunked"),
    "an unknown coding": request(b"Transfer-Encoding: xchunked"),
    "two codings": request(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    "chunks in HTTP/1.0": request(b"Transfer-Encoding: chunked", first=b"POST / HTTP/1.0"),
    "a folded line": request(b"X: a", b" b"),
    "a folded first line": request(b" X: a"),
    "a space before the colon": request(b"Transfer-Encoding : chunked"),
    "a space before the name": request(b" Transfer-Encoding: chunked"),
    "no colon": request(b"X"),
    "no name": request(b": x"),
    "a bare LF": request(b"X: a\nY: b"),
    "a bare CR": request(b"X: a\rY: b"),
    "a NUL": request(b"X: a\0b"),
    "no host": request(host=b""),
    "two hosts": request(b"Host: b"),
    "a space in the target": request(first=b"GET /a b HTTP/1.1"),
    "two spaces": request(first=b"GET  / HTTP/1.1"),
    "a tab": request(first=b"GET\t/ HTTP/1.1"),
    "HTTP/0.9": request(first=b"GET /"),
    "HTTP/2.0": request(first=b"GET / HTTP/2.0"),
    "HTTP/1.10": request(first=b"GET / HTTP/1.10"),
    "TLS": b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n",
    "a thousand fields": request(*[b"X: a"] * 1001),
}


@pytest.mark.parametrize("head", SMUGGLED.values(), ids=SMUGGLED)
def test_what_two_programs_may_understand_differently_is_refused(head):
    with pytest.raises(HeadError):
        parse_request(head).body()


LLHTTP_TAKES = {
    "no host",
    "two hosts",
    "another coding",
    "an unknown coding",
    "two codings",
    "chunks in HTTP/1.0",
    "two spaces",
    "HTTP/0.9",
    "HTTP/2.0",
    "a thousand fields",
}
"""What this proxy refuses, and a server may take."""


@pytest.mark.parametrize("name", sorted(SMUGGLED.keys() - LLHTTP_TAKES))
def test_llhttp_refuses_it_too(name):
    with pytest.raises(httptools.HttpParserError):
        httptools.HttpRequestParser(object()).feed_data(SMUGGLED[name])


@pytest.mark.parametrize(
    "head",
    [
        response(b"Content-Length: 3", b"Content-Length: 4"),
        response(b"Content-Length: 3, 4"),
        response(b"Content-Length:"),
        response(b"Transfer-Encoding: gzip"),
        response(first=b"HTTP/2 200 OK"),
        response(first=b"ICY 200 OK"),
        response(first=b"HTTP/1.1 20 OK"),
        response(first=b"HTTP/1.1 099 OK"),
        response(b"X: a\rY: b"),
        response(b"X: a\0b"),
        response(b"X"),
        response(*[b"X: a"] * 1001),
        b"garbage\r\n\r\n",
    ],
)
def test_a_response_without_one_meaning_is_refused(head):
    with pytest.raises(HeadError):
        parse_response(head).body("GET")


PLAIN = response(b"X: a b", b"Y: c", b"Transfer-Encoding: chunked")


@pytest.mark.parametrize(
    "head",
    [
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN.replace(b"c\r\n", b"c\n"),
        PLAIN.replace(b"a b", b"a\r\n \t b"),
        PLAIN.replace(b"a b", b"a\n b"),
        PLAIN.replace(b"OK\r\n", b"OK\r\n Z: ignored\r\n"),
        PLAIN.replace(b"X:", b"X \t:"),
    ],
)
def test_a_response_of_one_meaning_is_read(head):
    """RFC 9112: 2.2 for line ends and what stands before the first field, 5.2 for folds, 5.1 for spaces."""
    assert parse_response(head) == parse_response(PLAIN)


def test_chunks_count_before_a_length_and_end_the_connection():
    head = parse_response(response(b"Content-Length: 3", b"Transfer-Encoding: chunked"))
    assert isinstance(head.body("GET"), Chunked)
    assert not head.keep_alive
    assert [name for name, _ in head.fields] == [b"Content-Length", b"Transfer-Encoding"]


def test_a_length_that_is_said_twice_is_one():
    for fields in ([b"Content-Length: 3, 3"], [b"Content-Length: 3", b"content-length: 3"]):
        assert parse_response(response(*fields)).body("GET").length == 3


def test_a_long_field_of_spaces_takes_no_longer_than_others():
    head = response(b"X: a" + b" " * 200_000 + b"b", b"Y: c" + b" " * 40_000)
    assert [len(value) for _, value in parse_response(head).fields] == [200_002, 1]


def test_how_a_body_of_a_request_is_framed():
    assert isinstance(parse_request(request()).body(), Empty)
    assert parse_request(request(b"content-length: 3")).body().length == 3
    assert isinstance(parse_request(request(b"Transfer-Encoding: CHUNKED")).body(), Chunked)


@pytest.mark.parametrize(
    "fields, method, status, kind",
    [
        ([b"Content-Length: 3"], "GET", 200, OfLength),
        ([b"Transfer-Encoding: chunked"], "GET", 500, Chunked),
        ([], "POST", 200, UntilClose),
        ([b"Content-Length: 3"], "HEAD", 200, Empty),
        ([b"Content-Length: 3"], "GET", 304, Empty),
        ([], "GET", 204, Empty),
    ],
)
def test_how_a_body_of_a_response_is_framed(fields, method, status, kind):
    head = parse_response(response(*fields, first=b"HTTP/1.1 %d X" % status))
    assert isinstance(head.body(method), kind)


def test_which_connections_can_be_used_again():
    assert parse_request(request()).keep_alive
    assert not parse_request(request(b"Connection: a, Close")).keep_alive
    assert not parse_request(request(first=b"GET / HTTP/1.0")).keep_alive
    assert parse_response(response(b"Keep-Alive: max=5, timeout=7")).keep_alive_seconds == 7
    assert parse_response(response(b"Keep-Alive: timeout=x")).keep_alive_seconds is None
    assert not parse_response(response(b"connection: close")).keep_alive


def test_repeated_fields_stay_in_their_order():
    fields = [(b"A", b"1"), (b"b", b"2"), (b"a", b"3")]
    assert passed_on(fields) == fields


def test_fields_of_one_connection_do_not_pass_and_the_framing_does():
    fields = [
        (b"Connection", b"X-Mine, Content-Length, close"),
        (b"x-mine", b"1"),
        (b"Content-Length", b"3"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Keep-Alive", b"1"),
        (b"TE", b"trailers"),
        (b"Proxy-Authorization", b"x"),
        (b"Upgrade", b"h2c"),
        (b"Trailer", b"X-Sum"),
    ]
    kept = [b"Content-Length", b"Transfer-Encoding", b"Trailer"]
    assert [name for name, _ in passed_on(fields)] == kept
