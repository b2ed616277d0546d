"""Flow files of mitmproxy (`mitmdump -w`): tagged netstrings, `LENGTH:BYTES` and then the type of the bytes.

The types are mitmproxy's own (mitmproxy/io/tnetstring.py). A flow has the whole body and neither its chunks
nor their times; it has when the request was sent, when the response's head came, and when its end did. A body
that mitmproxy streamed is not in the file, unless `store_streamed_bodies` was set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from inspector.errors import FormatError
from inspector.formats.interaction import Interaction, as_list, as_mapping
from inspector.formats.moments import stamp
from inspector.recording import Absent, End, Ending

__all__ = ["claims", "interactions"]

_START = re.compile(rb"\d{1,12}:\d{1,3}:[a-z_]+[;,]")
_DEPTH = 64
_ABSENT = frozenset({Absent.TIMES, Absent.READS})
_NO_BODY = "the body is not in the file: mitmproxy streamed it; set its option store_streamed_bodies"


def claims(start: bytes) -> bool:
    """Whether a file begins with a flow."""
    return _START.match(start) is not None


def interactions(pieces: Iterator[bytes], name: str | None) -> Iterator[Interaction]:
    """Yield the exchange of each flow over HTTP, in the file's order.

    Raises `FormatError` with the offset of a flow that cannot be read; those before it come first.
    """
    data = b"".join(pieces)
    at = number = 0
    while at < len(data):
        number += 1
        try:
            flow, following = _value(data, at, len(data), 0)
        except ValueError as error:
            message = f"flow {number}, which begins at byte {at}, is broken: {error}"
            raise FormatError(message, path=name, line=1) from None
        at = following
        if as_mapping(flow).get("type") == "http" and as_mapping(flow).get("request"):
            yield _interaction(as_mapping(flow))


def _value(data: bytes, at: int, end: int, depth: int) -> tuple[Any, int]:
    """Read the value at `at`; return it and the place after it."""
    colon = data.find(b":", at, min(at + 13, end))
    digits = data[at:colon]
    if colon < 0 or not digits.isdigit():
        raise ValueError(f"no length at byte {at}")
    start = colon + 1
    stop = start + int(digits)
    if stop >= end:
        raise ValueError(
            f"a value at byte {at} should have {int(digits)} bytes, and the file has {end - start}"
        )
    kind, text = data[stop : stop + 1], data[start:stop]
    if kind in b"}]":
        if depth > _DEPTH:
            raise ValueError("nested too deeply")
        return _container(kind, data, start, stop, depth), stop + 1
    if kind not in _SCALARS:
        raise ValueError(f"unknown type {kind!r} at byte {stop}")
    try:
        return _SCALARS[kind](text), stop + 1
    except ValueError:
        raise ValueError(f"a value at byte {at} is not of its type") from None


_SCALARS: Mapping[bytes, Any] = {
    b",": bytes,
    b";": lambda text: text.decode("utf-8", "replace"),
    b"#": int,
    b"^": float,
    b"!": lambda text: text == b"true",
    b"~": lambda text: None,
}


def _container(kind: bytes, data: bytes, start: int, stop: int, depth: int) -> Any:
    values: list[Any] = []
    while start < stop:
        value, start = _value(data, start, stop, depth + 1)
        values.append(value)
    if kind == b"]":
        return values
    return {_text(key): value for key, value in zip(values[::2], values[1::2], strict=False)}


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _interaction(flow: Mapping[str, Any]) -> Interaction:
    request, response = as_mapping(flow.get("request")), as_mapping(flow.get("response"))
    error = as_mapping(flow.get("error"))
    sent = _seconds(request.get("timestamp_start"))
    first = _since(sent, response.get("timestamp_start"))
    last = max(first, _since(sent, response.get("timestamp_end") or error.get("timestamp")))
    body, status = response.get("content"), response.get("status_code")
    kept = body is not None or not response
    return Interaction(
        at=stamp(datetime.fromtimestamp(sent, UTC)) if 0 < sent < 1e11 else "",
        method=_text(request.get("method") or "POST"),
        url=_url(request),
        request_headers=_headers(request),
        request_body=request.get("content") or None,
        t=first,
        status=status if isinstance(status, int) else 0,
        http=_text(response.get("http_version") or ""),
        response_headers=_headers(response),
        reads=[(first, body)] if isinstance(body, bytes) and body else [],
        end=_end(error, last, kept=kept),
        absent=_ABSENT if kept else _ABSENT | {Absent.BODY},
        recorder={"name": "mitmproxy"},
    )


def _end(error: Mapping[str, Any], t: float, *, kept: bool) -> End:
    if error:
        return End(t, Ending.CUT, _text(error.get("msg") or ""))
    return End(t, Ending.COMPLETE) if kept else End(t, Ending.ABANDONED, _NO_BODY)


def _url(request: Mapping[str, Any]) -> str:
    scheme, host = _text(request.get("scheme") or "https"), _text(request.get("host") or "")
    port = request.get("port")
    usual = {"http": 80, "https": 443}.get(scheme)
    place = host if port in (None, usual) else f"{host}:{port}"
    return f"{scheme}://{place}{_text(request.get('path') or '')}"


def _headers(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = [pair for pair in as_list(message.get("headers")) if isinstance(pair, list) and len(pair) == 2]
    return [(_latin(name), _latin(value)) for name, value in pairs if not _latin(name).startswith(":")]


def _latin(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _since(sent: float, value: Any) -> float:
    return round(min(max(0.0, _seconds(value) - sent), 1e9), 6)
