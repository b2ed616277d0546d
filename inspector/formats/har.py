"""HTTP Archives (http://www.softwareishard.com/blog/har-12-spec/) of browsers, of proxies and of Polly.

Browsers save the decoded text of a body. Chromium adds the events of an event stream, each with its time, to
some entries (`_eventSourceMessages`), and leaves the text out. Polly saves a compressed body as an array of
chunks in base64 or in hexadecimal.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from inspector import _json, sse
from inspector.formats.documents import Document
from inspector.formats.interaction import (
    SAVED,
    Interaction,
    as_bytes,
    as_headers,
    as_list,
    as_mapping,
    as_text,
)
from inspector.formats.moments import moment_of, stamp
from inspector.recording import Absent, End, Ending
from inspector.recording.bedrock import FrameBlocks

__all__ = ["claims", "interactions"]

_BEFORE_RESPONSE = ("blocked", "dns", "connect", "send", "wait")
_HEX = re.compile(r"(?:[0-9a-f]{2})+", re.IGNORECASE)
_ABSENT = (SAVED | {Absent.READS}) - {Absent.SENT}


def claims(value: Any) -> bool:
    """Whether a document is an archive."""
    return isinstance(as_mapping(as_mapping(value).get("log")).get("entries"), list)


def interactions(documents: Iterator[Document]) -> Iterator[Interaction]:
    """Yield an exchange for each entry, in the order in which the requests were sent."""
    for line, value in documents:
        log = as_mapping(as_mapping(value).get("log"))
        creator = as_mapping(log.get("creator"))
        recorder = {name: as_text(creator[name]) for name in ("name", "version") if creator.get(name)}
        entries = [as_mapping(entry) for entry in as_list(log.get("entries"))]
        made = [_interaction(entry, line, recorder) for entry in entries]
        yield from sorted(made, key=lambda each: each.at) if all(each.at for each in made) else made


def _interaction(entry: Mapping[str, Any], line: int, recorder: Mapping[str, Any]) -> Interaction:
    request, response = as_mapping(entry.get("request")), as_mapping(entry.get("response"))
    timings = as_mapping(entry.get("timings"))
    at = moment_of(entry.get("startedDateTime"))
    first = sum(_milliseconds(timings.get(name)) for name in _BEFORE_RESPONSE)
    last = max(_milliseconds(entry.get("time")), first + _milliseconds(timings.get("receive")))
    status = response.get("status")
    error = response.get("_error") or response.get("_errorMessage") or entry.get("_error")
    messages = _messages(entry, response)
    body = _body(as_mapping(response.get("content")))
    reads = [(round(first, 6), body)] if body else []
    absent = _ABSENT if at is not None else _ABSENT | {Absent.SENT}
    payloads = None
    if messages:
        absent -= {Absent.TIMES}
        payloads = _timed(messages, at, first, last)
        last = max(last, payloads[-1][0])
        reads = _with_times(body, payloads) or []
        payloads = None if reads else payloads
    return Interaction(
        line=line,
        at=stamp(at),
        method=as_text(request.get("method")) or "POST",
        url=as_text(request.get("url")),
        request_headers=_real(as_headers(request.get("headers"))),
        request_body=_request_body(as_mapping(request.get("postData"))),
        t=round(first, 6),
        status=status if isinstance(status, int) and not isinstance(status, bool) and status > 0 else 0,
        http=_version(response),
        response_headers=_real(as_headers(response.get("headers"))),
        reads=reads,
        payloads=payloads,
        end=End(round(last, 6), Ending.RESET, as_text(error))
        if error
        else End(round(last, 6), Ending.COMPLETE),
        absent=absent - {Absent.END} if error else absent,
        recorder=recorder,
    )


def _real(headers: Any) -> list[tuple[str, str]]:
    """Leave out the pseudo-headers of HTTP/2."""
    return [(name, text) for name, text in headers if not name.startswith(":")]


def _request_body(data: Mapping[str, Any]) -> bytes | None:
    text = data.get("text")
    if text is None and data.get("params"):
        pairs = [as_mapping(each) for each in as_list(data.get("params"))]
        return urlencode([(str(each.get("name")), str(each.get("value") or "")) for each in pairs]).encode()
    body = as_bytes(text)
    return (_unbase64(body) if data.get("encoding") == "base64" else body) or None


def _body(content: Mapping[str, Any]) -> bytes:
    text = content.get("text")
    if not isinstance(text, str):
        return as_bytes(text)
    chunks = _chunks(text)
    if chunks is not None:
        return b"".join(chunks)
    return _unbase64(text.encode()) if content.get("encoding") == "base64" else as_bytes(text)


def _chunks(text: str) -> list[bytes] | None:
    """Return the chunks of a body that Polly saved; None if it is none."""
    if not text.startswith('["'):
        return None
    try:
        listed = _json.loads(text.encode("utf-8", "surrogatepass"))
    except ValueError:
        return None
    if not (isinstance(listed, list) and all(isinstance(each, str) for each in listed)):
        return None
    if all(_HEX.fullmatch(each) for each in listed):
        return [bytes.fromhex(each) for each in listed]
    return [_unbase64(each.encode()) for each in listed]


def _unbase64(text: bytes) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return text


def _messages(entry: Mapping[str, Any], response: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the events of an event stream that a browser lists."""
    for place in (entry, response, as_mapping(response.get("content"))):
        listed = [as_mapping(each) for each in as_list(place.get("_eventSourceMessages"))]
        if listed and any(each.get("data") for each in listed):
            return listed
    return []


def _timed(
    messages: list[Mapping[str, Any]], at: datetime | None, first: float, last: float
) -> list[tuple[float, bytes]]:
    """Return (seconds since the request, payload) of each event. Browsers give seconds since 1970."""
    start = at.timestamp() if at is not None else 0.0
    payloads, t = [], first
    for message in messages:
        when = message.get("time")
        if isinstance(when, int | float) and not isinstance(when, bool):
            t = max(t, when - start if when > 1e9 else float(when))
        payloads.append((round(min(t, 1e6), 6), as_bytes(message.get("data"))))
    return payloads


def _with_times(body: bytes, payloads: list[tuple[float, bytes]]) -> list[tuple[float, bytes]] | None:
    """Return the body's blocks, each at the time of its event; None if these are not the body's events.

    Chromium leaves the body out, and exports of other tools have both.
    """
    decoder = FrameBlocks() if body.startswith(b"\0") else sse.Decoder()
    tail = [*decoder.feed(body), decoder.close()]
    left, t = iter(payloads), payloads[0][0]
    reads: list[tuple[float, bytes]] = []
    for block in filter(None, tail):
        if block.data is not None:
            t, data = next(left, (t, b""))
            if data.decode("utf-8", "replace") != block.data.decode("utf-8", "replace"):
                return None
        before = reads.pop()[1] if reads and reads[-1][0] == t else b""
        reads.append((t, before + block.raw_bytes))
    return None if next(left, None) else reads


def _milliseconds(value: Any) -> float:
    """Return milliseconds in seconds; -1 stands for a phase that did not happen."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e9
    return value / 1000 if known else 0.0


def _version(response: Mapping[str, Any]) -> str:
    version = str(response.get("httpVersion") or "").upper().replace("H2", "HTTP/2").replace("H3", "HTTP/3")
    return version if re.fullmatch(r"HTTP/[123](\.\d)?", version) else ""
