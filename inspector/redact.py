"""Keeping secrets out of files and terminals.

Headers pass by allow-list: a header that is not on the list loses its value, and only its name is kept
(`withheld`). Everything else is masked by shape (API keys, bearer tokens, JSON web tokens, cloud keys)
and by value (whatever this request itself used to authenticate). A mask has the length of what it hides,
so byte offsets, chunk boundaries and JSON stay as they were.

A secret that is spread over several events of a stream has no such shape in any of them, and is not masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["Mask", "allowed_headers", "mask_url"]

_REQUEST_HEADERS = re.compile(
    r"accept|accept-encoding|anthropic-beta|anthropic-version|connection|content-encoding|content-length"
    r"|content-type|expect|host|transfer-encoding|user-agent|x-stainless-[a-z-]+"
)
_RESPONSE_HEADERS = re.compile(
    r"age|alt-svc|anthropic-ratelimit-[a-z-]+|cache-control|cf-cache-status|cf-ray|connection|content-encoding"
    r"|content-length|content-type|date|keep-alive|location|request-id|retry-after|retry-after-ms|server"
    r"|server-timing|strict-transport-security|trailer|transfer-encoding|vary|via|x-accel-buffering|x-cache"
    r"|x-content-type-options|x-envoy-upstream-service-time|x-ratelimit-[a-z-]+|x-request-id|x-robots-tag"
    r"|x-should-retry"
)
_SECRET_HEADERS = re.compile(
    r"(?:proxy-)?authorization|.*(?:api-?key|token|secret|cookie|password|credential).*"
)

# Masking changes the bytes of a body, so a shape must be one that does not occur in ordinary text.
_BEGINNINGS = [
    re.compile(beginning).search
    for beginning in (rb"sk-", rb"earer ", rb"eyJ", rb"A(?:KIA|SIA|Iza)", rb"gh[ops]_")
]
"""How secrets begin. Searching for a pattern that begins with letters is twice as fast as `in`."""
_SHAPES = re.compile(
    rb"(?P<keep>sk-ant-)[A-Za-z0-9_-]{8,}"
    # A secret may also follow a JSON escape, whose last character looks like a part of it.
    rb"|(?=[ABbegs])(?:(?<![A-Za-z0-9_])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4}))(?:"
    rb"(?P<kind>sk-(?:proj|or-v1|svcacct|admin)-)[A-Za-z0-9_-]{16,}"
    rb"|(?P<scheme>[Bb]earer )(?=[A-Za-z_\-.~+/]*[0-9])[A-Za-z0-9_\-.~+/]{16,}=*"
    rb"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    rb"|(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    rb"|AIza[A-Za-z0-9_-]{35}"
    rb"|gh[ops]_[A-Za-z0-9]{36,})"
)
_URL_SECRETS = re.compile(
    r"(?i)([?&][^=&]*(?:key|token|secret|signature|password|credential)[^=&]*=)([^&#]+)"
)
_URL_USER = re.compile(r"^([^/?#]*//)[^/?#]*@")


def _hide(match: re.Match[bytes]) -> bytes:
    kept = match["keep"] or match["kind"] or match["scheme"] or b""
    return kept + b"*" * (len(match[0]) - len(kept))


def _secrets(name: str, value: str) -> list[str]:
    """Return the secret parts of a header: without its scheme, and the names and attributes of its values."""
    if _RESPONSE_HEADERS.fullmatch(name) or not _SECRET_HEADERS.fullmatch(name):
        return []
    if name == "set-cookie":
        value = value.partition(";")[0]
    elif name.endswith("authorization"):
        value = value.partition(" ")[2] or value
    parts = re.split(r"; *" if "cookie" in name else r", *| +", value)
    return [value, value.rstrip("="), *parts, *(part.partition("=")[2] for part in parts)]


class Mask:
    """Hide secrets in bytes: by shape, and the values with which `headers` authenticate."""

    __slots__ = ("_values",)

    def __init__(self, headers: Iterable[tuple[str, str]] = ()) -> None:
        secrets = {secret for name, value in headers for secret in _secrets(name.lower(), value)}
        values = {secret.encode(errors="surrogateescape") for secret in secrets if len(secret) >= 8}
        self._values = sorted(values, key=len, reverse=True)

    def __call__(self, text: bytes) -> bytes:
        """Return `text` with every byte of a secret replaced by `*`; `text` itself if it has no secret."""
        for value in self._values:
            if value in text:
                text = text.replace(value, b"*" * len(value))
        for search in _BEGINNINGS:
            if search(text):
                return _SHAPES.sub(_hide, text)
        return text


def allowed_headers(
    headers: Iterable[tuple[str, str]], *, response: bool = False
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the headers that may be kept, and the names of those that may not.

    Names are in lower case; the values of a repeated name are joined by a comma (RFC 9110, section 5.3).
    """
    allowed = _RESPONSE_HEADERS if response else _REQUEST_HEADERS
    mask = Mask()
    kept: dict[str, str] = {}
    withheld = set()
    for original, value in headers:
        name = original.lower()
        if allowed.fullmatch(name):
            text = mask_url(value) if name == "location" else value
            masked = mask(text.encode(errors="surrogateescape")).decode(errors="replace")
            kept[name] = f"{kept[name]}, {masked}" if name in kept else masked
        else:
            withheld.add(name)
    return kept, tuple(sorted(withheld))


def mask_url(url: str) -> str:
    """Return `url` without its user part, and with the values of query parameters that look secret masked."""
    return _URL_SECRETS.sub(lambda m: m[1] + "*" * len(m[2]), _URL_USER.sub(r"\1", url))
