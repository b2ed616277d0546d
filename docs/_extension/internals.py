"""What rooms of the house use of public classes, and users do not: the manual leaves it out."""

from __future__ import annotations

__all__ = ["MADE", "SEAMS"]

MADE = {"Tap": "inspector.tap makes it", "ReplayTransport": "inspector.replay makes it"}
"""Classes whose constructor is no part of what users call."""

SEAMS = {
    "Tap.begin": "by which the proxy records",
    "Tap.now": "by which the proxy records",
    "Server.player": "by which the pytest plugin gives recordings to a running server",
}
"""What rooms of the house use of each other's public classes, with the reason."""
