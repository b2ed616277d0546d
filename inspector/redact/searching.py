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

from inspector.redact.secret_shapes import (
    CREDENTIAL_NAMES,
    OPEN_TOKEN_NAMES,
    PARAMETER_NAMES,
    SHAPES,
    TOKEN_NAMES,
    Shape,
)

__all__ = ["any_of", "find_secrets"]

Span = tuple[int, int]

_UNFINISHED = (4, 12)  # characters of a key that decide at the end of a part: after a clear prefix, others
_DECIDING = 256  # characters of a key that decide whether it is one: looking at all might take long
_OPEN_VALUE = 4096  # bytes of a string without an end that are masked

_NAMES = f"{CREDENTIAL_NAMES}|{TOKEN_NAMES}"
_PEM = "-----BEGIN [A-Z ]{0,40}PRIVATE KEY"

# What each kind of candidate begins with, in the order of the pattern's groups.
_CANDIDATE = "|".join(
    [
        rf"""((?i:{_NAMES})\\*["']\s{{0,20}}:\s{{0,20}}\\*["'])""",
        r"(://[^\s\"'/?#@\\<>]+@)",
        rf"([?&;#](?i:{PARAMETER_NAMES})=)",
        f"({'|'.join(re.escape(prefix) for shape in SHAPES for prefix in shape.prefixes)})",
        r"(eyJ[A-Za-z0-9_-]{8,}\.eyJ)",
        r"((?i:bearer|basic) )",
        f"({_PEM})",
    ]
).encode()
_OPTIONS = re2.Options()
_OPTIONS.encoding = re2.Options.Encoding.LATIN1
_PATTERN = re2.compile(_CANDIDATE, _OPTIONS)

_CERTAIN = re.compile(rb"sk-ant-[a-z]{3,5}\d\d-")  # no word has this in it
_JWT = re.compile(rb"[A-Za-z0-9_.-]*")
_SCHEME = re.compile(rb"[A-Za-z0-9._~+/-]*=*")
_PEM_REST = re.compile(rb"[A-Z ]*-----(?:(?:\\+[rn]|[\r\n]|data: ?|[A-Za-z0-9+/=:,]| (?=\S))*)")
_PEM_TEXT = re.compile(rb"\\+[rn]|[\r\n]|data: ?|([A-Za-z0-9+/=:, ]+?)(?=\\|[\r\n]|$)", re.DOTALL)
_HIDDEN = re.compile(r"""\*{4,}(?:["'\\]|…|$)""".encode())
_NAME = re.compile(rb"[A-Za-z0-9_.-]*$")
_QUOTES = re.compile(rb"""(\\*["'])\s*:\s*(\\*["'])""")
_QUOTE = re.compile(rb"""(\\*)(["'])""")
_PARAMETER_END = re.compile(rb"""[&#\s"'<>\\]|$""")

_KEY_CHARACTER = re.compile(rb"[A-Za-z0-9_]$")
_ESCAPED = re.compile(rb"(?:\\+[bfnrt]|\\+u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2})$")
_BLOB = re.compile(rb"[A-Za-z0-9+/]{64}$")
_PLAIN = re.compile(rb"[A-Za-z]?[a-z]*|[A-Z]+")
_IS_CREDENTIAL = re.compile(f"(?i).*(?:{CREDENTIAL_NAMES})".encode())
_WORDY_NAME = re.compile(rb"(?i).*(?:token|cookie|credentials)")
_RANDOM = re.compile(rb"\A(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[!-~]+\Z|\A[!-~]*[a-z][A-Z][!-~]*\Z")
_OPEN_NAME = re.compile(f"(?i).*(?:{OPEN_TOKEN_NAMES})".encode())


def any_of(values: Iterable[bytes]) -> Any:
    """Return a compiled pattern of any of `values`, the first that fits at a place."""
    return re2.compile(b"|".join(map(re2.escape, values)), _OPTIONS)


