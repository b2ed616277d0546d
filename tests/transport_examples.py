"""An example for each rule about the response, its bytes and its times."""

from __future__ import annotations

from dataclasses import replace

from aws_frame_bytes import bedrock, frames_of
from example_parts import (
    DELTA,
    FIRST,
    JSON_HEADERS,
    Example,
    but,
    fine,
    headers,
    lost,
    partial,
    text_of,
    whole,
)
from streams import (
    COMPAT,
    END,
    GOOD,
    PING,
    STOP,
    TEXT,
    delta,
    events_of,
    frame,
    message_delta,
    opens,
    recording,
    start,
    stops,
)

from inspector.recording import Ending


def with_several_members(sent):
    return replace(sent, end=sent.end._replace(extra={"several_members": True}))


def with_cut_request(sent, length):
    request = replace(sent.head.request, extra={"body_length": length})
    return replace(sent, head=replace(sent.head, request=request))


TRANSPORT: dict[str, Example] = {
    # transport
    "no-response": Example(recording(status=None, how=Ending.RESET, error="Connection refused")),
    "http-status": Example(
        recording(
            b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
            status=529,
            headers=JSON_HEADERS,
        )
    ),
    "request-cut": Example(with_cut_request(recording(GOOD, body=b'{"'), 41_943_040), whole),
    "body-not-sse": Example(
        recording(b"<html>Sign in</html>", headers=headers(content_type="text/html")), lambda s: not s.events
    ),
    "body-aws-events": Example(
        recording(
            b"\0\0\0\x7b\0\0\0\x4b\xb3\x8d\x1b\xfc\x0b:event-type\x07\0\x05chunk\r:content-type\x07\0\x10app",
            headers=headers(content_type="application/octet-stream"),
        )
    ),
    "aws-frame-invalid": Example(
        bedrock(*frames_of(GOOD)[:3], frames_of(GOOD)[3][:-1] + b"?", *frames_of(GOOD)[4:]),
        lambda s: not s.events,
    ),
    "body-not-streamed": Example(
        recording(b'{"type":"message"}', headers=JSON_HEADERS, body=b'{"model":"m"}')
    ),
    "body-json-invalid": Example(recording(b'{"id": oops', headers=JSON_HEADERS, body=b'{"model":"m"}')),
    "body-not-message": Example(
        recording(
            b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
            headers=JSON_HEADERS,
            body=b'{"model":"m"}',
        )
    ),
    "stream-unrequested": Example(recording(GOOD, body=b'{"model":"m"}'), whole),
    "body-empty": Example(recording(), lambda s: not s.events),
    "body-truncated": Example(recording(FIRST, how=Ending.CUT)),
    "body-timeout": Example(recording(FIRST, how=Ending.TIMEOUT, end=300.5)),
    "reader-stopped": Example(recording(FIRST, how=Ending.ABANDONED)),
    "recording-unfinished": Example(recording(FIRST, how=None)),
    "body-close-delimited": Example(recording(GOOD, headers=headers(transfer_encoding=None))),
    "content-length-on-stream": Example(
        recording(GOOD, headers=headers(content_length=str(len(GOOD)), transfer_encoding=None)), whole
    ),
    "content-length-mismatch": Example(
        recording(
            b'{"type":"message"}',
            headers=headers(content_type="application/json", content_length="1043", transfer_encoding=None),
            body=b'{"model":"m"}',
        )
    ),
    "content-length-with-chunked": Example(recording(GOOD, headers=headers(content_length="1043")), whole),
    "content-encoding-mismatch": Example(
        recording(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K-K\xcd+\xb1R\n\xff\n")
    ),
    "content-encoding-undecoded": Example(
        recording(GOOD, headers=headers(content_encoding="gzip"), extra={"undecoded": True})
    ),
    "content-encoding-members": Example(
        with_several_members(recording(GOOD, headers=headers(content_encoding="gzip")))
    ),
    "content-encoding-present": Example(recording(GOOD, headers=headers(content_encoding="gzip"))),
    "charset-nonutf8": Example(
        recording(GOOD, headers=headers(content_type="text/event-stream; charset=iso-8859-1")), whole
    ),
    "request-id-missing": Example(recording(GOOD, headers=headers(request_id=None))),
    "chunk-splits-utf8": Example(
        recording(
            start()
            + opens(0)
            + b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"caf\xc3',  # noqa: E501
            b'\xa9"}}\n\n' + stops(0) + END,
        )
    ),
    # framing
    "frame-event-missing": Example(recording(but(b"event: content_block_delta\n", b"")), lost),
    "frame-event-mismatch": Example(recording(but(b"event: content_block_delta", b"event: ping")), lost),
    "frame-unterminated": Example(recording(start() + TEXT + message_delta()[:-2]), partial),
    "frame-missing-blank-line": Example(
        recording(start() + opens(0) + delta(0)[:-1] + DELTA + stops(0) + END)
    ),
    "data-multiline": Example(
        recording(
            but(b'data: {"type": "content_block_stop", ', b'data: {"type": "content_block_stop",\ndata: ')
        ),
        whole,
    ),
    "data-no-space": Example(recording(GOOD.replace(b"data: ", b"data:"), url=COMPAT), whole),
    "data-empty": Example(
        recording(
            start() + opens(0) + delta(0) + b"event: content_block_delta\ndata:\n\n" + DELTA + stops(0) + END
        ),
        whole,
        new_only=True,
    ),
    "line-ending-nonlf": Example(recording(GOOD.replace(b"\n", b"\r\n")), whole),
    "line-ending-mixed": Example(recording(*events_of(GOOD.replace(b"\n\n", b"\n\r\n"))), fine, alone=False),
    "bom": Example(recording(b"\xef\xbb\xbf" + GOOD), lambda s: len(s.events) == 6),
    "utf8-invalid": Example(recording(but(b"Hello", b"Hell\xff"))),
    "unicode-line-separator": Example(
        recording(but(b"Hello", "Hel\u2028lo".encode())), lambda s: text_of(s) == "Hel\u2028lo there"
    ),
    "keepalive-spliced": Example(recording(but(b'"Hello"', b'"Hel: keepalive\n\nlo"'))),
    "comment-present": Example(recording(start() + b": OPENROUTER PROCESSING\n\n" + TEXT + END)),
    "comment-with-id": Example(
        recording(start() + b"id: 7\n" + opens(0) + b": ping\n\n" + delta(0) + stops(0) + END)
    ),
    "frame-unknown-field": Example(recording(start() + b'error: {"code":500}\n\n' + TEXT + END)),
    "id-or-retry": Example(recording(b"retry: 3000\n" + GOOD)),
    "done-sentinel": Example(recording(GOOD + b"data: [DONE]\n\n"), whole),
    "frame-oversize": Example(recording(start() + opens(0) + delta(0, "x" * 70_000) + stops(0) + END), fine),
    "error-unnamed": Example(
        recording(FIRST + b'data: {"error": {"message": "upstream failed", "type": "api_error"}}\n\n'),
        partial,
    ),
    # json
    "json-invalid": Example(recording(but(b'"Hello"', b'"Hel"lo"'))),
    "json-not-object": Example(
        recording(start() + opens(0) + frame("content_block_delta", None) + DELTA + stops(0) + END),
        lambda s: None in s.events,
    ),
    "type-missing": Example(recording(but(b'"type": "content_block_delta", ', b"")), lost, new_only=True),
    "surrogate-lone": Example(recording(but(b"Hello", b"Hel\\ud83dlo")), fine),
    "number-nonfinite": Example(
        recording(but(b'"output_tokens": 12', b'"output_tokens": 12, "cost": NaN')), whole
    ),
    # timing
    "gap-idle": Example(recording(FIRST, (190.0, DELTA), stops(0) + END), whole),
    "gap-content": Example(
        recording(FIRST, *[(30.0 * n, PING) for n in range(1, 6)], (160.0, DELTA), stops(0) + END), whole
    ),
    "first-event-slow": Example(recording((23.4, GOOD))),
    "burst-delivery": Example(
        recording(
            (30.0, start() + opens(0)),
            *[(30.0 + n / 1000, delta(0, f"word {n} ")) for n in range(80)],
            stops(0) + END,
        ),
        fine,
    ),
    "open-after-stop-reason": Example(recording(start() + TEXT + message_delta(), (21.0, STOP)), whole),
    "open-after-message-stop": Example(recording(GOOD, end=30.5), whole),
    "ping-cadence": Example(recording(start(), (1.0, PING), (2.0, PING), (4.0, PING), (4.5, TEXT + END))),
    "comment-keepalive-only": Example(
        recording(
            FIRST, (10.0, b": keepalive\n\n"), (20.0, b": keepalive\n\n"), (21.0, DELTA), stops(0) + END
        )
    ),
}
