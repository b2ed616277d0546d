"""Which exchanges are of the Messages API, and what becomes of their bodies."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
from format_texts import BODY, SECRET
from zstd_library import zstd

from inspector.formats.codings import decoded
from inspector.formats.conversion import belongs, values_of
from inspector.formats.interaction import Interaction

OURS = "https://api.anthropic.com/v1/messages"
MESSAGE = b'{"type":"message","role":"assistant","content":[]}'


@pytest.mark.parametrize(
    ("url", "method", "body", "ours"),
    [
        (OURS, "POST", BODY, True),
        (OURS + "?beta=true", "post", b"", True),
        ("/v1/messages", "POST", b"", True),
        ("https://gateway.example/anthropic/v1/messages", "POST", b"{}", True),
        ("https://gateway.example/chat", "POST", BODY, True),
        ("https://gateway.example/chat", "POST", MESSAGE, True),
        ("", "", BODY, True),
        (
            "https://x.googleapis.com/v1/p/publishers/anthropic/models/claude:streamRawPredict",
            "POST",
            BODY,
            True,
        ),
        ("https://b.amazonaws.com/model/anthropic.claude-v1%3A0/invoke", "POST", MESSAGE, True),
        ("https://api.anthropic.com/v1/complete", "POST", b"event: completion\r\ndata: {}\r\n\r\n", True),
        ("https://api.anthropic.com/v1/complete", "POST", b"{}", False),
        (OURS, "OPTIONS", b"", False),
        (OURS, "GET", b"", False),
        (OURS + "/count_tokens", "POST", b'{"input_tokens":3}', False),
        (OURS + "/batches", "POST", b"{}", False),
        ("https://api.openai.com/v1/threads/t/messages", "POST", b"{}", False),
        ("https://api.openai.com/v1/chat/completions", "POST", b'data: {"choices":[]}\n\n', False),
        ("https://api.openai.com/v1/x", "POST", b'{"type":"message","role":"user"}', False),
        ("http://[bad", "POST", b"", False),
        ("https://b.amazonaws.com/model/amazon.nova/invoke", "POST", b"{}", False),
    ],
)
def test_what_is_of_the_messages_api(url, method, body, ours):
    assert belongs(Interaction(url=url, method=method, reads=[(0.0, body)])) is ours


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(BODY)),
        ("GZIP", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY)[2:-4]),
        ("zstd", zstd.compress(BODY)),
        ("br", brotli.compress(BODY)),
        ("gzip, gzip", gzip.compress(gzip.compress(BODY))),
        ("", gzip.compress(BODY)),
        ("gzip", BODY),
        ("br", BODY),
        ("identity", BODY),
    ],
)
def test_a_body_is_decoded_unless_its_tool_has_done_so(coding, packed):
    assert decoded(packed, coding) == (BODY, True)


@pytest.mark.parametrize("coding", ["compress", "br", "deflate", "zstd"])
def test_what_cannot_be_decoded_stays_as_it_is_and_says_so(coding):
    damaged = b"\x28\xb5\x2f\xfd garbage" if coding == "zstd" else b"\x00\x01garbage"
    assert decoded(damaged, coding) == (damaged, False)
    exchange = Interaction(url=OURS, reads=[(0.0, damaged)], response_headers=[("content-encoding", coding)])
    head, *_ = values_of(exchange)
    assert head.response.extra == {"undecoded": True}


def test_secrets_of_the_request_are_masked_wherever_they_stand():
    exchange = Interaction(
        url=f"https://user:pw@x.example/v1/messages?key={SECRET}",
        request_headers=[("X-Api-Key", SECRET), ("Content-Type", "application/json")],
        request_body=b'{"metadata": "%b"}' % SECRET.encode(),
        reads=[(0.0, BODY + b"event: error\ndata: %b\n\n" % SECRET.encode())],
        response_headers=[("Set-Cookie", "a=secretsecretsecret"), ("request-id", "r")],
    )
    text = repr(list(values_of(exchange)))
    assert SECRET not in text
    assert "secretsecretsecret" not in text
    assert "user:pw" not in text


def test_payloads_become_events_that_their_type_names():
    payloads = [(0.5, b'{"type":"ping"}'), (0.7, b"[DONE]")]
    head, ping, done, _ = values_of(Interaction(url=OURS, payloads=payloads))
    assert "framing" in head.absent
    assert (ping.t, ping.event, ping.data) == (0.5, "ping", b'{"type":"ping"}')
    assert (done.event, done.data) == (None, b"[DONE]")
