"""Cassettes: each library's names for a body, a status, a date."""

from __future__ import annotations

import gzip
import io
import json

import pytest
from format_texts import (
    BODY,
    CHUNKS,
    HEADERS,
    REQUEST,
    URL,
    go_vcr,
    json_text,
    one_exchange,
    vcrpy,
    yaml_text,
)

from inspector.formats import recordings
from inspector.formats.cassettes import body_of


def one(value):
    (recording,) = recordings(io.BytesIO(json_text(value)))
    return recording


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ({"body": "text"}, (b"text", True)),
        ({"body": None}, (b"", True)),
        ({}, (b"", True)),
        ({"content": "text", "status_code": 200}, (b"text", True)),
        ({"body": {"string": "text"}}, (b"text", True)),
        ({"body": {"string": b"\x1f\x8b"}}, (b"\x1f\x8b", True)),
        ({"body": {"encoding": "UTF-8", "string": "é"}}, ("é".encode(), True)),
        ({"body": {"encoding": "ISO-8859-1", "string": "é"}}, (b"\xe9", True)),
        ({"body": {"encoding": "ASCII-8BIT", "string": "é"}}, ("é".encode(), True)),
        ({"body": {"encoding": "ISO-8859-1", "base64_string": "aGk="}}, (b"hi", True)),
        ({"body": {"base64_string": "aGk="}}, (b"hi", True)),
        ({"body": {"b64": "aGk="}}, (b"hi", True)),
        ({"body": {"type": "binary", "content": "6869"}}, (b"hi", True)),
        ({"body": {"type": "text", "content": "hi"}}, (b"hi", True)),
        ({"body": {"type": "json", "content": {"a": 1}}}, (b'{"a":1}', False)),
        ({"body": {"type": "none"}}, (b"", True)),
        ({"body_type": "json", "body_content": '{"a":1}'}, (b'{"a":1}', False)),
        ({"body_type": "binary", "body_content": "6869"}, (b"hi", True)),
        ({"parsed_body": {"a": 1}}, (b'{"a":1}', False)),
        ({"body": {"kind": "json", "value": {"a": 1}}}, (b'{"a":1}', False)),
        ({"body": {"kind": "text", "value": "hi"}}, (b"hi", True)),
        ({"body": {"kind": "sse", "chunks": ["h", "i"]}}, (b"hi", True)),
        ({"body": {"kind": "base64", "value": "aGk="}}, (b"hi", True)),
        (
            {"body": {"type": "message", "role": "assistant"}},
            (b'{"type":"message","role":"assistant"}', False),
        ),
        ({"body": "~*[a-z]+", "request_body": "real"}, (b"real", True)),
    ],
    ids=repr,
)
def test_a_body_is_found_whatever_it_is_called(message, body):
    assert body_of(message) == body


@pytest.mark.parametrize(
    ("response", "status"),
    [
        ({"status": {"code": 429, "message": "Too many"}}, 429),
        ({"status": {"code": "429"}}, 429),
        ({"status_code": 429}, 429),
        ({"status": 429}, 429),
        ({"status": "429 Too Many Requests", "code": 429}, 429),
        ({"status": "429 Too Many Requests"}, 429),
        ({"headers": {}}, 200),
    ],
    ids=repr,
)
def test_a_status_is_found_whatever_it_is_called(response, status):
    request = {"method": "POST", "uri": URL}
    value = {"interactions": [{"request": request, "response": {**response, "body": "{}"}}]}
    assert one(value).response.status == status


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("963.225171ms", 0.963225), ("1m2.5s", 62.5), ("2h", 7200.0), ("", None), ("x", None)],
)
def test_a_duration_of_go_is_kept_and_is_no_time_of_a_block(duration, seconds):
    cassette = go_vcr()
    cassette["interactions"][0]["response"]["duration"] = duration
    head = one(cassette).head
    assert (head.extra.get("duration"), head.timed) == (seconds, False)


def test_an_order_of_recording_is_kept_where_the_file_has_another():
    later = one_exchange("{}", recordedAt="2026-10-09T01:59:08Z")
    earlier = one_exchange(BODY.decode(), recordedAt="2026-10-09T01:59:07Z")
    found = list(recordings(io.BytesIO(json_text({"entries": [later, earlier]}))))
    assert [each.body for each in found] == [BODY, b"{}"]


def test_a_request_keeps_its_body_and_the_headers_that_may_be_kept():
    recording = one(vcrpy())
    assert recording.request.body == REQUEST.encode()
    assert (dict(recording.request.headers), recording.request.withheld) == (
        {"content-type": "application/json"},
        ("x-api-key",),
    )
    assert recording.response.headers == HEADERS


def test_a_body_of_several_chunks_is_put_together():
    recording = one(one_exchange(None, chunks=CHUNKS))
    assert (recording.body, recording.head.timed) == (BODY, False)


@pytest.mark.parametrize("coding", [None, "gzip", "x-gzip", "gzip, identity"])
def test_gzip_is_decoded_also_if_the_header_was_filtered(coding):
    headers = {"content-encoding": coding} if coding else {}
    (recording,) = recordings(io.BytesIO(yaml_text(vcrpy(gzip.compress(BODY), **headers))))
    assert recording.body == BODY
    assert recording.response.extra is None


def test_json_that_is_written_again_is_marked():
    message = {"type": "message", "role": "assistant", "content": []}
    recording = one(one_exchange({"kind": "json", "value": message}))
    assert json.loads(recording.body) == message
    assert "spelling" in recording.head.absent
