"""What the proxy answers itself, below `/inspector/`: whether it works, and its counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inspector.play.made_up import bytes_answer
from inspector.play.sources import Source
from inspector.serve.health import health_answer, is_health_request

__all__ = ["METRICS", "Control"]

METRICS = "/inspector/metrics"
_PROMETHEUS = {"content-type": "text/plain; version=0.0.4; charset=utf-8"}


class Control:
    """Answer `/inspector/health`, also with what `health` returns, and `/inspector/metrics` with a text.

    It is the `answer` of a forwarder's choices. Both functions are called on the forwarder's thread.
    """

    def __init__(self, health: Callable[[], dict[str, Any]], metrics: Callable[[], str]) -> None:
        self._health = health
        self._metrics = metrics

    def __call__(self, method: str, path: str) -> Source | None:
        """Return the answer to a request; None for a request that is not for this proxy itself."""
        if is_health_request(method, path):
            return health_answer(**self._health())
        if method not in ("GET", "HEAD"):
            return None
        return bytes_answer(200, self._metrics().encode(), _PROMETHEUS) if path == METRICS else None
