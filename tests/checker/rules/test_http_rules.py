"""Rules about the response's status, headers and body."""

from __future__ import annotations

import pytest
from example_parts import JSON_HEADERS, headers
from streams import GOOD, recording

from inspector.checker import Severity, check
from inspector.recording import Ending, Head, Recording, Request, Response


def messages(sent, rule):
    return [finding.message for finding in check(sent, select=[rule])]


@pytest.mark.parametrize(
    ("coding", "error", "body", "found"),
    [
        ("gzip", "DecodingError: incorrect header check", b"", "the body is not gzip"),
        ("br", "the body stops decoding here: brotli", b"", "the body is not br"),
        ("gzip", "DecodingError: invalid block", GOOD[:400], "the body does not decode as that to its end"),
        ("gzip", "RemoteProtocolError: peer closed", GOOD[:400], None),
        ("gzip", None, GOOD, None),
        ("identity", "DecodingError: odd", GOOD, None),
    ],
)
@pytest.mark.parametrize("how", [Ending.COMPLETE, Ending.CUT, Ending.ABANDONED])
def test_a_body_that_stops_decoding_is_found_however_it_ended(coding, error, body, found, how):
    sent = recording(body, headers=headers(content_encoding=coding), error=error, how=how)
    expected = [f"Content-Encoding says {coding}, but {found}"] if found else []
    assert messages(sent, "content-encoding-undecoded") == expected
    assert not found or messages(sent, "body-empty") == []


def test_a_length_beside_chunks_is_one_finding():
    both = recording(GOOD, headers=headers(content_length="1043"))
    assert [f.rule for f in check(both) if f.severity is not Severity.INFO] == ["content-length-with-chunked"]
    alone = recording(GOOD, headers=headers(content_length=str(len(GOOD)), transfer_encoding=None))
    assert [f.rule for f in check(alone) if f.severity is not Severity.INFO] == ["content-length-on-stream"]


@pytest.mark.parametrize(
    ("body", "named", "message"),
    [
        (b"oops", JSON_HEADERS, 'HTTP 500 "oops" after 0.5 s; no stream was started'),
        (b'{"error": {"type": "x", "message": 7}}', {}, 'HTTP 500 x: "7" after 0.5 s; no stream was started'),
        (b'{"error": []}', {}, "HTTP 500 after 0.5 s; no stream was started"),
    ],
)
def test_a_status_is_reported_with_what_the_body_says(body, named, message):
    assert messages(recording(body, status=500, headers=named), "http-status") == [message]


@pytest.mark.parametrize(
    ("body", "request_body", "message"),
    [
        (b"[1]", None, "the body is JSON, not an event stream (content-type application/json)"),
        (
            b'{"type":"message"}',
            b'{"stream": true}',
            "the body is JSON, not an event stream (content-type application/json); "
            'the request had "stream": true',
        ),
        (b"<?xml?>", b"{}", "the body is HTML or XML, not an event stream (content-type application/json)"),
    ],
)
def test_a_body_in_another_format_is_named(body, request_body, message):
    sent = recording(body, headers=JSON_HEADERS, body=request_body)
    assert messages(sent, "body-not-sse") == [message]


@pytest.mark.parametrize("body", [b"null", b'"x"', b"3", b"true\n", b"-1.5\n\n"])
def test_a_lone_json_value_is_no_event_stream(body):
    found = [f for f in check(recording(body)) if f.severity is Severity.ERROR]
    assert [(f.rule, f.message.partition(" (")[0]) for f in found] == [
        ("body-not-sse", "the body is JSON, not an event stream")
    ]


def test_comments_alone_are_an_empty_body():
    assert messages(recording(b": a\n\n: b\n\n"), "body-empty") == [
        "the response ended after 0 events (10 bytes of comments and blank lines)"
    ]


