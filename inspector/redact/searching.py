r"""Where the secrets of a text stand.

One pattern finds candidates. RE2 (https://github.com/google/re2) searches for all of its branches at once, in
time linear in the text, 100 times as fast as `re`. A candidate is only a beginning. What stands before it and
after it decides whether it is a secret, and where that ends.

A *part* is a text that goes on later, as the joined deltas of a content block do. In a part, a key that runs
to the end of the text counts from a few characters on.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import re2

from inspector.redact.assignments import ASSIGNED, assigned_secrets
from inspector.redact.members import named_secrets
from inspector.redact.secret_shapes import (
    CREDENTIAL_NAMES,
    PARAMETER_NAMES,
    SHAPES,
    TOKEN_NAMES,
    Shape,
)

__all__ = ["KINDS", "Span", "any_of", "compiled", "find_secrets"]

Span = tuple[int, int, str]
"""Where a secret begins and ends, and its kind; the kind is empty for a further part of the same secret."""
_Place = tuple[int, int]

_UNFINISHED = (4, 12)  # characters of a key that decide at the end of a part: after a clear prefix, others
_DECIDING = 256  # characters of a key that decide whether it is one: looking at all might take long

_NAMES = f"{CREDENTIAL_NAMES}|{TOKEN_NAMES}"
_PEM = "-----BEGIN [A-Z ]{0,40}PRIVATE KEY"

# What each kind of candidate begins with, in the order of the pattern's groups.
_CANDIDATE = "|".join(
    [
        rf"""((?i:{_NAMES})\\*["']\s{{0,20}}:\s{{0,20}}(?:\\*["']|\[|-?[0-9]))""",
        r"(://[^\s\"'/?#@\\<>]+@)",
        rf"([?&;#](?i:{PARAMETER_NAMES})=)",
        f"({'|'.join(re.escape(prefix) for shape in SHAPES for prefix in shape.prefixes)})",
        r"(eyJ[A-Za-z0-9_-]{8,}\.eyJ)",
        r"((?i:bearer|basic) )",
        f"({_PEM})",
        f"({ASSIGNED})",
    ]
).encode()
_OPTIONS = re2.Options()
_OPTIONS.encoding = re2.Options.Encoding.LATIN1
_PATTERN = re2.compile(_CANDIDATE, _OPTIONS)

_CERTAIN = re.compile(rb"sk-ant-[a-z]{3,5}\d\d-")  # no word has this in it
_JWT = re.compile(rb"[A-Za-z0-9_.-]*")
_CONTAINER_FIRST = re.compile(rb"(?i:\b(?:abfss?|wasbs?|adl))\Z")  # Azure: abfss://container@account/key
_SCHEME = re.compile(rb"[A-Za-z0-9._~+/-]*=*")
_PEM_REST = re.compile(rb"[A-Z ]*-----(?:(?:\\+[rn]|[\r\n]|data: ?|[A-Za-z0-9+/=:,]| (?=\S))*)")
_PEM_TEXT = re.compile(rb"\\+[rn]|[\r\n]|data: ?|([A-Za-z0-9+/=:, ]+?)(?=\\|[\r\n]|$)", re.DOTALL)
_PARAMETER_END = re.compile(rb"""[&#\s"'<>\\]|$""")

# `\Z`, for `$` also matches before a line end, and a key may begin a line.
_KEY_CHARACTER = re.compile(rb"[A-Za-z0-9_]\Z")
_ESCAPED = re.compile(rb"(?:\\+[bfnrt]|\\+u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2})\Z")
_BLOB = re.compile(rb"[A-Za-z0-9+/]{64}\Z")


def any_of(values: Iterable[bytes]) -> Any:
    """Return a compiled pattern of any of `values`, the first that fits at a place."""
    return re2.compile(b"|".join(map(re2.escape, values)), _OPTIONS)


