"""The loop of a thread that prints what comes, and draws the live rows of a terminal a few times a second."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import Any

__all__ = ["FRAME", "TICK", "run"]

FRAME = 1 / 15
"""Seconds between two frames, at least."""
TICK = 0.25
"""Seconds between two frames while only time passes."""


def run(
    values: queue.SimpleQueue[Any] | queue.Queue[Any],
    take: Callable[[Any], None],
    draw: Callable[[], bool] | None,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Take values from a queue until None comes, and draw a frame soon after each.

    `draw` is called at most once in `FRAME` seconds. It says whether the rows change as time passes: then it
    is called again after `TICK`. None means that there is no terminal to draw on.
    """
    drawn, due = float("-inf"), None
    while True:
        now = clock()
        if draw is not None and due is not None and due <= now:
            due = now + TICK if draw() else None
            drawn = now
        try:
            value = values.get(timeout=None if due is None else due - now)
        except queue.Empty:
            continue
        if value is None:
            return
        take(value)
        if draw is not None:
            due = min(drawn + FRAME, due or float("inf"))
