"""Pseudonyms: an id becomes another one of the same length and shape, the same one each time.

An id of 16 letters and digits or more gets one that begins with `fa15e1d0` (*false id 0*), behind a prefix
such as `req_`: people see that it is none, and a pseudonym is its own pseudonym. Small letters stay small
letters, digits stay digits, hexadecimal digits stay hexadecimal, and a UUID keeps its version.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re

from inspector.redact.redaction import Redaction

__all__ = ["KEY_VARIABLE", "Pseudonyms", "pseudonyms_for"]

KEY_VARIABLE = "INSPECTOR_REDACT_KEY"
"""The environment variable with the key that sessions share."""

_MARK = b"fa15e1d0"
_MARKED_FROM = 16  # letters and digits: a shorter one would lose too much to the mark

_PREFIX = re.compile(rb"[a-z]{2,10}_(?=[0-9A-Za-z])")
_ESCAPE = re.compile(rb"\\(?:u([0-9A-Fa-f]{4})|.)", re.DOTALL)
_UUID = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION, _VARIANT = 14, 19  # where a UUID says them

_MARKED = re.compile(rf"[0-9A-Za-z_-]*{_MARK.decode()}[0-9A-Za-z_-]*", re.IGNORECASE)
_REMEMBERED = 4096  # ids

_DIGITS, _SMALL, _CAPITAL = b"0123456789", b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HEX, _CAPITAL_HEX = b"0123456789abcdef", b"0123456789ABCDEF"


class Pseudonyms:
    """Give pseudonyms that depend on `key`; without it on the environment, or on this process."""

    __slots__ = ("_ids", "_key")

    def __init__(self, key: str | None = None) -> None:
        given = key or os.environ.get(KEY_VARIABLE)
        self._key = given.encode("utf-8", "surrogateescape") if given else _key_of_process()
        self._ids: dict[str, str] = {}  # those that were given last, by pseudonym

    def of(self, value: bytes) -> bytes:
        """Return the pseudonym of an id, as long as the id. It may have escapes, as in a JSON string."""
        prefix = _PREFIX.match(value)
        start = prefix.end() if prefix else 0
        text = _ESCAPE.sub(lambda escape: b"u" * 6 if escape[1] else escape[0], value[start:])
        symbols = re.sub(rb"[^0-9A-Za-z]", b"", text)
        if symbols.lower().startswith(_MARK):
            return value
        import hashlib  # with OpenSSL it takes 3 ms, which a command that only shows need not pay

        mark = iter(_mark_for(symbols))
        digest = hashlib.shake_256(b"%d:%b%b" % (len(self._key), self._key, value)).digest(len(text))
        classes = _classes_of(symbols)
        made = bytearray(text)
        escaped = False
        for at, byte in enumerate(text):
            if escaped or byte == 0x5C:  # a backslash and what it escapes stay
                escaped = not escaped
                continue
            alphabet = next((each for each in classes if byte in each), _SMALL if byte >= 0x80 else b"")
            if alphabet:
                made[at] = next(mark, alphabet[digest[at] % len(alphabet)])
        if _UUID.fullmatch(text):
            made[_VERSION], made[_VARIANT] = text[_VERSION], text[_VARIANT]
        pseudonym = value[:start] + bytes(made)
        self._remember(value, pseudonym)
        return pseudonym

    def revealed(self, text: str) -> str:
        """Return a text with the ids instead of their pseudonyms, for eyes only: support knows no others.

        It knows the last 4,096 that this object gave, as far as they are marked. They have the same length.
        """
        return _MARKED.sub(lambda match: self._ids.get(match[0], match[0]), text) if self._ids else text

    def _remember(self, value: bytes, pseudonym: bytes) -> None:
        with contextlib.suppress(UnicodeDecodeError, RuntimeError):  # the latter: another thread adds one
            self._ids[pseudonym.decode("ascii")] = value.decode("ascii")
            if len(self._ids) > _REMEMBERED:
                self._ids.pop(next(iter(self._ids)), None)


def pseudonyms_for(redaction: Redaction | None = None) -> Pseudonyms | None:
    """Return what makes the pseudonyms of a redaction, or by default; None if it keeps the ids."""
    if redaction is None:
        return Pseudonyms()
    return Pseudonyms(redaction.key) if redaction.ids else None


def _mark_for(symbols: bytes) -> bytes:
    if len(symbols) < _MARKED_FROM or symbols.isdigit():
        return b""
    return _MARK.upper() if symbols.isupper() else _MARK


def _classes_of(symbols: bytes) -> tuple[bytes, ...]:
    """Return the alphabets of which an id with these letters and digits is made."""
    for alphabet in (_HEX, _CAPITAL_HEX):
        if not symbols.isdigit() and not symbols.strip(alphabet):
            return (alphabet,)
    return _DIGITS, _SMALL, _CAPITAL


@functools.cache
def _key_of_process() -> bytes:
    import secrets

    return secrets.token_bytes(32)
