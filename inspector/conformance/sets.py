"""The frozen sets of probes, by month: what a score of a set means, stays.

Rule 1: a set never changes once a version of inspector that has it is released. A new probe goes into the set
of its month.
Rule 2: a probe that judges otherwise than before gets the next version, and is another probe: `tool@2` beside
`tool`, whose function stays as long as a set names it.
"""

from __future__ import annotations

from inspector.errors import UsageError

__all__ = ["NEWEST_SET", "SETS", "probes_of_set"]

_DIRECT_2026_11 = (
    "text",
    "same-answer-unstreamed",
    "long-text",
    "max-tokens",
    "stop-sequence",
    "system-forms",
    "unicode",
    "tool",
    "tool-without-arguments",
    "text-and-tool",
    "parallel-tools",
    "tool-round-trip",
    "thinking",
    "thinking-round-trip",
    "idle",
    "image",
    "document",
    "count-tokens",
    "models",
    "errors",
    "unknown-field",
    "headers",
    "keep-alive",
    "concurrent",
)

_THROUGH_2026_11 = (
    "verbatim",
    "pings",
    "pace",
    "big",
    "upstream-error",
    "error-mid-stream",
    "cut",
    "stall",
    "retry",
    "cancel",
    "concurrent-streams",
    "leak",
)

SETS: dict[str, frozenset[str]] = {"2026-11": frozenset((*_DIRECT_2026_11, *_THROUGH_2026_11))}
"""The names of each set's probes, with their versions from 2 on: `tool@2`."""

NEWEST_SET = max(SETS)
"""The set that runs by default."""


def probes_of_set(name: str) -> frozenset[str]:
    """Return the names of a set's probes. Raises `UsageError` if there is no such set."""
    if name not in SETS:
        raise UsageError(f"there is no set {name!r}; there are: {', '.join(SETS)}")
    return SETS[name]
