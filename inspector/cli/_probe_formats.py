"""A scorecard in formats for machines. Each is a function from the scorecard to the document."""

from __future__ import annotations

from collections.abc import Callable

from inspector.cli._printing import json_document
from inspector.conformance.scorecard import Scorecard

__all__ = ["FORMATS"]


def _json(card: Scorecard) -> str:
    return json_document(card.to_dict())


FORMATS: dict[str, Callable[[Scorecard], str]] = {"json": _json}
"""By the name that `--format` takes."""
