"""The headers that a recording may keep."""

from __future__ import annotations

from collections.abc import Iterable

from inspector.redact.identifiers import ID_HEADERS
from inspector.redact.masks import Mask
from inspector.redact.own_secrets import header_bytes

__all__ = ["allowed_headers"]

_REQUEST_HEADERS = frozenset(
    [
        "accept",
        "accept-encoding",
        "anthropic-beta",
        "anthropic-version",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "transfer-encoding",
        "user-agent",
    ]
)
_REQUEST_PREFIXES = ("x-stainless-",)
_RESPONSE_HEADERS = frozenset(
    [
        "age",
        "alt-svc",
        "cache-control",
        "cf-cache-status",
        "cf-ray",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "keep-alive",
        "location",
        "request-id",
        "retry-after",
        "retry-after-ms",
        "server",
        "server-timing",
        "strict-transport-security",
        "trailer",
        "transfer-encoding",
        "vary",
        "via",
        "x-accel-buffering",
        "x-cache",
        "x-content-type-options",
        "x-envoy-upstream-service-time",
        "x-amzn-errortype",
        "x-amzn-requestid",
        "x-request-id",
        "x-robots-tag",
        "x-should-retry",
    ]
)
_RESPONSE_PREFIXES = ("anthropic-ratelimit-", "x-ratelimit-")


def allowed_headers(
    headers: Iterable[tuple[str, str]], *, response: bool = False, mask: Mask | None = None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the headers that may be kept, with the secrets in them masked, and the names of the others.

    Names are in lower case; the values of a repeated name are joined by a comma (RFC 9110, section 5.3).
    `mask` knows the request's own secrets, which a server may repeat in a header, and gives the pseudonyms of
    ids. Without pseudonyms, the ids of organizations and workspaces are not kept.
    """
    allowed = _RESPONSE_HEADERS if response else _REQUEST_HEADERS
    prefixes = _RESPONSE_PREFIXES if response else _REQUEST_PREFIXES
    hide = mask or Mask()
    kept: dict[str, str] = {}
    withheld = set()
    pairs = [(original, original.lower(), value) for original, value in headers]
    passing = {
        name
        for _, name, _ in pairs
        if name in allowed
        or name.startswith(prefixes)
        or (response and hide.pseudonyms is not None and name in ID_HEADERS)
    }
    # One search of all is far quicker than two searches for each, and mostly there is nothing to hide.
    whole = "\n".join([f"{original}\n{value if name in passing else ''}" for original, name, value in pairs])
    clean = hide.text(whole) is whole
    for original, name, value in pairs:
        if name in passing:
            if clean and name != "location":
                masked = value
            else:
                masked = hide.url(value) if name == "location" else hide.counted(value)
                name = hide.text(original).lower()
            if not masked.isascii():
                masked = header_bytes(masked).decode(errors="replace")
            kept[name] = f"{kept[name]}, {masked}" if name in kept else masked
        else:
            withheld.add(name if clean else hide.text(original).lower())
    return kept, tuple(sorted(withheld))