def find_secrets(text: bytes, *, part: bool = False) -> Iterator[Span]:
    """Yield where the secrets of `text` stand, in order. `part`: more text follows later."""
    search = _PATTERN.search
    at = 0
    while candidate := search(text, at):
        kind = next(number for number, group in enumerate(candidate.groups()) if group is not None)
        # A candidate that is no secret may hold the beginning of one: `sk-` and `eyJ` are that short. What
        # has a name may hold one, too: it ends at a blank or a quote, and the secret may go on.
        at = max(candidate.start() + 1, candidate.end() - 3)
        for start, end in _FINDERS[kind](text, candidate.start(), candidate.end(), part):
            if start < end:
                yield start, end
            if kind >= _NAMED:
                at = max(at, end)


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


def _key(text: bytes, at: int, _after: int, part: bool) -> Iterator[Span]:
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


def _jwt(text: bytes, at: int, after: int, _: bool) -> Iterator[Span]:
    if _begins_here(text, at):
        match = _JWT.match(text, after)
        yield after, match.end() if match else after


def _scheme(text: bytes, at: int, after: int, part: bool) -> Iterator[Span]:
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


def _private_key(text: bytes, at: int, after: int, _: bool) -> Iterator[Span]:
    """Find the lines of a private key, without their ends and what a JSON string writes for these."""
    match = _PEM_REST.match(text, after)
    if not match:
        return
    at, end = text.index(b"-----", after) + 5, match.end()
    for line in _PEM_TEXT.finditer(text, at, end):
        if line[1]:
            yield line.span(1)


def _member(text: bytes, at: int, after: int, _: bool) -> Iterator[Span]:
    """Find the string of a JSON member that has a secret name; also in a JSON string, or in Python's form."""
    if _HIDDEN.match(text, after):  # also in a text that was cut: what follows is no part of the string
        return
    end = _string_end(text, after)
    value = text[after:end]
    quotes = _QUOTES.search(text, at, after)
    if not quotes or quotes[1] != quotes[2]:
        return
    name = _NAME.search(text[max(0, at - 64) : quotes.start()])
    called = name[0] if name else b""
    if _IS_CREDENTIAL.fullmatch(called):
        if len(value) >= 4:
            yield after, end
    elif _OPEN_NAME.fullmatch(called):
        return
    elif (
        _looks_random(value)
        if _WORDY_NAME.fullmatch(called)
        else len(value) >= 8
        and (not re.search(rb"\s", value) and (len(value) >= 20 or not _PLAIN.fullmatch(value)))
    ):
        yield after, end


def _looks_random(value: bytes) -> bool:
    """Whether a string looks like a key: models send words and pieces of words as tokens, too."""
    return len(value) >= 8 and _RANDOM.search(value) is not None


def _string_end(text: bytes, start: int) -> int:
    """Return where the string that begins at `start` ends, before its quote and the backslashes of that.

    In a JSON string in a JSON string a quote has one backslash, one level deeper three, then seven: always
    one less than a power of two. Pairs of backslashes of a level may stand before them. A quote that ends a
    string outside ends this one, too. In single quotes any double quote may be such an end.
    """
    quote = text[start - 1 : start]
    level = _backslashes(text, start - 1)
    for match in _QUOTE.finditer(text, start):
        run = len(match[1])
        if match[2] == quote and run % (2 * (level + 1)) == level:
            return match.end() - 1 - level
        if match[2] == b'"' and (
            quote == b"'" or any(run % (each + each + 2) == each for each in _levels(level))
        ):
            return match.start()
    return min(len(text), start + _OPEN_VALUE)


def _backslashes(text: bytes, end: int) -> int:
    before = text[max(0, end - _DECIDING) : end]
    return len(before) - len(before.rstrip(b"\\"))


def _levels(below: int) -> Iterator[int]:
    level = 0
    while level < below:
        yield level
        level = 2 * level + 1


def _user(text: bytes, at: int, after: int, _: bool) -> Iterator[Span]:
    user, colon, password = text[at + 3 : after - 1].partition(b":")
    yield at + 3, at + 3 + len(user)
    if colon:
        yield after - 1 - len(password), after - 1


def _parameter(text: bytes, _at: int, after: int, _: bool) -> Iterator[Span]:
    match = _PARAMETER_END.search(text, after)
    yield after, match.start() if match else len(text)


_FINDERS: tuple[Callable[[bytes, int, int, bool], Iterator[Span]], ...] = (
    _member,
    _user,
    _parameter,
    _key,
    _jwt,
    _scheme,
    _private_key,
)
_NAMED = 3  # the first kinds: a name makes them a secret
