"""HTTP Archives (http://www.softwareishard.com/blog/har-12-spec/) with the events of each stream.

Chrome's DevTools write and import `_eventSourceMessages`: an event's name, its data, its id, and its time in
seconds since 1970. They list the events of a request only if its `mimeType` is `text/event-stream` alone,
without the charset that HAR allows there. The body stands in `content.text` as well, for all other readers.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from inspector import _json
from inspector._version import __version__
from inspector.formats.http_texts import reason_of, sent_headers
from inspector.formats.moments import moment_of
from inspector.recording import Recording

__all__ = ["archive"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STREAM = "text/event-stream"


def archive(recordings: Sequence[Recording]) -> bytes:
    """Return an archive with an entry for each recording."""
    log = {
        "version": "1.2",
        "creator": {"name": "sse-inspector", "version": __version__},
        "pages": [],
        "entries": [_entry(recording) for recording in recordings],
    }
    return _json.dumps_text({"log": log}, indent=2).encode() + b"\n"


def _entry(recording: Recording) -> dict[str, Any]:
    at = moment_of(recording.head.at) or _EPOCH
    response, end = recording.response, recording.end
    first = response.t if response else end.t if end else 0.0
    last = max(end.t if end else 0.0, recording.blocks[-1].t if recording.blocks else 0.0, first)
    entry = {
        "startedDateTime": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "time": round(last * 1000, 3),
        "request": _request(recording),
        "response": _response(recording),
        "cache": {},
        "timings": {
            "send": 0,
            "wait": round(first * 1000, 3),
            "receive": round((last - first) * 1000, 3),
        },
    }
    messages = list(_messages(recording, at))
    if messages:
        entry["_resourceType"] = "eventsource"
        entry["_eventSourceMessages"] = messages
    return entry


def _request(recording: Recording) -> dict[str, Any]:
    request = recording.request
    body = request.body
    fields: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": recording.response.http if recording.response else "HTTP/1.1",
        "cookies": [],
        "headers": _named(request.headers.items()),
        "queryString": _named(_query(request.url)),
        "headersSize": -1,
        "bodySize": len(body or b""),
    }
    if body is not None:
        kind = request.headers.get("content-type", "application/json")
        fields["postData"] = {"mimeType": kind, **_text(body)}
    return fields


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return []


def _response(recording: Recording) -> dict[str, Any]:
    response, body = recording.response, recording.body
    status = response.status if response else 0
    error = recording.end.error if recording.end else None
    kind = response.headers.get("content-type", "") if response else ""
    fields = {
        "status": status,
        "statusText": reason_of(status),
        "httpVersion": response.http if response else "",
        "cookies": [],
        "headers": _named(sent_headers(response)) if response else [],
        "content": {
            "size": len(body),
            "mimeType": _STREAM if kind.lower().startswith(_STREAM) else kind,
            **_text(body),
        },
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(body),
    }
    return {**fields, "_error": error} if error else fields


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}


def _messages(recording: Recording, at: datetime) -> Iterator[dict[str, Any]]:
    start = at.timestamp()
    for block in recording.blocks:
        if block.data is not None:
            yield {
                "time": round(start + block.t, 6),
                "eventName": block.event or "message",
                "eventId": "",
                "data": block.data.decode("utf-8", "replace"),
            }


def _named(pairs: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
