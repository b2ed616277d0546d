"""URLs of requests, as clients and gateways write them: only the path from `/v1/` on is the API's."""

from __future__ import annotations

import functools
import re

__all__ = ["endpoint", "url_path"]

_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://[^/?#]*)?([^?#]*)", re.IGNORECASE)


@functools.lru_cache(maxsize=256)
def url_path(url: str) -> str:
    """Return the path of a URL or of a request's target, without the query.

    Unlike `urlsplit` it raises nothing and changes no character: a target is whatever a client sent.
    """
    match = _URL.match(url)
    return match[1] if match else ""


def endpoint(url: str) -> str:
    """Return the path from `/v1/` on: what stands before it is a gateway's. Empty for any other path."""
    path = url_path(url)
    start = path.find("/v1/")
    return path[start:].rstrip("/") if start >= 0 else ""
