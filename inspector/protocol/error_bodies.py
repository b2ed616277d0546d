"""What the body of an error says: the API's own, a gateway's, a web framework's, or a page of HTML.

{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}     the API
{"error":{"message":"model not found","code":404}}                              OpenAI's form, LiteLLM
{"detail":"Not Found"}    {"detail":[{"loc":["body"],"msg":"field required"}]}  FastAPI
{"message":"no Route matched"}                                                  Kong, AWS
<html><head><title>502 Bad Gateway</title>…                                     nginx, Cloudflare
"""

from __future__ import annotations

import html
import re
from typing import Any, NamedTuple

from inspector import _json

__all__ = ["ErrorBody", "read_error"]

_TITLE = re.compile(r"<(title|h1)\b[^>]*>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_SKIPPED = re.compile(r"<(style|script)\b.*?(?:</\1\s*>|\Z)|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>?")
_MESSAGES = ("message", "msg", "detail", "error_description", "title", "reason", "error")
_TYPES = ("type", "code", "status", "__type")
_LONGEST = 500
_DEEPEST = 4


class ErrorBody(NamedTuple):
    """An error's type and message, each empty if the body has none."""

    type: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in self if part)


def read_error(body: bytes) -> ErrorBody:
    """Read the body of an error, of any form. What says nothing gives an empty `ErrorBody`."""
    text = body.removeprefix(b"data:").decode("utf-8", "replace").strip()
    try:
        return _of_value(_json.loads(text.encode("utf-8", "replace")), _DEEPEST)
    except ValueError:
        pass
    if text.startswith("<"):
        title = _TITLE.search(text)
        return ErrorBody("", _line(_TAG.sub(" ", title[2] if title else _SKIPPED.sub(" ", text))))
    return ErrorBody("", _line(text))


def _of_value(value: Any, depth: int) -> ErrorBody:
    """Read a JSON value: a text, the first of a list, or the members of an object that hold such things."""
    if isinstance(value, str):
        return ErrorBody("", _line(value))
    if isinstance(value, list) and value and depth:
        return _of_value(value[0], depth - 1)
    if not isinstance(value, dict) or not depth:
        return ErrorBody("", "")
    inner = value.get("error")
    if isinstance(inner, dict | list) and inner:
        return _of_value(inner, depth - 1)
    members = (value[name] for name in _MESSAGES if name in value)
    parts = (_of_value(str(each) if isinstance(each, int | float) else each, depth - 1) for each in members)
    message = next((part.message for part in parts if part.message), "")
    kinds = (value.get(name) for name in _TYPES)
    kind = next((str(each) for each in kinds if isinstance(each, str | int) and each != ""), "")
    return ErrorBody(_line(kind), message)


def _line(text: str) -> str:
    """Return a text on one line, without more than its beginning."""
    return " ".join(html.unescape(text[: 4 * _LONGEST]).split())[:_LONGEST]
