"""Faults of the connection and of HTTP: ends, lengths, codings, errors."""

from __future__ import annotations

import json
import zlib

import pytest
from edited import edit, load

from inspector import faults
from inspector.recording import Ending


@pytest.mark.parametrize(
    ("fault", "how", "wait"),
    [
        ("cut-clean", Ending.COMPLETE, 0),
        ("cut-fin", Ending.CUT, 0),
        ("cut-rst", Ending.RESET, 0),
        ("cut-rst=2s", Ending.RESET, 2),
        ("cut-mid-frame", Ending.COMPLETE, 0),
        ("cut-mid-frame=fin", Ending.CUT, 0),
        ("cut-mid-frame=rst", Ending.RESET, 0),
    ],
)
def test_a_cut_ends_the_recording_when_the_next_event_would_have_come(fault, how, wait):
    at = list(load("hello").events())[23]
    edited = edit("hello", fault)
    assert edited.end.how is how
    assert edited.end.t == pytest.approx(at.t + wait, abs=1e-5)


@pytest.mark.parametrize(
    ("fault", "how", "error"),
    [
        ("cut-clean@head", Ending.COMPLETE, None),
        ("cut-fin@head", Ending.CUT, "RemoteProtocolError"),
        ("cut-rst@head", Ending.RESET, "ReadError"),
    ],
)
def test_a_cut_before_the_head_leaves_no_response(fault, how, error):
    edited = edit("hello", fault)
    assert (edited.response, edited.blocks, edited.end.how) == (None, (), how)
    assert (edited.end.error or "").startswith(error or "")


@pytest.mark.parametrize(
    ("fault", "left"), [("cut-mid-frame@ev:2", None), ("cut-mid-frame,bytes=20@ev:2", 20)]
)
def test_a_cut_inside_an_event_leaves_a_part_of_it(fault, left):
    second = list(load("hello").events())[1]
    edited = edit("hello", fault)
    size = len(second.block.raw_bytes) // 2 if left is None else left
    assert edited.body == load("hello").body[: second.offset + size]


@pytest.mark.parametrize(("delta", "how"), [(100, Ending.CUT), (-200, Ending.COMPLETE)])
def test_the_content_length_is_wrong(delta, how):
    before, after = load("hello"), edit("hello", f"content-length={delta}")
    assert int(after.response.headers["content-length"]) == len(before.body) + delta
    assert "transfer-encoding" not in after.response.headers
    assert after.end.how is how
    assert before.body.startswith(after.body)
    assert len(after.body) == len(before.body) + min(delta, 0)


def test_gzip_in_each_mode():
    body = load("hello").body
    packed = {mode: edit("hello", f"gzip={mode}") for mode in ("ok", "lie", "hidden", "cut")}
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress
    assert packed["ok"].body == packed["lie"].body == body
    assert unpack(packed["hidden"].body) == body
    half = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed["cut"].body)
    assert body.startswith(half)
    assert 0 < len(half) < len(body)
    encodings = {mode: each.response.headers.get("content-encoding") for mode, each in packed.items()}
    assert encodings == {"ok": "gzip", "lie": "gzip", "hidden": None, "cut": "gzip"}
    undecoded = {mode for mode, each in packed.items() if (each.response.extra or {}).get("undecoded")}
    assert undecoded == {"lie", "cut"}


@pytest.mark.parametrize(("flush", "early"), [("yes", True), ("no", False)])
def test_a_flushed_read_can_be_decompressed_when_it_comes(flush, early):
    _, first = next(edit("hello", f"gzip=hidden,flush={flush}").chunks())
    unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(first)
    assert (unpacked == next(load("hello").chunks())[1]) is early


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("http-error", 529, "overloaded_error"),
        ("http-error=429", 429, "rate_limit_error"),
        ("http-error=418", 418, "invalid_request_error"),
        ("http-error=599", 599, "api_error"),
    ],
)
def test_an_http_error_has_the_apis_own_body(fault, status, kind):
    edited = edit("hello", f"{fault},retry_after=3")
    body = json.loads(edited.body)
    assert (edited.response.status, body["error"]["type"]) == (status, kind)
    assert body["request_id"] == load("hello").response.headers["request-id"]
    assert edited.response.headers["retry-after"] == "3"
    assert edited.response.headers["content-type"] == "application/json"


def test_an_http_error_may_be_a_page_with_its_own_message():
    edited = edit("hello", "http-error=503,body=html,message=Closed,retry_after=1500ms")
    assert b"<title>503</title>" in edited.body
    assert b"<h1>Closed</h1>" in edited.body
    assert edited.response.headers["content-type"] == "text/html"
    assert edited.response.headers["retry-after"] == "1.5"


def test_an_http_error_instead_of_an_undecoded_body_can_be_read():
    assert faults.apply(edit("hello", "gzip=lie"), "http-error").response.extra is None


@pytest.mark.parametrize(
    ("body", "content_type", "start"),
    [
        ("html", "text/html", b"<!DOCTYPE html>"),
        ("json", "application/json", b'{"error":'),
        ("empty", "text/event-stream", b""),
    ],
)
def test_a_wrong_body_comes_with_status_200(body, content_type, start):
    edited = edit("hello", f"http-200-wrong-body={body}")
    assert (edited.response.status, edited.response.headers["content-type"]) == (200, content_type)
    assert edited.body.startswith(start)
    assert bool(edited.body) is bool(start)