@functools.cache
def compiled(pattern: str) -> Any:
    """Compile a user's regular expression. Raises `ValueError`, with a message for people, if it is none."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"{pattern!r} is no regular expression for RE2: {reason}") from None


def find_secrets(text: bytes, *, part: bool = False) -> Iterator[Span]:
    """Yield where the secrets of `text` stand, in order. `part`: more text follows later."""
    search = _PATTERN.search
    at = 0
    while candidate := search(text, at):
        kind = _kind(candidate)
        # A candidate that is no secret may hold the beginning of one: `sk-` and `eyJ` are that short. What
        # has a name may hold one, too: it ends at a blank or a quote, and the secret may go on.
        at = max(candidate.start() + 1, candidate.end() - 3)
        name = KINDS[kind]
        for start, end in _FINDERS[kind](text, candidate.start(), candidate.end(), part):
            if text[start:end].strip(b"*"):  # otherwise it is masked already
                yield start, end, name
                name = ""
            if kind >= _NAMED:
                at = max(at, end)


def _kind(candidate: Any) -> int:
    return next(number for number, group in enumerate(candidate.groups()) if group is not None)


def _begins_here(text: bytes, at: int) -> bool:
    """Whether a key may begin at `at`: not in the middle of a word, nor of a text in base64."""
    before = text[max(0, at - 64) : at]
    if _KEY_CHARACTER.search(before):
        return _ESCAPED.search(before) is not None
    return before[-1:] not in (b"+", b"/") or not _BLOB.search(before)


@functools.cache
def _prefixes() -> list[tuple[bytes, Shape]]:
    return [(prefix.encode(), shape) for shape in SHAPES for prefix in shape.prefixes]


@functools.cache
def _run(characters: str) -> re.Pattern[bytes]:
    return re.compile(f"[{characters}]*".encode())


def _key(text: bytes, at: int, _after: int, part: bool) -> Iterator[_Place]:
    for prefix, shape in _prefixes():
        if text.startswith(prefix, at) and (_CERTAIN.match(text, at) or _begins_here(text, at)):
            start = at + len(prefix)
            run = _run(shape.run)
            match = run.match(text, start, start + _DECIDING)
            end = match.end() if match else start
            if _is_key(text[start:end], shape, part=part and end == len(text)):
                match = run.match(text, end)
                yield start, match.end() if match else end
                return


def _is_key(key: bytes, shape: Shape, *, part: bool) -> bool:
    least = min(shape.least, _UNFINISHED[0 if shape.clear else 1]) if part else shape.least
    if len(key) < least or (shape.most and len(key) > shape.most):
        return False
    return shape.clear or any(byte in b"0123456789" for byte in key)


def _jwt(text: bytes, at: int, after: int, _: bool) -> Iterator[_Place]:
    if _begins_here(text, at):
        match = _JWT.match(text, after)
        yield after, match.end() if match else after


def _scheme(text: bytes, at: int, after: int, part: bool) -> Iterator[_Place]:
    """Find what follows `Bearer` and `Basic`, which are also words."""
    match = _SCHEME.match(text, after)
    value = match[0] if match else b""
    end = after + len(value)
    if text[at : at + 2].lower() == b"ba":
        is_secret = _is_user_and_password(value)
    else:
        least = 12 if part and end == len(text) else 16
        is_secret = len(value) >= least and any(byte in b"0123456789" for byte in value)
    if is_secret:
        yield after, end


def _is_user_and_password(value: bytes) -> bool:
    """Whether `value` is base64 of a user and a password (RFC 7617)."""
    padded = value.rstrip(b"=") + b"=" * (-len(value.rstrip(b"=")) % 4)
    try:
        decoded = base64.b64decode(padded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return len(value) >= 8 and ":" in decoded and decoded.isprintable()


def _private_key(text: bytes, at: int, after: int, _: bool) -> Iterator[_Place]:
    """Find the lines of a private key, without their ends and what a JSON string writes for these."""
    match = _PEM_REST.match(text, after)
    if not match:
        return
    at, end = text.index(b"-----", after) + 5, match.end()
    for line in _PEM_TEXT.finditer(text, at, end):
        if line[1]:
            yield line.span(1)


def _user(text: bytes, at: int, after: int, _: bool) -> Iterator[_Place]:
    user, colon, password = text[at + 3 : after - 1].partition(b":")
    if not colon and _CONTAINER_FIRST.search(text, max(0, at - 8), at):
        return
    yield at + 3, at + 3 + len(user)
    if colon:
        yield after - 1 - len(password), after - 1


def _parameter(text: bytes, _at: int, after: int, _: bool) -> Iterator[_Place]:
    match = _PARAMETER_END.search(text, after)
    yield after, match.start() if match else len(text)


def _assigned(text: bytes, at: int, after: int, part: bool) -> Iterator[_Place]:
    """Find what a name gives away. What its shape gives away, too, keeps its prefix: that says what it is."""
    for start, end in assigned_secrets(text, at, after, part):
        shape = _PATTERN.match(text, start)
        find = _BY_SHAPE.get(_kind(shape)) if shape else None
        if not find or all(stop < end for _, stop in find(text, start, shape.end(), part)):
            yield start, end


_FINDERS: tuple[Callable[[bytes, int, int, bool], Iterator[_Place]], ...] = (
    named_secrets,
    _user,
    _parameter,
    _key,
    _jwt,
    _scheme,
    _private_key,
    _assigned,
)
_BY_SHAPE = {3: _key, 4: _jwt}
_NAMED = 3  # the first kinds: a name makes them a secret
KINDS = ("credential", "url_user", "url_parameter", "key", "web_token", "bearer", "private_key", "assignment")
"""What the secrets are called, in the order of the pattern's groups."""
