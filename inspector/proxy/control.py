"""What the proxy answers itself, below `/inspector/`: whether it works, and its counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inspector.play.made_up import bytes_answer, json_answer
from inspector.play.sources import Source

__all__ = ["HEALTH", "METRICS", "Control"]

HEALTH, METRICS = "/inspector/health", "/inspector/metrics"
_PROMETHEUS = {"content-type": "text/plain; version=0.0.4; charset=utf-8"}


class Control:
    """Answer `/inspector/health` with what `health` returns, as JSON, and `/inspector/metrics` with a text.

    It is the `answer` of a forwarder's choices. Both functions are called on the forwarder's thread.
    """

    def __init__(self, health: Callable[[], dict[str, Any]], metrics: Callable[[], str]) -> None:
        self._health = health
        self._metrics = metrics

    def __call__(self, method: str, path: str) -> Source | None:
        """Return the answer to a request; None for a request that is not for this proxy itself."""
        if method not in ("GET", "HEAD"):
            return None
        if path == HEALTH:
            return json_answer(200, self._health())
        return bytes_answer(200, self._metrics().encode(), _PROMETHEUS) if path == METRICS else None