def test_a_withheld_header_may_have_said_where_the_body_ends():
    response = Response(0.1, headers={"request-id": "r"}, withheld=("transfer-encoding",))
    sent = Recording(Head("", Request(), response), recording(GOOD).blocks, recording(GOOD).end)
    assert messages(sent, "body-close-delimited") == []


@pytest.mark.parametrize("http", ["HTTP/2", "HTTP/1.1"])
def test_http_2_delimits_every_body(http):
    response = Response(0.1, headers={"request-id": "r"}, http=http)
    sent = Recording(Head("", Request(), response), recording(GOOD).blocks, recording(GOOD).end)
    assert bool(messages(sent, "body-close-delimited")) is (http == "HTTP/1.1")


@pytest.mark.parametrize(
    ("body", "named", "extra", "rule", "message"),
    [
        (b"\x1f\x8b0\n", None, None, "mismatch", "the body is gzip, but no Content-Encoding header says so"),
        (b"\x1f\x8b0\n", "br", None, "mismatch", "the body is gzip, but Content-Encoding says br"),
        (
            b"\x1f\x8b0\n",
            "gzip",
            None,
            "mismatch",
            "the body is still gzip, as it was sent, and is not checked; curl decodes with --compressed",
        ),
        (
            b"\x28\xb5\x2f\xfd\n",
            None,
            None,
            "mismatch",
            "the body is zstd, but no Content-Encoding header says so",
        ),
        (
            b"\x1f\x8b0\n",
            "gzip",
            {"undecoded": True},
            "undecoded",
            "Content-Encoding says gzip, but the body does not decode as that to its end",
        ),
    ],
)
def test_codings_that_do_not_fit_are_reported(body, named, extra, rule, message):
    sent = recording(body, headers=headers(content_encoding=named), extra=extra)
    assert messages(sent, f"content-encoding-{rule}") == [message]


def test_a_coding_that_few_recorders_know_proves_nothing():
    sent = recording(GOOD, headers=headers(content_encoding="br"), extra={"undecoded": True})
    assert messages(sent, "content-encoding-undecoded") == []


def test_the_length_of_another_body_is_fine():
    named = {**JSON_HEADERS, "content-length": "9"}
    assert messages(recording(b"{}", headers=named), "content-length-on-stream") == []


@pytest.mark.parametrize(
    ("length", "how", "reported"),
    [
        ("9", Ending.COMPLETE, True),
        ("1", Ending.COMPLETE, True),
        ("2", Ending.COMPLETE, False),
        ("9", Ending.CUT, False),
        ("1", Ending.CUT, True),
        ("x", Ending.COMPLETE, False),
        ("9" * 5000, Ending.COMPLETE, False),
    ],
)
def test_a_length_that_the_body_cannot_have_had_is_reported(length, how, reported):
    named = headers(content_type="application/json", content_length=length, transfer_encoding=None)
    edited = recording(b"{}", headers=named, how=how)
    assert bool(messages(edited, "content-length-mismatch")) is reported


@pytest.mark.parametrize("charset", ["utf-8", '"UTF-8"', "utf8; boundary=x"])
def test_utf_8_has_several_spellings(charset):
    named = headers(content_type=f"text/event-stream; charset={charset}")
    assert messages(recording(GOOD, headers=named), "charset-nonutf8") == []


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"body_length": 50}, "the first 2 of the request's 50 bytes are recorded; "),
        ({"body_length": None}, "the first 2 bytes of the request are recorded; "),
        ({"other": 1}, None),
        (None, None),
    ],
)
@pytest.mark.parametrize("status", [200, None])
def test_a_request_whose_recording_is_cut_is_noted(extra, message, status):
    request = Request(body=b'{"', extra=extra)
    sent = Recording(Head("", request, Response(0.0, status) if status else None))
    found = [each for each in check(sent) if each.rule == "request-cut"]
    assert [(each.severity, each.message.partition("the rest")[0]) for each in found] == (
        [("info", message)] if message else []
    )
