"""Secrets by name: the strings and numbers of JSON members called `password`, `api_key` and the like.

Also in a JSON string, in a JSON string in a JSON string, and in the form that Python prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector.redact.secret_shapes import CREDENTIAL_NAMES, OPEN_TOKEN_NAMES

__all__ = ["looks_random", "named_secrets"]

_OPEN_VALUE = 4096  # bytes of a string without an end that are masked
_LEAST = 4  # characters of a string, or digits of a number, that a credential has
_DECIDING = 256  # backslashes before a quote that are counted
_NESTED = 256  # strings of an array that are looked at

_HIDDEN = re.compile(r"""\*{4,}(?:["'\\]|…|$)""".encode())
_NAME = re.compile(rb"[A-Za-z0-9_.-]*\Z")
_OPENING = re.compile(rb"""(\\*["'])\s*:\s*(\\*["']|\[|-?[0-9])""")
_QUOTE = re.compile(rb"""(\\*)(["'])""")
_NUMBER = re.compile(rb"-?[0-9][0-9.eE+-]*")
_DIGITS = re.compile(rb"[0-9]+")
_ITEM = re.compile(rb"""[\s,]*(\\*["'])""")
_PLAIN = re.compile(rb"[A-Za-z]?[a-z]*|[A-Z]+")
_IS_CREDENTIAL = re.compile(f"(?i).*(?:{CREDENTIAL_NAMES})".encode())
_WORDY_NAME = re.compile(rb"(?i).*(?:token|cookie|credentials)")
_RANDOM = re.compile(rb"\A(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[!-~]+\Z|\A[!-~]*[a-z][A-Z][!-~]*\Z")
_OPEN_NAME = re.compile(f"(?i).*(?:{OPEN_TOKEN_NAMES})".encode())


def named_secrets(text: bytes, at: int, after: int, part: bool) -> Iterator[tuple[int, int]]:
    """Yield the strings and digits of a member's value, if its name makes them a secret.

    The name's end stands at `at`; `after` is behind the first character of the value: a quote, a bracket or a
    digit. `part`: more text follows later.
    """
    opening = _OPENING.search(text, at, after)
    if not opening:
        return
    name = _NAME.search(text[max(0, at - 64) : opening.start()])
    called = name[0] if name else b""
    start = opening[2]
    if start == b"[":
        yield from _strings(text, called, opening[1], after)
    elif not start.endswith((b'"', b"'")):
        yield from _digits(text, called, after - 1, part=part)
    elif start == opening[1]:
        end = _string_end(text, after)
        if _is_secret(called, text[after:end]) and not _HIDDEN.match(text, after):
            yield after, end


def _is_secret(called: bytes, value: bytes) -> bool:
    if _IS_CREDENTIAL.fullmatch(called):
        return len(value) >= _LEAST
    if _OPEN_NAME.fullmatch(called):
        return False
    if _WORDY_NAME.fullmatch(called):
        return looks_random(value)
    is_word = len(value) < 20 and _PLAIN.fullmatch(value) is not None
    return len(value) >= 8 and not re.search(rb"\s", value) and not is_word


def looks_random(value: bytes, least: int = 8) -> bool:
    """Whether a string looks like a key: models send words and pieces of words as tokens, too."""
    return len(value) >= least and _RANDOM.search(value) is not None


def _strings(text: bytes, called: bytes, quote: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Yield the secret strings of an array, up to the first item that is no string."""
    for _ in range(_NESTED):
        item = _ITEM.match(text, at)
        if not item or item[1] != quote:
            return
        end = _string_end(text, item.end())
        if _is_secret(called, text[item.end() : end]):
            yield item.end(), end
        at = end + len(quote)


def _digits(text: bytes, called: bytes, at: int, *, part: bool) -> Iterator[tuple[int, int]]:
    """Yield the digits of a number that is called like a credential; a number called a token is a count."""
    number = _NUMBER.match(text, at)
    if number and _IS_CREDENTIAL.fullmatch(called) and not called.lower().endswith(b"token"):
        runs = [run.span() for run in _DIGITS.finditer(text, at, number.end())]
        goes_on = part and number.end() == len(text)
        shown = set(number[0]) - set(b"1.eE+-")  # digits that were masked are ones
        if shown and (goes_on or sum(end - start for start, end in runs) >= _LEAST):
            yield from runs


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
