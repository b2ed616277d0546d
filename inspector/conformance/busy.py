"""How long an endpoint that is too busy asks a client to wait: `retry-after`, as RFC 9110, 10.2.3 has it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

__all__ = ["seconds_to_wait"]


def seconds_to_wait(headers: Mapping[str, str], at: str) -> float:
    """Return the seconds; 1 if the headers do not say. `at` is when the request was sent."""
    value = headers.get("retry-after", "1")
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, headers, at)
    return max(0.0, seconds) if math.isfinite(seconds) else 1.0


def _seconds_until(date: str, headers: Mapping[str, str], at: str) -> float:
    """Return how long after the answer an HTTP date is, by the endpoint's clock if it tells; else 1."""
    try:
        until = parsedate_to_datetime(date)
        now = parsedate_to_datetime(headers["date"]) if "date" in headers else None
        return (until - (now or datetime.fromisoformat(at))).total_seconds()
    except (ValueError, TypeError):  # no date, or one without a zone
        return 1.0
