"""Logs of programs that watch Claude Code: claude-trace's and claude-tap's, one exchange a line.

claude-trace (`@mariozechner/claude-trace`, .claude-trace/*.jsonl) keeps the text of a stream. claude-tap has
its events if `--tap-store-stream-events` is set, and else only the message, of which a stream is then made.
Its `compact` format is one document with all records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from inspector import _json
from inspector.formats.documents import Document
from inspector.formats.interaction import (
    SAVED,
    Interaction,
    Payload,
    as_bytes,
    as_headers,
    as_list,
    as_mapping,
)
from inspector.formats.made_stream import stream_payloads
from inspector.formats.moments import moment_of, stamp
from inspector.recording import Absent

__all__ = ["claims_tap", "claims_trace", "tap_interactions", "trace_interactions"]

_COMPACT = "__claude_tap_compact_trace__"
_ABSENT = SAVED - {Absent.SENT, Absent.HEADERS}


def claims_trace(value: Any) -> bool:
    """Whether a document is a line of claude-trace."""
    request, response = as_mapping(as_mapping(value).get("request")), as_mapping(value).get("response")
    is_pair = "url" in request and "timestamp" in request and "logged_at" in as_mapping(value)
    return is_pair and (response is None or "status_code" in as_mapping(response))


def claims_tap(value: Any) -> bool:
    """Whether a document is a line of claude-tap, or all lines in its compact format."""
    record = as_mapping(value)
    if _COMPACT in record:
        return True
    request, response = as_mapping(record.get("request")), as_mapping(record.get("response"))
    return "duration_ms" in record and "path" in request and "status" in response


def trace_interactions(documents: Iterator[Document]) -> Iterator[Interaction]:
    """Yield the exchange of each line."""
    for line, value in documents:
        pair = as_mapping(value)
        request, response = as_mapping(pair.get("request")), as_mapping(pair.get("response"))
        sent, answered = _number(request.get("timestamp")), _number(response.get("timestamp"))
        raw = response.get("body_raw")
        body = as_bytes(raw if raw is not None else response.get("body"))
        t = round(max(0.0, answered - sent), 6)
        yield Interaction(
            line=line,
            at=stamp(datetime.fromtimestamp(sent, UTC)) if 0 < sent < 1e11 else "",
            method=str(request.get("method") or "POST"),
            url=str(request.get("url") or ""),
            request_headers=as_headers(request.get("headers")),
            request_body=as_bytes(request.get("body")) or None,
            t=t,
            status=_status(response.get("status_code")),
            response_headers=as_headers(response.get("headers")),
            reads=[(t, body)] if body else [],
            absent=_ABSENT if raw is not None else _ABSENT | {Absent.SPELLING},
            recorder={"name": "claude-trace"},
        )


def tap_interactions(documents: Iterator[Document]) -> Iterator[Interaction]:
    """Yield the exchange of each record."""
    for line, value in documents:
        record = as_mapping(value)
        records = as_list(record.get("records")) if _COMPACT in record else [record]
        for each in records:
            yield _tapped(as_mapping(each), line)


def _tapped(record: Mapping[str, Any], line: int) -> Interaction:
    request, response = as_mapping(record.get("request")), as_mapping(record.get("response"))
    ended = moment_of(record.get("timestamp"))
    seconds = timedelta(milliseconds=min(max(_number(record.get("duration_ms")), 0), 1e9))
    headers = as_headers(response.get("headers"))
    events, body = as_list(response.get("sse_events")), response.get("body")
    absent = _ABSENT | {Absent.SPELLING}
    payloads: list[Payload] | None = None
    if events:
        payloads = [(0.0, as_bytes(as_mapping(each).get("data"))) for each in events]
    elif _is_stream(headers) and as_mapping(body).get("type") == "message":
        message = as_mapping(body)
        content = [as_mapping(block) for block in as_list(message.get("content"))]
        payloads = [(0.0, data) for data in stream_payloads(message, content)]
        absent |= {Absent.EVENTS}
    text = as_bytes(body) if payloads is None else b""
    return Interaction(
        line=line,
        at=stamp(ended - seconds) if ended else "",
        method=str(request.get("method") or "POST"),
        url=str(record.get("upstream_base_url") or "").rstrip("/") + str(request.get("path") or ""),
        request_headers=as_headers(request.get("headers")),
        request_body=_json.dumps(request["body"]) if request.get("body") is not None else None,
        status=_status(response.get("status")),
        response_headers=headers,
        reads=[(0.0, text)] if text else [],
        payloads=payloads,
        absent=absent,
        recorder={"name": "claude-tap"},
    )


def _is_stream(headers: Any) -> bool:
    return any(
        name.lower() == "content-type" and text.startswith("text/event-stream") for name, text in headers
    )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _status(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
