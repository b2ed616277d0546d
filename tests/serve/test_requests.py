"""Requests out of bytes: every cut, every bound, and garbage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.serve.requests import Incoming, Limits, Requests

LIMITS = Limits(head=200, body=50)

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


def fed(*pieces, limits=LIMITS):
    requests = Requests(limits)
    for piece in pieces:
        requests.feed(memoryview(piece))
    return requests


def told(requests):
    return [(r.method, r.target, r.body, r.old, r.keeps) for r in requests.ready]


def test_requests_come_out_in_order():
    requests = fed(WIRE)
    assert told(requests) == WHAT
    assert requests.ready[0].headers == [(b"host", b"x"), (b"content-length", b"7")]
    assert not requests.half
    assert requests.refusal is None


def test_cuts_change_nothing():
    for at in range(1, len(WIRE)):
        assert told(fed(WIRE[:at], WIRE[at:])) == WHAT
    assert told(fed(*(WIRE[at : at + 1] for at in range(len(WIRE))))) == WHAT


def test_half_a_request_is_half():
    for at in range(1, len(FIRST)):
        requests = fed(FIRST[:at])
        assert (requests.half, list(requests.ready), requests.refusal) == (True, [], None)


@given(st.binary(max_size=300))
def test_nothing_raises(noise):
    requests = fed(noise)
    assert all(isinstance(each, Incoming) for each in requests.ready)


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
    requests = fed(FIRST, garbage, WIRE)
    assert told(requests) == WHAT[:1]
    assert requests.refusal.status == 400
    assert requests.refusal.message.startswith("inspector: this is not an HTTP/1.1 request: ")
    assert not requests.half


def test_a_long_head_is_refused_before_it_ends():
    requests = fed(b"GET / HTTP/1.1\r\n", b"x: " + b"y" * 300)
    assert requests.refusal.status == 431
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
    requests = fed(b"POST / HTTP/1.1\r\n" + head + b"\r\n\r\n" + body)
    assert requests.refusal.status == 413
    assert requests.refusal.type == "request_too_large"
    assert not requests.ready


def test_a_body_of_the_longest_length_passes():
    assert len(fed(b"POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\n" + b"x" * 50).ready) == 1


def test_a_client_that_expects_to_be_told_to_go_on_waits():
    requests = fed(b"POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n")
    assert requests.waits
    requests.feed(b"{}")
    assert not requests.waits
    assert requests.ready[0].body == b"{}"


@pytest.mark.parametrize("cut", [None, 20, 90])
def test_an_offer_to_speak_another_protocol_is_ignored(cut):
    wire = (
        b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAMA\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\n\r\n"
    )
    requests = fed(*([wire] if cut is None else [wire[:cut], wire[cut:]]))
    assert told(requests) == [("POST", "/v1/messages", b"{}", False, True), ("GET", "/", b"", False, True)]


def test_connect_is_refused():
    assert fed(b"CONNECT example.org:443 HTTP/1.1\r\n\r\n").refusal.status == 405


def test_the_first_refusal_counts():
    requests = fed(b"?")
    requests.refuse(408, "timeout_error", "too slow")
    assert requests.refusal.status == 400
