"""The mask: the same text, with `*` in place of every byte of a secret."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from inspector.redact.escapes import plain
from inspector.redact.prefilter import may_hold_secret

__all__ = ["Mask", "mask_text", "mask_url"]

_SECRET_HEADERS = ("auth", "key", "token", "secret", "cookie", "password", "credential", "signature")
_RATE_LIMITS = ("anthropic-ratelimit-", "x-ratelimit-")  # of tokens
_PUBLIC_HEADERS = ("host", "user-agent", "accept", "anthropic-beta", "x-stainless-lang")
_BEFORE_NUMBER = re.compile(rb"[:0-9][\s.eE+-]*$")  # a string would have its quote there
_PLAIN = re.compile(r"[A-Za-z]{,9}")
_LEARNED = 4096  # secrets of one request
_SEARCHED_BY_ONE = 4  # more values than these are searched for together, by RE2
_FEW = 16 * 1024  # bytes that are searched without RE2
_Span = tuple[int, int, str]  # as `searching` has it

_URL_USER = re.compile(r"^([^/?#]*//|)[^/?#]*@")  # also without its scheme


class Mask:
    """Hide secrets in bytes: by shape, by name, and the values with which a request authenticates.

    `headers` are those of the request; the `response` has secrets, too: its cookies.
    """

    __slots__ = ("_search", "_values")

    def __init__(
        self, headers: Iterable[tuple[str, str]] = (), response: Iterable[tuple[str, str]] = ()
    ) -> None:
        fields = [(name.lower(), value) for name, value in headers]
        answered = [(name.lower(), value) for name, value in response]
        secrets = {secret.strip() for name, value in fields + answered for secret in _secrets(name, value)}
        # A dummy key may be a word that stands in every request and response: `anthropic` is in the host.
        # What a response says cannot make a word of a key.
        public = "\n".join(
            f"{name}\n{value if name in _PUBLIC_HEADERS else ''}" for name, value in fields
        ).lower()
        self._search: Any = None
        self._values: list[bytes] = []
        self._add(
            form.encode(errors="surrogateescape")
            for secret in secrets
            if len(secret) >= 8 and not _PLAIN.fullmatch(secret) and secret.lower() not in public
            for form in {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
        )

    def _add(self, values: Iterable[bytes]) -> None:
        self._values = sorted({*self._values, *values}, key=len, reverse=True)
        self._search = None

    def learn(self, text: bytes) -> None:
        """Hide the secrets of `text`, which the request sends, wherever else they stand."""
        escaped = plain(text)
        flat = escaped.text if escaped else text
        self._add(
            flat[start:end]
            for start, end, _ in itertools.islice(_by_pattern(flat, part=False), _LEARNED)
            if end - start >= 8 and not _PLAIN.fullmatch(flat[start:end].decode("latin-1"))
        )

    def __call__(self, text: bytes) -> bytes:
        """Return `text` with every byte of a secret replaced by `*`; `text` itself if it has no secret."""
        return self._masked(text, part=False)

    def part(self, text: bytes) -> bytes:
        """Mask text that goes on later: also hide the beginning of a secret at its end."""
        return self._masked(text, part=True)

    def text(self, text: str) -> str:
        """Mask a string."""
        data = text.encode("utf-8", "surrogatepass")
        masked = self._masked(data, part=False)
        return text if masked is data else masked.decode("utf-8", "surrogatepass")

    def _masked(self, text: bytes, *, part: bool) -> bytes:
        escaped = plain(text)
        flat = escaped.text if escaped else text
        spans = [*self._known(flat, part=part), *_by_pattern(flat, part=part)]
        if not spans:
            return text
        masked = bytearray(text)
        name = ""
        for start, end, kind in spans:
            name = kind or name
            fill = b"1" if name == "credential" and _is_number(flat, start, end) else b"*"
            if escaped:
                start, end = escaped.where(start), escaped.where(end)
            masked[start:end] = fill * (end - start)
        return text if masked == text else bytes(masked)

    def _known(self, text: bytes, *, part: bool) -> Iterator[_Span]:
        """Yield where the request's own secrets stand."""
        if len(self._values) > _SEARCHED_BY_ONE:
            if self._search is None:
                from inspector.redact.searching import any_of  # loads RE2

                self._search = any_of(self._values)
            yield from ((*match.span(), "key") for match in self._search.finditer(text))
        else:
            for value in self._values:
                at = text.find(value)
                while at >= 0:
                    yield at, at + len(value), "key"
                    at = text.find(value, at + len(value))
        if part:
            for value in self._values:
                if begun := _overlap(text, value):
                    yield len(text) - begun, len(text), "key"


def _is_number(text: bytes, start: int, end: int) -> bool:
    """Whether the digits between `start` and `end` are a JSON number, which must stay one."""
    return text[start:end].isdigit() and _BEFORE_NUMBER.search(text, max(0, start - 32), start) is not None


def _overlap(text: bytes, value: bytes) -> int:
    """Return how many bytes of `value` `text` ends in; 0 for a quarter of it, or less."""
    least = max(4, len(value) // 4 + 1)
    end = text[1 - len(value) :]
    at = end.find(value[:least])
    while at >= 0 and not value.startswith(end[at:]):
        at = end.find(value[:least], at + 1)
    return len(end) - at if at >= 0 else 0


def _secrets(name: str, value: str) -> list[str]:
    """Return the secret parts of a header: without its scheme, and the names and attributes of its values."""
    # `www-authenticate` says how to authenticate, and with nothing.
    if name.startswith(_RATE_LIMITS) or "authenticate" in name:
        return []
    if not any(part in name for part in _SECRET_HEADERS):
        return []
    value = value.strip()
    if name == "set-cookie":
        value = value.partition(";")[0]
    elif name.endswith("authorization"):
        value = value.partition(" ")[2] or value
    parts = re.split(r"; *" if "cookie" in name else r", *| +", value)
    return [value, value.rstrip("="), *parts, *(part.partition("=")[2] for part in parts)]


class _Search:
    """Find secrets by shape and by name.

    To load RE2 takes some milliseconds, which a command that shows a few short texts need not pay. For long
    texts it is far faster than the search for literals.
    """

    def __init__(self) -> None:
        self._find: Callable[..., Iterable[_Span]] | None = None
        self._seen = 0  # bytes

    def __call__(self, text: bytes, *, part: bool) -> Iterable[_Span]:
        if self._find is None:
            self._seen += len(text)
            if self._seen < _FEW and not may_hold_secret(text):
                return ()
            from inspector.redact.searching import find_secrets

            self._find = find_secrets
        return self._find(text, part=part)


_by_pattern = _Search()
_by_shape = Mask()


def mask_text(text: str) -> str:
    """Return `text` with a `*` for every byte of what looks like a secret. For all that people or logs see.

    It hides keys by shape, JSON strings by name, and secrets in URLs, and knows no request's own secrets.
    """
    return _by_shape.text(text)


def mask_url(url: str) -> str:
    """Return `url` without its user part, and with the values of parameters that have secret names masked."""
    return mask_text(_URL_USER.sub(r"\1", url))
