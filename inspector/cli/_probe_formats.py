"""A scorecard in the formats of documents. Each is a function from the scorecard to the document."""

from __future__ import annotations

from collections.abc import Callable

from inspector.cli._printing import json_document
from inspector.conformance.scoring.score_html import score_html
from inspector.conformance.scoring.score_junit import score_junit
from inspector.conformance.scoring.score_markdown import score_markdown
from inspector.conformance.scoring.scorecard import Scorecard

__all__ = ["FORMATS"]


def _json(card: Scorecard) -> str:
    return json_document(card.to_dict())


FORMATS: dict[str, Callable[[Scorecard], str]] = {
    "markdown": score_markdown,
    "json": _json,
    "junit": score_junit,
    "html": score_html,
}
"""By the name that `--format` takes."""
