"""Probes of requests that an endpoint must refuse, and of what it says then."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.conformance.calling import Endpoint
from inspector.conformance.evidence import Answer
from inspector.conformance.probes import probe
from inspector.conformance.prompts import user
from inspector.conformance.scorecard import Deviation

__all__: list[str] = []

_ERRORS = "https://platform.claude.com/docs/en/api/errors"


@probe(
    "errors",
    "A wrong request gets the right status, an error object, a request id, and JSON.",
    requests=2,
    max_tokens=1,
    source=_ERRORS,
)
def errors(endpoint: Endpoint) -> Iterator[Deviation]:
    """Send requests that are wrong in one way each."""
    message = {"model": endpoint.model, "messages": user("Hello")}
    yield from _refused(endpoint.post("/v1/messages", message), "a request without max_tokens", {400})
    yield from _refused(endpoint.post("/v1/messages", b"{"), "a body that is not JSON", {400})


def _refused(answer: Answer, what: str, statuses: set[int]) -> Iterator[Deviation]:
    """Judge the answer to a wrong request."""
    if answer.status not in statuses:
        yield answer.fail(f"{what} gets {answer.said}; it should be {' or '.join(map(str, statuses))}")
    if answer.status is not None and answer.status >= 400 and not answer.refuses_as_the_api:
        yield answer.fail(f"the error for {what} is not an object of type 'error' with a type and a message")
