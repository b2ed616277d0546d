"""What the proxy answers itself, below `/inspector/`: whether it works, and its counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inspector.play.made_up import json_answer
from inspector.play.sources import Source
from inspector.recording import End, Ending, Head, Recording, Request, Response, TimedBlock

__all__ = ["HEALTH", "METRICS", "Control"]

HEALTH, METRICS = "/inspector/health", "/inspector/metrics"
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


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
        return _text_answer(self._metrics().encode()) if path == METRICS else None


def _text_answer(body: bytes) -> Source:
    fields = {"content-type": _PROMETHEUS, "content-length": str(len(body))}
    head = Head("", Request(), Response(0.0, 200, fields))
    return Source.of(Recording(head, (TimedBlock(0.0, None, None, body),), End(0.0, Ending.COMPLETE)))
