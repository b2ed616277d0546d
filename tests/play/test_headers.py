"""Header fields that are played, and those of requests."""

from __future__ import annotations

import pytest

from inspector import Response
from inspector.play.headers import HOP_BY_HOP, header_value, played_headers


def played(headers, status=200, **extra):
    return played_headers(Response(0.5, status, headers, extra=extra or None))


def test_all_fields_but_those_of_the_connection_are_played_in_order():
    of_the_connection = [
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
    assert set(of_the_connection) < HOP_BY_HOP
    headers = {"content-type": "a", "x-b": "c", **dict.fromkeys(of_the_connection, "x"), "request-id": "d"}
    assert played(headers) == [(b"content-type", b"a"), (b"x-b", b"c"), (b"request-id", b"d")]


@pytest.mark.parametrize(
    "headers, status, extra, names",
    [
        ({"content-length": "7"}, 200, {}, ["content-length"]),
        ({"content-length": "x"}, 200, {}, []),
        ({"content-length": "-1"}, 200, {}, []),
        ({"content-length": "9" * 5000}, 200, {}, []),
        ({"content-length": "7"}, 204, {}, []),
        ({"content-length": "7", "content-encoding": "gzip"}, 200, {}, []),
        (
            {"content-length": "7", "content-encoding": "gzip"},
            200,
            {"undecoded": True},
            ["content-length", "content-encoding"],
        ),
    ],
    ids=["true", "no number", "negative", "no length", "no body", "decoded", "not decoded"],
)
def test_a_length_and_a_coding_are_played_if_the_body_is_the_one_they_are_of(headers, status, extra, names):
    assert [name.decode() for name, _ in played(headers, status, **extra)] == names


@pytest.mark.parametrize(
    "size, whole, length",
    [(7, True, "7"), (9, True, "9"), (3, True, "3"), (3, False, "7"), (7, False, "7"), (9, False, None)],
    ids=["true", "a longer body", "a shorter body", "cut", "cut at its end", "cut and longer"],
)
def test_a_length_that_the_body_cannot_have_is_not_played(size, whole, length):
    fields = played_headers(Response(0.5, 200, {"content-length": "7", "x": "y"}), size, whole=whole)
    lengths = [value.decode() for name, value in fields if name == b"content-length"]
    assert lengths == ([length] if length else [])
    assert (b"x", b"y") in fields


def test_a_stream_that_was_saved_without_its_head_gets_the_type_of_a_stream():
    assert played({}) == [(b"content-type", b"text/event-stream")]
    assert played({}, 204) == []
    assert played({"content-length": "x"}) == []


def test_a_value_cannot_begin_another_field():
    assert played({"x": "a\r\nset-cookie: b\x00"}) == [(b"x", b"a set-cookie: b ")]


def test_a_value_is_utf_8():
    assert played({"x": "é\ud800"}) == [(b"x", "é?".encode())]


def test_a_requests_field_is_looked_up_in_any_case():
    headers = [(b"Host", b"x"), (b"X-Inspector-Recording", b"h\xe9"), (b"x-inspector-recording", b"other")]
    assert header_value(headers, "x-inspector-recording") == "hé"
    assert header_value(headers, "x-other") is None
