"""Cassettes of vcrpy, cassetter, go-vcr, Ruby's VCR and betamax: one list of requests and responses.

Each library has its own names for the same things, and most have changed them once. So a member is looked for
under all of its names. Specifications are the libraries' own sources:
https://github.com/kevin1024/vcrpy (vcr/serializers), https://github.com/dnaeon/go-vcr (pkg/cassette),
https://github.com/vcr/vcr (lib/vcr/structs.rb), https://github.com/betamaxpy/betamax (betamax/util.py).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from inspector.formats.documents import Document
from inspector.formats.interaction import Interaction, as_bytes, as_headers, as_mapping
from inspector.formats.moments import moment_of, stamp

__all__ = ["body_of", "claims", "claims_go_vcr", "claims_vcr", "interactions"]

_DURATION = re.compile(r"(\d+(?:\.\d*)?)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def claims(value: Any) -> bool:
    """Whether a document is a cassette."""
    return _list_of(value) is not None


def claims_vcr(value: Any) -> bool:
    """Whether a document is a cassette of Ruby's VCR or of betamax."""
    return isinstance(value, Mapping) and _list_of(value) is not None and "interactions" not in value


def claims_go_vcr(value: Any) -> bool:
    """Whether a document is a cassette of go-vcr: its statuses are text, `200 OK`, and its ids numbers."""
    first = as_mapping(next(iter(_list_of(value) or []), None))
    return claims(value) and (
        "duration" in as_mapping(first.get("response")) or "rwmutex" in as_mapping(value)
    )


def _list_of(value: Any) -> list[Any] | None:
    """Return the interactions of a cassette; None if it is none."""
    mapping = as_mapping(value)
    for name in ("interactions", "http_interactions", ":http_interactions"):
        listed = mapping.get(name)
        if isinstance(listed, list) and all(_is_exchange(each) for each in listed[:20]):
            return listed
    return None


def _is_exchange(value: Any) -> bool:
    return isinstance(value, Mapping) and bool({"request", "response"} & {*map(_plain, value)})


def _plain(name: str) -> str:
    return name.removeprefix(":")  # a symbol of Ruby


def interactions(documents: Iterator[Document]) -> Iterator[Interaction]:
    """Yield the exchanges of a cassette."""
    for line, value in documents:
        by = as_mapping(value).get("recorded_with")
        for each in _list_of(value) or []:
            exchange = {_plain(name): member for name, member in as_mapping(each).items()}
            yield _interaction(exchange, getattr(each, "line", line), {"name": str(by)} if by else {})


def _interaction(exchange: Mapping[str, Any], line: int, recorder: Mapping[str, Any]) -> Interaction:
    request, response = as_mapping(exchange.get("request")), as_mapping(exchange.get("response"))
    seconds = _seconds(response.get("duration"))
    body = body_of(response)
    return Interaction(
        line=line,
        at=stamp(moment_of(exchange.get("recorded_at"))),
        method=str(request.get("method") or "POST"),
        url=str(request.get("uri") or request.get("url") or ""),
        request_headers=as_headers(request.get("headers")),
        request_body=body_of(request) or None,
        status=_status(response),
        http=_version(response),
        response_headers=as_headers(response.get("headers")),
        reads=[(0.0, body)] if body else [],
        recorder=recorder,
        extra={} if seconds is None else {"duration": seconds},
    )


def body_of(message: Mapping[str, Any]) -> bytes:
    """Return the body of a request or a response, whichever way its library saves it."""
    body = message.get("body", message.get("content"))
    if isinstance(body, Mapping):
        for name in ("string", "base64_string", "text", "data", "base64"):
            text = body.get(name)
            if text is not None:
                encoded = name.startswith("base64") or body.get("encoding") == "base64"
                return _unbase64(text) if encoded else as_bytes(text)
        body = None if {"encoding", "string"} & body.keys() else body or None
    for name in ("body_base64", "base64_body"):
        if body is None and message.get(name) is not None:
            return _unbase64(message[name])
    return as_bytes(message.get("parsed_body") if body is None else body)


def _unbase64(value: Any) -> bytes:
    text = as_bytes(value)
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return text


def _status(response: Mapping[str, Any]) -> int:
    status = response.get("status", response.get("status_code"))
    code = response.get("code", status)
    if isinstance(status, Mapping):
        code = status.get("code", code)
    digits = re.match(r"\d{3}", str(code))
    return int(digits[0]) if digits else 200 if response and code is None else 0


def _version(response: Mapping[str, Any]) -> str:
    """Return the protocol's version as a recording's head has it: `HTTP/1.1`; empty if it is unknown."""
    version = response.get("proto") or response.get("http_version") or ""
    version = str(version).upper().removeprefix("HTTP/")
    return f"HTTP/{version}" if re.fullmatch(r"[123](\.\d)?", version) else ""


def _seconds(duration: Any) -> float | None:
    """Return seconds for a duration as Go writes it, `1.5s` or `1m2.5s`."""
    if isinstance(duration, int) and not isinstance(duration, bool):
        return duration / 1e9
    parts = _DURATION.findall(duration) if isinstance(duration, str) else []
    return round(sum(float(number) * _SECONDS[unit] for number, unit in parts), 6) if parts else None
