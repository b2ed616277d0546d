"""JSON as it is on the wire: any RFC 8259 text, read as the SDK's `json` reads it, at orjson's speed.

orjson refuses lone surrogates and numbers beyond a double; the standard library then reads those. `NaN` and
`Infinity` are not JSON, and always refused. Integers beyond 64 bits become floats: code that needs their
digits reads the bytes, which are always kept.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

__all__ = ["as_object", "dumps", "dumps_text", "loads", "valid"]


def loads(text: bytes) -> Any:
    """Parse one JSON value from UTF-8 bytes.

    Lone surrogate escapes are kept, as `json.loads` keeps them. Raises `ValueError` for anything that is not
    JSON by RFC 8259, for invalid UTF-8, and for nesting too deep to parse.
    """
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


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
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent, separators=separators)
    return text
