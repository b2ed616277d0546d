"""Which texts identify somebody, or say which request it was: they become pseudonyms, not stars.

- Headers: the ids of requests, organizations and workspaces.
- The request's `metadata`: `user_id`, which may be one of several parts, as Claude Code sends it; other
  members with such names; and e-mail addresses.
- Request ids in a response: `req_…`, and the `request_id` of an error.

The ids of messages and tool calls stay: they identify nobody, and clients and rules go by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector.redact.json_values import Place, values_of

__all__ = ["ID_HEADERS", "ID_KINDS", "id_kind", "is_id", "may_hold_request_id", "metadata_ids", "request_ids"]

ID_HEADERS = frozenset(["anthropic-organization-id", "anthropic-workspace-id"])
"""The headers of a response that are kept only if their ids become pseudonyms."""

_NAMES = {
    "email": "e?mail(?:address)?",
    "organization": "org(?:ani[sz]ation)?(?:id|uuid|name)?",
    "workspace": "(?:workspace|project)(?:id|uuid|name)?",
    "device": "(?:device|machine|installation)(?:id|uuid|name)?",
    "account": "account(?:id|uuid|name)?",
    "session": "(?:session|conversation)(?:id|uuid)?",
    "request": "request(?:id|uuid)?|cfray",
    "user": "user(?:id|uuid|name)?|login",
}
_KINDS = {kind: re.compile(f".*(?:{ends})") for kind, ends in _NAMES.items()}
ID_KINDS = frozenset(_KINDS)
"""What the ids are called."""

_SPELLING = re.compile(r"[^a-z]")
_EMAIL = re.compile(
    rb"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}"
)
_COMPOSITE = re.compile(rb"user_([0-9a-f]{16,})_account_([0-9a-f-]*)_session_([0-9a-f-]{8,})")
_ID = re.compile(rb"(?=[^0-9]*[0-9])[\x21-\x7e]{8,200}")
_METADATA = b'"metadata"'
_MEMBER = re.compile(rb'"metadata"\s*:\s*(?=\{)')
_BACKSLASH = b"\\"[0]
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_REQUEST_ID = re.compile(rb"(?<![0-9A-Za-z_])req_[0-9A-Za-z]{16,64}")
_OF_ERROR = re.compile(rb'"request_id"\s*:\s*"([^"\\]{8,200})"')


def id_kind(name: str) -> str | None:
    """Return the kind of id that a header or a member has, by the end of its name; None if it has none."""
    plain = _SPELLING.sub("", name.lower())
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(plain)), None)


def is_id(value: bytes) -> bool:
    """Whether a text is as long as an id and has a digit: it is no word, and no `req_1` of a test."""
    return _ID.fullmatch(value) is not None


def metadata_ids(body: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, kind) for each id in the `metadata` of a request's JSON, in order."""
    at = body.find(_METADATA)
    depth = before = 0
    while at >= 0:
        member = _MEMBER.match(body, at)
        if member and body[at - 1] != _BACKSLASH:  # otherwise it stands in a string
            depth += _depth(body[before:at])
            before = at
            if depth == 1:
                yield from _ids_below(body, member.end())
        at = body.find(_METADATA, at + 1)


def may_hold_request_id(text: bytes) -> bool:
    """Whether a piece of a response may have a request id: a quick answer, for each event of a stream."""
    return b"req_" in text or b'"request_id"' in text


def request_ids(text: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, kind) for each request id in a piece of a response."""
    for match in _REQUEST_ID.finditer(text):
        yield *match.span(), "request"
    if b'"error"' in text:
        for match in _OF_ERROR.finditer(text):
            if is_id(match[1]):
                yield *match.span(1), "request"


def _depth(text: bytes) -> int:
    """Return how many more brackets a piece of JSON opens than it closes."""
    outside = _STRING.sub(b"", text)
    return outside.count(b"{") + outside.count(b"[") - outside.count(b"}") - outside.count(b"]")


def _kind_below(parent: str | None, name: bytes) -> str | None:
    """Return the kind of a member's value. What an array holds has the array's kind."""
    return id_kind(name.decode("latin-1")) if name else parent


def _ids_below(text: bytes, at: int) -> Iterator[Place]:
    for kind, start, end, is_string in values_of(text, _kind_below, at):
        value = text[start:end]
        if is_string and value.lstrip().startswith(b"{"):  # JSON in a string, as Claude Code sends it
            inner = value.replace(b'\\"', b' "')  # as long, so that each place stays the same
            for begin, stop, name in _ids_below(inner, 0):
                stop = len(inner[:stop].rstrip())
                if begin < stop:
                    yield start + begin, start + stop, name
        elif is_string and (parts := _COMPOSITE.fullmatch(value)):
            for number, name in enumerate(("device", "account", "session"), 1):
                if parts[number]:
                    yield start + parts.start(number), start + parts.end(number), name
        elif kind and value:
            yield start, end, kind
        elif is_string:
            for email in _EMAIL.finditer(value):
                yield start + email.start(), start + email.end(), "email"
