"""What a file holds is decided by its first bytes, in whichever pieces they come."""

from __future__ import annotations

import pytest

from inspector.recording import pieces, sniffing
from inspector.recording.sniffing import Form, form_of

BOM = b"\xef\xbb\xbf"
HEAD = b'{"recording":1,"request":{}}\n'

FORMS = [
    (HEAD, Form.RECORDING),
    (b'{ "recording" : 1 }\n', Form.RECORDING),
    (b'{"at":"","request":{},"recording":1}', Form.RECORDING),
    (b"\n \r\n" + HEAD, Form.RECORDING),
    (b'{"recording":1,"requ', Form.RECORDING),
    (b'{"at":"","recording":1,}\n', Form.RECORDING),
    (b'{"t":1,"event":"a","data":1}\n', Form.RECORDING),
    (b'{"t":1,"end":"complete"}', Form.RECORDING),
    (BOM + HEAD, Form.RECORDING),
    (b"event: a\n", Form.STREAM),
    (b"event:a", Form.STREAM),
    (b"data: 1\n\n", Form.STREAM),
    (b"id: 1\n", Form.STREAM),
    (b"retry: 1\n", Form.STREAM),
    (b": hello\n\n", Form.STREAM),
    (b":", Form.STREAM),
    (b"\r\n\r\nevent: a\n", Form.STREAM),
    (b"\rdata: a\r", Form.STREAM),
    (BOM + b"event: a\n", Form.STREAM),
    (BOM, Form.STREAM),
    (BOM + b"hello", Form.STREAM),
    (b"eve", Form.STREAM),
    (b"H", Form.STREAM),
    (b"HTTP/1.1 200 OK\r\n", Form.HTTP),
    (b"HTTP/2 200 \r\n", Form.HTTP),
    (b'{"type":"message_start","message":{}}\n', Form.PAYLOADS),
    (b'{"type":"ping"}', Form.PAYLOADS),
    (b'{ "message": {}, "type": "message_start" }\n', Form.PAYLOADS),
    (b"\n\n" + b'{"type":"content_block_delta"}\n', Form.PAYLOADS),
    (b'{"type":"error","error":{}}\n', Form.BODY),
    (b'{"type":"message","content":[]}', Form.BODY),
    (b'{"type":["message_start"]}', Form.BODY),
    (b'{"object":"list","data":[]}', Form.BODY),
    (b'{\n  "type": "message_start"\n}', Form.BODY),
    (b'{"error":"recording"', Form.RECORDING),
    (b"{", Form.BODY),
    (b"<!doctype html>", Form.BODY),
    (b"[1, 2]", Form.BODY),
    (BOM + b"<p>", Form.BODY),
    (BOM + b'{"type":"error"}', Form.BODY),
    (BOM + b'{"type":"message_start"}\n', Form.PAYLOADS),
    (b"\x1f\x8b\x08", Form.GZIP),
    (b"\x28\xb5\x2f\xfd\x04", Form.ZSTD),
    (b"\x5e\x2a\x4d\x18\x00\x00", Form.ZSTD),
    (b"", Form.EMPTY),
    (b" \r\n\t\n", Form.EMPTY),
    (b"hello\n", Form.UNKNOWN),
    (b"evening\n", Form.UNKNOWN),
    (b"\x1f", Form.UNKNOWN),
    (b"\xff\xfe{", Form.UNKNOWN),
    (b"\x00", Form.UNKNOWN),
]


@pytest.mark.parametrize(
    "text, form", FORMS, ids=lambda value: repr(value) if isinstance(value, bytes) else ""
)
def test_the_first_bytes_decide_in_whichever_pieces_they_come(text, form):
    assert form_of([text]) is form
    for at in range(1, len(text)):
        assert form_of([text[:at], text[at:]]) is form
    assert form_of([text[i : i + 1] for i in range(len(text))]) is form


@pytest.mark.parametrize(
    "text, taken",
    [
        (HEAD, len(b'{"recording":')),
        (b"event: a\ndata: 1\n\n", len(b"event:")),
        (b": hello\n\n", 1),
        (b"HTTP/1.1 200 OK\r\n", len(b"HTTP/")),
        (b'{"type":"ping"}\n{"type":"ping"}\n', len(b'{"type":"ping"}\n')),
        (b"<html>", 1),
        (b"\x1f\x8b\x08", 2),
        (b"hello", 1),
    ],
)
def test_no_more_is_taken_than_decides(text, taken):
    rest = iter([text[i : i + 1] for i in range(len(text))])
    form_of(rest)
    assert len(text) - len(list(rest)) == taken


def test_blank_lines_without_an_end_are_not_kept():
    taken = 0

    def blanks():
        nonlocal taken
        while True:
            taken += 1
            yield b"\n" * 65_536

    assert form_of(blanks()) is Form.RECORDING
    assert taken <= 20


def test_a_first_line_without_an_end_is_not_kept(monkeypatch):
    monkeypatch.setattr(sniffing, "LINE_LIMIT", 1 << 20)
    endless = iter(lambda: b"{" + b"x" * 65_535, None)
    assert form_of(endless) is Form.BODY
    assert sniffing.LINE_LIMIT < pieces.LINE_LIMIT
