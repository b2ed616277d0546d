"""A request's body is cut out of its head verbatim, parsed once, and is the one that a slow reading finds."""

from __future__ import annotations

import random

import orjson
import pytest
from every_recording import RECORDINGS

from inspector import Head, Request, Response
from inspector.recording import request_bodies
from inspector.recording.dumping import dump_head
from inspector.recording.parsing import parse_line
from inspector.recording.request_bodies import body_of, written_head

BODY = b'{"stream":true, "text":"\\",\\"body\\":1},\\"response\\":{\\"t\\":0","n":1.50}'


def lines_with(body, headers=None, recorder=None):
    request = Request("POST", "http://x/v1/messages", headers or {}, body)
    for response in (Response(0.5, 200, headers or {}), None):
        yield dump_head(Head("2026-11-22T10:00:00Z", request, response, recorder or {"name": "x"}))


@pytest.fixture
def slow(monkeypatch):
    """Read a head without the short way."""

    def read(line):
        with monkeypatch.context() as patch:
            patch.setattr("inspector.recording.parsing.written_head", lambda line: None)
            return parse_line(line)

    return read


def test_the_short_way_reads_every_head_that_a_program_writes(slow):
    read = 0
    for recording in RECORDINGS.values():
        line = dump_head(recording.head)
        read += written_head(line) is not None
        assert parse_line(line) == slow(line) == recording.head
    assert read > len(RECORDINGS) / 2


@pytest.mark.parametrize("body", [BODY, b"[]", b"12", b'"a"', b"null", b"{ }", b'{"a":"\\ud83d\\ude00"}'])
def test_the_body_is_cut_out_verbatim(body, slow):
    for line in lines_with(body, {"etag": 'W/"x"'}):
        head = parse_line(line)
        assert head.request.body == body
        assert head == slow(line)
        assert written_head(line) is not None


def test_the_value_of_the_head_that_was_read_last_is_not_parsed_again(monkeypatch):
    first, second = (parse_line(line) for line in lines_with(BODY))
    assert body_of(first.request) == body_of(second.request) == orjson.loads(BODY)
    monkeypatch.setattr(Request, "json", lambda self: "parsed")
    assert body_of(first.request) == "parsed"
    assert body_of(second.request) == orjson.loads(BODY)
    assert body_of(Request()) == "parsed"


ODD = [
    b'{"recording":1,"at":"","request":{"extra":{"a":1,"body":[2]},"body":[3]},"response":null}',
    b'{"recording":1,"at":"","request":{"extra":{"a":1,"body":[2]},"response":{}},"recorder":{}}',
    b'{"recording":1,"at":"","request":{"url":"","body":[2]},"response":null,"request":{"a":1,"body":null}}',
    b'{"recording":1,"at":"","request":{"url":"","body":1},"response":null,"request":{"\\u0062ody":null}}',
    b'{"recording":1,"at":"","request":{"url":"","body":1],"a":[2},"response":null}',
    b'{"recording":1,"at":"","request":{"url":"","body":1,"body":2},"response":null}',
    b'{"recording":1,"at":"","request":{"url":"","body":},"response":null}',
    b'{"recording":1,"at":"","request":[1,"body",2],"response":null}',
    b'{"recording":1,"at":"","a":{"b":1,"body":2},"response":null}',
    b'{"recording":1,"at":"","request":{"url":"","raw":"x","body":[2]},"response":null}',
    b'{"recording":2,"at":"","request":{"url":"","body":[2]},"response":null}',
]


@pytest.mark.parametrize("line", ODD, ids=range(len(ODD)))
def test_an_odd_head_is_read_as_without_the_short_way(line, slow):
    assert result(parse_line, line) == result(slow, line)


def test_a_body_is_as_deep_as_in_the_head():
    deep = b'{"recording":1,"at":"","request":{"url":"","body":%b1%b},"response":null}'
    assert parse_line(deep % (b"[" * 1022, b"]" * 1022)).request.body.count(b"[") == 1022
    with pytest.raises(ValueError, match="nested deeper than 1024 levels"):
        parse_line(deep % (b"[" * 1023, b"]" * 1023))


def test_damaged_heads_are_read_as_without_the_short_way(slow):
    chance = random.Random(16)
    lines = [*ODD, *lines_with(BODY, {"a": '"'}), *lines_with(b'{"a":[{"body":1}]}')]
    for _ in range(4000):
        line = bytearray(chance.choice(lines))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(line))
            line[at : at + chance.randint(0, 2)] = chance.choice(
                [b"", b'"', b"}", b",", b'"body":', b"\\u0062"]
            )
        assert result(parse_line, bytes(line)) == result(slow, bytes(line))


def test_a_body_is_kept_until_the_next_head():
    *_, line = lines_with(BODY)
    head = parse_line(line)
    assert request_bodies._last[0] is head.request.body


def result(read, line):
    try:
        return read(line)
    except ValueError as error:
        return str(error)
