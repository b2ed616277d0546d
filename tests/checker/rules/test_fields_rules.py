"""Rules about the lines of a frame."""

from __future__ import annotations

import pytest
from streams import END, TEXT, recording, start

from inspector.checker import Severity, check


def findings(body, rule):
    return [(f.severity, f.message) for f in check(recording(body), select=[rule])]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (b"event: message_stop\n\n", [(Severity.ERROR, "message_stop has no data; parsers drop it")]),
        (
            b"event: error\n\n",
            [
                (
                    Severity.ERROR,
                    "error has no data; parsers drop it, and the SDK raises an error without a message",
                )
            ],
        ),
        (b"event: odd\ndata:\n\n", [(Severity.WARNING, "odd has no data; parsers drop it")]),
        (b"event: ping\ndata:\n\n", []),
        (b"data:\n\n", []),
        (b"event: message_stop\n", []),
    ],
)
def test_an_event_without_data_matters_if_it_is_one_of_the_apis(frame, expected):
    assert findings(start() + frame, "data-empty") == expected


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b"id: 1\n" + start() + b": c\n\n", 1),
        (start() + b": c\n\nid: 1\n\n", 0),
        (b"id: 1\n: c\n" + start(), 0),
        (b": c\n\n", 0),
    ],
)
def test_a_comment_frame_matters_only_after_an_id(body, count):
    assert len(findings(body, "comment-with-id")) == count


@pytest.mark.parametrize("field", [b"error: x", b"Data: x", b" data: x", b"retryy: 1"])
def test_fields_of_other_names_are_unknown(field):
    ((_, message),) = findings(start() + field + b"\n\n" + TEXT + END, "frame-unknown-field")
    assert message == f'unknown field "{field.partition(b":")[0].decode()}"; parsers ignore the line'


def test_only_the_rest_of_a_spliced_payload_is_excused():
    spliced = b'event: content_block_delta\ndata: {"type": "x: keepalive\n\n'
    assert findings(start() + spliced + b'lo"}\n\n', "frame-unknown-field") == []
    assert len(findings(start() + spliced + b'lo"}\n\nodd: 1\n\n', "frame-unknown-field")) == 1
    assert len(findings(start() + spliced + TEXT + b"odd: 1\n\n", "frame-unknown-field")) == 1


@pytest.mark.parametrize("field", ["id", "retry"])
def test_fields_for_resuming_have_no_use(field):
    ((severity, message),) = findings(f"{field}: 3\n".encode() + start(), "id-or-retry")
    assert (severity, message) == (
        Severity.INFO,
        f"{field}: is sent; Messages streams cannot be resumed",
    )
