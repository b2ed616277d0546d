"""Whether a server works: what a container's health check, or a probe of Kubernetes, requests.

`serve` and `proxy` have one path for it, beside the API and beside the health checks of an upstream. It is no
request of a client: it is neither counted nor recorded, and never forwarded.
"""

from __future__ import annotations

from typing import Any

from inspector.play.made_up import json_answer
from inspector.play.sources import Source

__all__ = ["HEALTH", "health_answer", "is_health_request"]

HEALTH = "/inspector/health"


def is_health_request(method: str, path: str) -> bool:
    """Return whether a request is for the server's own health. `path` is the URL's, without the query."""
    return path == HEALTH and method in ("GET", "HEAD")


def health_answer(**state: Any) -> Source:
    """Say that the server works, and what else is to be said."""
    return json_answer(200, {"status": "ok", **state})
