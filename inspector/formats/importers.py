"""Every format that is imported: how its files are recognized, and who reads them.

A format of documents claims a file by the first value in it, by the structure of that value. A format of
binary data claims a file by its first bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from inspector.formats import (
    aimock,
    aws_stream,
    cassettes,
    har,
    httpmock,
    invocation_logs,
    mitmproxy_flows,
    payload_arrays,
    traffic_logs,
)
from inspector.formats.documents import Document
from inspector.formats.interaction import Interaction

__all__ = ["BINARY_FORMATS", "DOCUMENT_FORMATS", "JSON_MARK", "TEXT_MARK", "BinaryFormat", "DocumentFormat"]


class DocumentFormat(NamedTuple):
    """A format whose files are made of values.

    `members` are names of which one stands in every file. They decide nothing but which text is tried as YAML
    or TOML, and whose fault is reported.
    """

    name: str
    members: tuple[str, ...]
    claims: Callable[[Any], bool]
    interactions: Callable[[Iterator[Document]], Iterator[Interaction]]


class BinaryFormat(NamedTuple):
    """A format whose files are binary data. `claims` sees the first 64 KiB at most.

    `interactions` takes the pieces of the file, and its name for messages.
    """

    name: str
    claims: Callable[[bytes], bool]
    interactions: Callable[[Iterator[bytes], str | None], Iterator[Interaction]]


DOCUMENT_FORMATS: tuple[DocumentFormat, ...] = (
    DocumentFormat("HAR", ("log",), har.claims, har.interactions),
    DocumentFormat("VCR cassette", ("http_interactions",), cassettes.claims_vcr, cassettes.interactions),
    DocumentFormat("go-vcr cassette", ("interactions",), cassettes.claims_go_vcr, cassettes.interactions),
    DocumentFormat(
        "cassetter cassette", ("interactions",), cassettes.claims_cassetter, cassettes.interactions
    ),
    DocumentFormat("vcrpy cassette", ("interactions",), cassettes.claims_vcrpy, cassettes.interactions),
    DocumentFormat("httpmock cassette", ("when", "then"), httpmock.claims, httpmock.interactions),
    DocumentFormat("aimock fixture", ("fixtures",), aimock.claims, aimock.interactions),
    DocumentFormat(
        "claude-trace log", ("logged_at",), traffic_logs.claims_trace, traffic_logs.trace_interactions
    ),
    DocumentFormat(
        "claude-tap log", ("duration_ms",), traffic_logs.claims_tap, traffic_logs.tap_interactions
    ),
    DocumentFormat(
        "log of Bedrock", ("modelId",), invocation_logs.claims_bedrock, invocation_logs.bedrock_interactions
    ),
    DocumentFormat("log with chunks", (), invocation_logs.claims_chunks, invocation_logs.chunk_interactions),
    DocumentFormat("array of events", (), payload_arrays.claims, payload_arrays.interactions),
    DocumentFormat("cassette", (), cassettes.claims, cassettes.interactions),  # after all that are known
)
"""In the order in which they are tried."""

BINARY_FORMATS: tuple[BinaryFormat, ...] = (
    BinaryFormat("AWS event stream", aws_stream.claims, aws_stream.interactions),
    BinaryFormat("mitmproxy flow file", mitmproxy_flows.claims, mitmproxy_flows.interactions),
)

_MEMBERS = "|".join(sorted({member for each in DOCUMENT_FORMATS for member in each.members})).encode()
JSON_MARK = re.compile(rb'"(?:%b)"\s*:' % _MEMBERS)
"""JSON that may be one of these formats."""
TEXT_MARK = re.compile(
    rb"""^(?:\[\[(?:%b)\]\]|["':]?(?:%b)["']?[ ]*:|-\s+request:)""" % (_MEMBERS, _MEMBERS), re.MULTILINE
)
"""YAML or TOML that may be one of these formats."""
