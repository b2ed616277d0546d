"""How each line of a recording is read. `recordings/README.md` is the specification.

The payload is cut out of its line verbatim, even if a person has edited the line: with keys in another order,
or more space between them.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from inspector import _json, sse
from inspector.recording.bedrock import parse_block
from inspector.recording.request_bodies import written_head
from inspector.recording.values import (
    FORMAT_VERSION,
    End,
    Ending,
    Head,
    Part,
    Request,
    Response,
    TimedBlock,
    timed_block,
)

__all__ = ["HEAD_START", "NotJSONError", "parse_line", "parse_plain", "payload_of"]

HEAD_START = b'{"recording":'
"""How the head begins that a program writes."""

_plain = re.compile(
    rb'\{"t":((?:0|[1-9][0-9]{0,8})(?:\.[0-9]+)?),(?:"cuts":(\[\[[0-9.,[\]]+\]\]),)?'
    rb'"event":"([^"\\\x00-\x1f]+)","data":(.*)\}[ \t\r\n]*',
    re.DOTALL,
).fullmatch
_new = tuple.__new__  # what a NamedTuple's own constructor calls, without the call around it
_CR = ord("\r")  # `in` finds an int in bytes ten times as fast as a byte in bytes
_LONGEST = 1e12  # seconds; beyond it a float has no microseconds, and a JSON number may be no float at all
_EVENT = re.compile(r"[^\r\n\ud800-\udfff]+")
_SPACE = re.compile(r"[ \t\r\n]*")
_LINE_ENDS = re.compile(r"[\r\n]*")
_scan = json.JSONDecoder(strict=False).raw_decode


class NotJSONError(ValueError):
    """The line is not JSON: its writer may have died in the middle of it."""


def parse_plain(line: bytes) -> TimedBlock | None:
    """Read the line of a block in the plain form, as nearly every line is; return None for any other line."""
    match = _plain(line)
    if match is None:
        return None
    t, cuts, event, data = match.groups()
    try:
        value = orjson.loads(data)  # which refuses some texts that are JSON all the same
        name = event.decode()
        reads = _cuts({"cuts": orjson.loads(cuts)}) if cuts else ()
    except ValueError:
        return None
    if _CR in data:
        return None
    global _last
    data = data.strip()
    _last = data, value
    return _new(TimedBlock, (float(t), name, data, b"", reads, None))


_last: tuple[bytes, Any] = (b"null", None)


def payload_of(data: bytes) -> Any:
    """Parse a payload with orjson, unless it is the one that was read last: then its value is known.

    Who checks a file takes each block before the next one is read. The value must not be changed.
    """
    last, value = _last
    return value if last is data else orjson.loads(data)


def parse_line(
    line: bytes, *, first: bool = False, binary: bool = False, t: float = 0.0
) -> Head | TimedBlock | Part | End | None:
    """Read one line; return None for a kind that this version does not know.

    `first` says that no block came before it, `binary` that the body is AWS's binary event stream, and
    `t` is the time of a line that has none. Raises `ValueError`, with a message for people, if it is not a
    line of a recording: `NotJSONError` if it is not even JSON.
    """
    block = parse_plain(line)
    if block is not None:
        return block
    if line.startswith(HEAD_START) and (written := written_head(line)):
        return _parse_head(*written)
    value = _object_of(line)
    if "recording" in value:
        return _parse_head(value, b"", line)
    value.setdefault("t", t)
    if "end" in value:
        return _parse_end(value)
    if "raw" in value:
        return _parse_raw(value, first=first, binary=binary)
    if "data" in value:
        return _parse_block(value, line)
    if "body" in value:
        return _parse_body(value, line, first=first)
    if "part" in value:
        return Part(_time(value), _raw(value["part"], "part"), _cuts(value))
    return None


def _object_of(line: bytes) -> dict[str, Any]:
    try:
        value = _json.loads(line)
    except json.JSONDecodeError as error:
        column = min(error.pos, len(error.doc.rstrip("\r\n"))) + 1  # `colno` begins again after the line end
        raise NotJSONError(f"not JSON at column {column}: {error.msg}") from None
    except UnicodeDecodeError as error:
        raise NotJSONError(f"not UTF-8 at byte {error.start + 1}") from None
    if not isinstance(value, dict):
        raise ValueError(f"a line of a recording is a JSON object, this is {_kind(value)}")
    return value


def _parse_block(value: dict[str, Any], line: bytes) -> TimedBlock:
    event = value.get("event")
    if not isinstance(event, str) or not _EVENT.fullmatch(event):
        raise ValueError("a line with `data` and no `raw` needs the event's name in `event`")
    data = _members(line)["data"]
    if b"\n" in data or b"\r" in data:
        raise ValueError("`data` must stand on one line")
    return TimedBlock(
        _time(value), event, data, b"", _cuts(value), _rest(value, "t", "cuts", "event", "data")
    )


def _parse_raw(value: dict[str, Any], *, first: bool, binary: bool) -> TimedBlock:
    block = parse_block(_raw(value["raw"]), first=first, binary=binary)
    rest = _rest(value, "t", "cuts", "event", "data", "raw")
    return timed_block(block, _time(value), _cuts(value), rest)


def _parse_body(value: dict[str, Any], line: bytes, *, first: bool) -> TimedBlock:
    """Read a block that is one JSON document: its bytes are those of `body`, and then its own line end."""
    eol = value.get("eol", "")
    if not isinstance(eol, str) or not _LINE_ENDS.fullmatch(eol):
        raise ValueError("`eol` must be the line end of `body`: text of CR and LF")
    block = sse.parse(_members(line)["body"] + eol.encode(), first=first)
    return timed_block(block, _time(value), _cuts(value), _rest(value, "t", "cuts", "body", "eol"))


def _parse_end(value: dict[str, Any]) -> End:
    try:
        how = Ending(value["end"])
    except ValueError:
        known = ", ".join(Ending)
        raise ValueError(f"unknown end {value['end']!r}; known are {known}") from None
    error = value.get("error")
    return End(_time(value), how, None if error is None else str(error), _rest(value, "t", "end", "error"))


def _parse_head(value: dict[str, Any], body: bytes, line: bytes = b"") -> Head:
    """Read a head. Its request's body is `body`, or else is cut out of the `line`.

    Every recorder writes `at`, so a head without it was written by hand. Then it may leave out all that a
    person has no use for: the response is 200, and the times are not real.
    """
    version = value["recording"]
    if version != FORMAT_VERSION:
        raise ValueError(
            f"recording format {version!r}; this inspector reads {FORMAT_VERSION}: a newer one may read it"
        )
    request = _object(value, "request")
    whole = None
    if "raw" in request:
        whole = _raw(request["raw"])
    elif "body" in request:
        whole = body or _members(_members(line)["request"])["body"]
    by_hand = "at" not in value
    without_response = value.get("response", {} if by_hand else None) is None
    extra = _rest(value, "recording", "at", "request", "response", "recorder")
    if by_hand:
        extra = {"untimed": True, "by_hand": True, **(extra or {})}
    return Head(
        at=str(value.get("at", "")),
        request=Request(
            method=str(request.get("method", "POST")),
            url=str(request.get("url", "")),
            headers=_headers(request),
            body=whole,
            withheld=_withheld(request),
            extra=_rest(request, "method", "url", "headers", "body", "raw", "withheld"),
        ),
        response=None if without_response else _parse_response(_object(value, "response")),
        recorder=_object(value, "recorder"),
        extra=extra,
    )


def _parse_response(value: dict[str, Any]) -> Response:
    status = value.get("status", 200)
    if not isinstance(status, int):
        raise ValueError("the response's `status` must be a number")
    return Response(
        t=_time(value),
        status=status,
        headers=_headers(value),
        http=str(value.get("http", "HTTP/1.1")),
        withheld=_withheld(value),
        extra=_rest(value, "t", "status", "headers", "http", "withheld"),
    )


def _headers(value: dict[str, Any]) -> dict[str, str]:
    headers = _object(value, "headers").items()
    return {name.lower(): text if text.__class__ is str else str(text) for name, text in headers}


def _withheld(value: dict[str, Any]) -> tuple[str, ...]:
    names = value.get("withheld") or []
    if not isinstance(names, list):
        raise ValueError(f"`withheld` must be an array of names, this is {_kind(names)}")
    return tuple(map(str, names))


def _object(value: dict[str, Any], key: str) -> dict[str, Any]:
    member = value.get(key) or {}
    if not isinstance(member, dict):
        raise ValueError(f"`{key}` must be an object, this is {_kind(member)}")
    return member


def _time(value: dict[str, Any]) -> float:
    t = value.get("t", 0.0)
    if not _is_time(t):
        raise ValueError(f"`t` must be a number of seconds, this is {t!r:.40}")
    return float(t)


def _is_time(t: Any) -> bool:
    return isinstance(t, int | float) and not isinstance(t, bool) and 0 <= t < _LONGEST


def _cuts(value: dict[str, Any]) -> tuple[tuple[int, float], ...]:
    cuts = value.get("cuts") or []
    if isinstance(cuts, list) and all(isinstance(cut, list) and len(cut) == 2 for cut in cuts):
        sizes = [size for size, _ in cuts]
        whole = all(isinstance(size, int) and not isinstance(size, bool) and size >= 0 for size in sizes)
        if whole and all(_is_time(t) for _, t in cuts):
            return tuple((size, float(t)) for size, t in cuts)
    raise ValueError("`cuts` must be a list of [bytes so far, seconds]")


def _raw(value: Any, name: str = "raw") -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, dict) and isinstance(value.get("base64"), str):
        try:
            return base64.b64decode(value["base64"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError(f"`{name}` is not base64: {error}") from None
    raise ValueError(f'`{name}` must be text or {{"base64": text}}')


def _rest(value: dict[str, Any], *known: str) -> dict[str, Any] | None:
    return {key: member for key, member in value.items() if key not in known} or None


def _members(line: bytes) -> dict[str, bytes]:
    """Cut an object's members out of its text, each value verbatim. `line` is known to be JSON."""
    text = line.decode("utf-8")
    try:
        return dict(_cut(text))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _cut(text: str) -> Iterator[tuple[str, bytes]]:
    at = _SPACE.match(text, text.index("{") + 1).end()  # type: ignore[union-attr]
    while text[at] != "}":
        key, at = _scan(text, at)
        at = _SPACE.match(text, at).end() + 1  # type: ignore[union-attr]
        start = _SPACE.match(text, at).end()  # type: ignore[union-attr]
        _, at = _scan(text, start)
        yield key, text[start:at].encode("utf-8")
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
        if text[at] == ",":
            at = _SPACE.match(text, at + 1).end()  # type: ignore[union-attr]


def _kind(value: Any) -> str:
    names = {list: "an array", str: "text", bool: "true or false", type(None): "null", dict: "an object"}
    return names.get(type(value), "a number")
