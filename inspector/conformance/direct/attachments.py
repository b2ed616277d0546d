"""Probes of pictures and documents, which an endpoint may refuse as the API would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector.conformance.calling import Endpoint
from inspector.conformance.probes import probe
from inspector.conformance.prompts import document, picture, user
from inspector.conformance.scoring.scorecard import Deviation

__all__: list[str] = []


@probe(
    "image",
    "A picture is accepted, or refused with `invalid_request_error`.",
    requests=1,
    max_tokens=256,
    source="https://platform.claude.com/docs/en/build-with-claude/vision",
)
def image(endpoint: Endpoint) -> Iterator[Deviation]:
    """Send a tiny PNG."""
    yield from _attached(endpoint, picture(), "Which colour is this?", "images")


@probe(
    "document",
    "A PDF is accepted, or refused with `invalid_request_error`.",
    requests=1,
    max_tokens=256,
    source="https://platform.claude.com/docs/en/build-with-claude/pdf-support",
)
def pdf(endpoint: Endpoint) -> Iterator[Deviation]:
    """Send a tiny PDF."""
    yield from _attached(endpoint, document(), "What does this document say?", "documents")


def _attached(endpoint: Endpoint, block: dict[str, Any], question: str, what: str) -> Iterator[Deviation]:
    """Ask about a content block."""
    turns = user([block, {"type": "text", "text": question}])
    answer = endpoint.ask(turns, max_tokens=256)
    yield from answer.accepted(optional=what).clean()
