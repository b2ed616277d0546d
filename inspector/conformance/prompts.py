"""What probes send: short messages that any model can answer, and the parts of requests."""

from __future__ import annotations

from typing import Any

__all__ = ["user"]

Turns = list[dict[str, Any]]
"""The `messages` of a request."""


def user(content: str | list[dict[str, Any]]) -> Turns:
    """Return the messages of a request with one turn, of the user."""
    return [{"role": "user", "content": content}]
