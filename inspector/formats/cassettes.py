"""Cassettes of vcrpy, cassetter, go-vcr, Ruby's VCR and betamax: one list of requests and responses.

Each library has its own names for the same things, and most have changed them once. So a member is looked for
under all of its names. Specifications are the libraries' own sources:
https://github.com/kevin1024/vcrpy (vcr/serializers), https://github.com/dnaeon/go-vcr (pkg/cassette),
https://github.com/vcr/vcr (lib/vcr/structs.rb), https://github.com/betamaxpy/betamax (betamax/util.py).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

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
from inspector.recording import Absent

__all__ = [
    "body_of",
    "claims",
    "claims_cassetter",
    "claims_go_vcr",
    "claims_vcr",
    "claims_vcrpy",
    "interactions",
]

_WRAPPERS = {"string", "base64_string", "b64", "kind", "encoding"}
"""Members of an object that has a body in it, and is not the body itself."""
_SAVED_AT = ("recorded_at", "recordedAt", "captured_at")
_DURATION = re.compile(r"(\d+(?:\.\d*)?)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def claims(value: Any) -> bool:
    """Whether a document is a cassette, of whatever library: requests and responses."""
    return _list_of(value) is not None


def claims_vcrpy(value: Any) -> bool:
    """Whether a document is a cassette that is named as vcrpy's are."""
    return "interactions" in as_mapping(value) and claims(value)


def claims_vcr(value: Any) -> bool:
    """Whether a document is a cassette of Ruby's VCR or of betamax."""
    named = {"http_interactions", ":http_interactions"} & {*as_mapping(value)}
    return bool(named) and _list_of(value) is not None


def claims_go_vcr(value: Any) -> bool:
    """Whether a document is a cassette of go-vcr: its statuses are text, `200 OK`, and its ids numbers."""
    first = as_mapping(next(iter(_list_of(value) or []), None))
    return claims(value) and (
        "duration" in as_mapping(first.get("response")) or "rwmutex" in as_mapping(value)
    )


def claims_cassetter(value: Any) -> bool:
    """Whether a document is a cassette of cassetter, which notes the type of each body."""
    response = as_mapping(as_mapping(next(iter(_list_of(value) or []), None)).get("response"))
    return claims_vcrpy(value) and ("body_type" in response or "type" in as_mapping(response.get("body")))


def _list_of(value: Any) -> list[Any] | None:
    """Return the interactions of a cassette; None if it is none."""
    if _is_exchange(value):  # one file for each exchange, as req_llm writes them
        return [value]
    mapping = as_mapping(value)
    for name in ("interactions", "http_interactions", ":http_interactions"):
        listed = mapping.get(name)
        if isinstance(listed, list) and all(_is_exchange(each) for each in listed[:20]):
            return listed
    for listed in (value, *mapping.values()):  # of libraries that nobody here has heard of
        if isinstance(listed, list) and listed and all(_is_exchange(each) for each in listed[:20]):
            return listed
    return None


def _is_exchange(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    request, response = (value.get(name, value.get(f":{name}")) for name in ("request", "response"))
    return isinstance(request, Mapping) and isinstance(response, Mapping)


def _plain(name: str) -> str:
    return name.removeprefix(":")  # a symbol of Ruby


def interactions(documents: Iterator[Document]) -> Iterator[Interaction]:
    """Yield the exchanges of a cassette."""
    for line, value in documents:
        by = as_mapping(value).get("recorded_with")
        made: list[Interaction] = []
        for each in _list_of(value) or []:
            exchange = {_plain(name): member for name, member in as_mapping(each).items()}
            made.append(
                _interaction(exchange, getattr(each, "line", line), {"name": as_text(by)} if by else {})
            )
        # cassetter sorts its exchanges by their URLs, so that concurrent ones do not change places.
        yield from sorted(made, key=lambda each: each.at) if all(each.at for each in made) else made


def _interaction(exchange: Mapping[str, Any], line: int, recorder: Mapping[str, Any]) -> Interaction:
    request, response = as_mapping(exchange.get("request")), as_mapping(exchange.get("response"))
    seconds = _seconds(response.get("duration"))
    body, own_bytes = body_of(response)
    chunks = [_encoded(each)[0] for each in as_list(exchange.get("chunks")) if isinstance(each, Mapping)]
    if chunks and not body:
        body, own_bytes = b"".join(chunks), True
    absent = SAVED if own_bytes else SAVED | {Absent.SPELLING}
    return Interaction(
        line=line,
        at=stamp(moment_of(next((exchange[name] for name in _SAVED_AT if exchange.get(name)), None))),
        method=as_text(request.get("method")) or "POST",
        url=as_text(request.get("uri") or request.get("url")),
        request_headers=as_headers(request.get("headers")),
        request_body=body_of(request)[0] or None,
        status=_status(response),
        http=_version(response),
        response_headers=as_headers(response.get("headers")),
        reads=[(0.0, body)] if body else [],
        absent=absent,
        recorder=recorder,
        extra={} if seconds is None else {"duration": seconds},
    )


def body_of(message: Mapping[str, Any]) -> tuple[bytes, bool]:
    """Return the body of a request or a response, and whether these are its own bytes.

    They are not if the library saves JSON as values: such a body is written again.
    """
    body = message.get("request_body", message.get("body", message.get("content")))
    if isinstance(body, Mapping):
        if body.get("type") in ("json", "text", "binary", "none"):
            return _typed(body.get("type"), body.get("content"))
        return _encoded(body) if _WRAPPERS & body.keys() else (as_bytes(dict(body)), False)
    if "body_type" in message:  # cassetter's TOML
        return _typed(message["body_type"], message.get("body_content"))
    if body is None and message.get("parsed_body") is not None:
        return as_bytes(message["parsed_body"]), False
    return as_bytes(body), isinstance(body, str | bytes | None)


def _typed(kind: Any, content: Any) -> tuple[bytes, bool]:
    """Return a body of cassetter: its type is `json`, `text`, `binary` (in hexadecimal) or `none`."""
    if kind == "binary" and isinstance(content, str):
        with contextlib.suppress(ValueError):
            return bytes.fromhex(content), True
    return as_bytes(content), kind != "json"


def _encoded(body: Mapping[str, Any]) -> tuple[bytes, bool]:
    """Return a body of vcrpy, betamax or Ruby's VCR: text and its encoding, or base64."""
    encoding = str(body.get("encoding") or "utf-8")
    for name in ("base64_string", "base64", "b64", "string", "text", "data", "value", "chunks"):
        text = body.get(name)
        if text is None:
            continue
        if name in ("base64_string", "base64", "b64") or "base64" in (encoding, body.get("kind")):
            return _unbase64(text), True
        if name == "chunks":
            return b"".join(map(as_bytes, as_list(text))), True
        if isinstance(text, str):
            with contextlib.suppress(LookupError, UnicodeError):  # `ASCII-8BIT` is Ruby's name for bytes
                return text.encode(encoding), True
        return as_bytes(text), isinstance(text, str | bytes)
    return b"", True


def _unbase64(value: Any) -> bytes:
    text = as_bytes(value)
    try:
        return base64.b64decode(text)
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
