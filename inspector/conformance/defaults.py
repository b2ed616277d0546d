"""What a probe does if nothing else is said. It imports nothing: the command line reads it for its help."""

from __future__ import annotations

__all__ = ["JOBS", "PATIENCE", "PROTOCOLS", "SILENCE", "STALL", "TIMEOUT"]

JOBS = 8
"""How many probes run at a time."""
TIMEOUT = 120.0
"""Seconds for one exchange."""
SILENCE = 45.0
"""Seconds in which nothing comes, until an exchange is given up."""
PATIENCE = 30.0
"""Seconds of the longest `retry-after` that is waited for."""

PROTOCOLS = ("anthropic", "openai")
"""What the upstream behind a gateway may speak. The first one is the default."""
STALL = 5.0
"""Seconds for which that upstream is silent."""
