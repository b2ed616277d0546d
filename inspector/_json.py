"""JSON as it is on the wire: any RFC 8259 text, read as the SDK's `json` reads it, at orjson's speed.

orjson refuses lone surrogates and numbers beyond a double; the standard library then reads those. `NaN` and
`Infinity` are not JSON, and always refused. Integers beyond 64 bits become floats: code that needs their
digits reads the bytes, which are always kept.

No value that is read is nested deeper than `DEPTH_LIMIT`. Whatever is read can be copied and written: nothing
here raises `RecursionError`, however deep the value or the caller's own stack.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import orjson

__all__ = [
    "DEPTH_LIMIT",
    "TooDeepError",
    "as_object",
    "as_text",
    "copied",
    "dumps",
    "dumps_text",
    "is_deeper",
    "loads",
    "valid",
]

DEPTH_LIMIT = 1024
"""The deepest nesting that is read, in levels: that of orjson. The SDK's `json` gives up at about 1,000."""


_TOO_DEEP = f"nested deeper than {DEPTH_LIMIT} levels"


class TooDeepError(ValueError):
    """JSON that is nested deeper than `DEPTH_LIMIT`."""


_BRACKET = re.compile(rb'[\[\]{}]|"(?:[^"\\]++|\\.)*+(?:"|$)', re.DOTALL)
_END = object()


def loads(text: bytes) -> Any:
    """Parse one JSON value from UTF-8 bytes.

    Lone surrogate escapes are kept, as `json.loads` keeps them. Raises `ValueError` for anything that is not
    JSON by RFC 8259 and for invalid UTF-8: `TooDeepError` for nesting deeper than `DEPTH_LIMIT`.
    """
    try:
        return orjson.loads(text)
    except ValueError as error:
        if "limit" in str(error):  # of its depth
            raise TooDeepError(_TOO_DEEP) from None
    try:
        value = json.loads(text.decode("utf-8"), parse_constant=_refuse)
    except RecursionError:
        raise TooDeepError(_TOO_DEEP) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError as error:
        if "digits" in str(error):  # Python's own text names a setting of Python
            raise ValueError("a number has too many digits to read") from None
        raise
    if is_deeper(text, DEPTH_LIMIT):  # some versions of Python read deeper than orjson does
        raise TooDeepError(_TOO_DEEP)
    return value


def is_deeper(text: bytes, levels: int) -> bool:
    """Whether JSON is nested deeper than `levels`, without parsing it. Brackets in strings do not count."""
    if text.count(b"[") + text.count(b"{") <= levels:
        return False
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match[0] in b"[{" else -1 if match[0] in b"]}" else 0
        if depth > levels:
            return True
    return False


def valid(text: bytes) -> bool:
    """Whether `text` is one JSON value."""
    try:
        loads(text)
    except ValueError:
        return False
    return True


def as_object(value: Any) -> dict[str, Any]:
    """Return `value` if it is a JSON object, else an empty one, so that its members can be looked up."""
    return value if isinstance(value, dict) else {}


def as_text(value: Any) -> str:
    """Return text as it is, and any other JSON value as JSON."""
    return value if isinstance(value, str) else dumps_text(value)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def dumps(value: Any) -> bytes:
    """Write `value` as compact JSON in UTF-8. Characters are escaped only if UTF-8 cannot hold them."""
    try:
        return orjson.dumps(value)
    except TypeError:  # a lone surrogate or an integer beyond 64 bits
        return dumps_text(value).encode()


def dumps_text(value: Any, *, indent: int | None = None) -> str:
    """Write `value` as JSON text that can be encoded: for people, with `indent` spaces, or for machines."""
    text = _text(value, indent, ascii_only=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _text(value, indent, ascii_only=True)
    return text


def _text(value: Any, indent: int | None, *, ascii_only: bool) -> str:
    separators = (",", ": ") if indent else (",", ":")
    try:
        text = json.dumps(value, ensure_ascii=ascii_only, indent=indent, separators=separators)
    except RecursionError:
        return "".join(_pieces(value, indent, ascii_only))
    if "Infinity" in text:  # as a number that is too big, or as a word
        return "".join(_pieces(value, indent, ascii_only))
    return text


def _pieces(value: Any, indent: int | None, ascii_only: bool) -> Iterator[str]:
    """Yield the text of a value as `json.dumps` writes it, without recursion."""
    colon = ": " if indent else ":"
    # What is open: the members that are left, the closing bracket, and whether a member has been written.
    members: Iterator[tuple[Any, Any]] = iter([(None, value)])
    closing, begun = "", False
    outer: list[tuple[Iterator[tuple[Any, Any]], str, bool]] = []
    while True:
        key, value = next(members, (None, _END))
        if value is _END:
            if not outer:
                return
            yield (_line_end(indent, len(outer) - 1) if begun else "") + closing
            members, closing, begun = outer.pop()
            continue
        if outer:
            yield ("," if begun else "") + _line_end(indent, len(outer))
        begun = True
        if key is not None:
            yield json.dumps(key, ensure_ascii=ascii_only) + colon
        if isinstance(value, dict):
            yield "{"
            outer.append((members, closing, begun))
            members, closing, begun = iter([(str(key), each) for key, each in value.items()]), "}", False
        elif isinstance(value, list | tuple):
            yield "["
            outer.append((members, closing, begun))
            members, closing, begun = iter([(None, each) for each in value]), "]", False
        elif isinstance(value, float) and math.isinf(value):  # `1e400`, of which JSON has no better spelling
            yield "1e999" if value > 0 else "-1e999"
        else:
            yield json.dumps(value, ensure_ascii=ascii_only)


def _line_end(indent: int | None, depth: int) -> str:
    return "\n" + " " * indent * depth if indent else ""


def copied(value: Any) -> Any:
    """Return a copy of a JSON value that shares no list or object with it."""
    top = [value]
    lists: list[Any] = [top]  # lists and objects whose members are still those of the original
    while lists:
        copy = lists.pop()
        for key, member in copy.items() if isinstance(copy, dict) else enumerate(copy):
            if isinstance(member, dict | list):
                copy[key] = member.copy()
                lists.append(copy[key])
    return top[0]
