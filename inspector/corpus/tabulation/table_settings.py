"""What decides which rows are made, and in people's words how two runs differ in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["differences"]


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say of settings, as `Tabulate.settings` has them, how those of tables differ from those of a run."""
    return [
        text
        for name, value in now.items()
        if before.get(name) != value
        for text in _texts(name, before.get(name), value)
    ]


def _texts(name: str, before: Any, now: Any) -> Iterator[str]:
    match name:
        case "inspector":
            yield f"by inspector {before}, and this is {now}"
        case "schema":
            yield f"with version {before} of their schema, and this is {now}"
        case "profile":
            yield f"with --profile {before}" if before else "without --profile"
        case "rules":
            yield "with another choice of rules (--select, --ignore)"
        case "limits":
            for limit, value in (before or {}).items():
                if value != (now or {}).get(limit):
                    yield f"with --limit {limit.replace('_', '-')}={value:g}"
        case _:
            yield f"with --{name}" if before else f"without --{name}"
