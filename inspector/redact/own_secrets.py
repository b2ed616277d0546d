"""What a request authenticates with, and the cookies of its response: by the names of headers."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Sequence

__all__ = ["header_bytes", "is_word", "own_secrets"]

_SECRET_HEADERS = ("auth", "key", "token", "secret", "cookie", "password", "credential", "signature")
_RATE_LIMITS = ("anthropic-ratelimit-", "x-ratelimit-")  # of tokens
_PUBLIC_HEADERS = ("host", "user-agent", "accept", "anthropic-beta", "x-stainless-lang")
_WORD = re.compile(rb"[A-Za-z]{,9}")

Fields = Sequence[tuple[str, str]]
"""Headers, with their names in lower case."""


def own_secrets(headers: Fields, response: Fields = ()) -> set[bytes]:
    """Return the secrets in the headers of a request and its response, in each form that a text may have."""
    secrets = {secret.strip() for name, value in (*headers, *response) for secret in _secrets(name, value)}
    # A dummy key may be a word that stands in every request and response: `anthropic` is in the host.
    # What a response says cannot make a word of a key.
    public = "\n".join(
        f"{name}\n{value if name in _PUBLIC_HEADERS else ''}" for name, value in headers
    ).lower()
    return {
        form
        for secret in secrets
        if len(secret) >= 8 and secret.lower() not in public
        for form in _forms(secret)
        if not is_word(form)
    }


def is_word(secret: bytes) -> bool:
    """Whether a value may be a word, and is masked only where it stands."""
    return _WORD.fullmatch(secret) is not None


def _forms(secret: str) -> Iterable[bytes]:
    """Return a secret as it is, as JSON writes it and as Python does."""
    forms = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return [header_bytes(form) for form in forms]


def header_bytes(value: str) -> bytes:
    """Return the bytes of a header's value. A file by hand may hold half a surrogate pair, which has none."""
    try:
        return value.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return value.encode(errors="surrogatepass")


@functools.lru_cache(1024)  # names come again and again
def _may_be_secret(name: str) -> bool:
    # `www-authenticate` says how to authenticate, and with nothing.
    if name.startswith(_RATE_LIMITS) or "authenticate" in name:
        return False
    return any(part in name for part in _SECRET_HEADERS)


def _secrets(name: str, value: str) -> list[str]:
    """Return the secret parts of a header: without its scheme, and the names and attributes of its values."""
    if not _may_be_secret(name):
        return []
    value = value.strip()
    if name == "set-cookie":
        value = value.partition(";")[0]
    elif name.endswith("authorization"):
        value = value.partition(" ")[2] or value
    parts = re.split(r"; *" if "cookie" in name else r", *| +", value)
    return [value, value.rstrip("="), *parts, *(part.partition("=")[2] for part in parts)]
