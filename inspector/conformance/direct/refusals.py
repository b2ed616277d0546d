"""Probes of requests that an endpoint must refuse, and of what it says then."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import NamedTuple

from inspector.conformance.calling import Endpoint
from inspector.conformance.evidence import Answer
from inspector.conformance.probes import probe
from inspector.conformance.prompts import user
from inspector.conformance.scorecard import Deviation
from inspector.protocol import ERROR_TYPES, status_of

__all__: list[str] = []

_ERRORS = "https://platform.claude.com/docs/en/api/errors"
_WRONG_KEY = "sk-ant-api03-this-key-is-wrong"
_NO_MODEL = "no-such-model-of-inspector"


class _Wrong(NamedTuple):
    """A wrong request and its answer; `lenient`: to accept it is only worth a warning."""

    what: str
    answer: Answer
    statuses: tuple[int, ...]
    lenient: bool = False


@probe(
    "errors",
    "A wrong request gets the right status, an error object, a request id, and JSON.",
    requests=6,
    max_tokens=18,
    source=_ERRORS,
)
def errors(endpoint: Endpoint) -> Iterator[Deviation]:
    """Send requests that are wrong in one way each."""
    body = endpoint.body(user("Reply with: ok"), 16, stream=False)
    without_limit = {name: value for name, value in body.items() if name != "max_tokens"}
    post = "/v1/messages"
    wrong = [
        _Wrong("an unknown model", endpoint.post(post, body | {"model": _NO_MODEL}), (404,), True),
        _Wrong("a request without max_tokens", endpoint.post(post, without_limit), (400,), True),
        _Wrong("a body that is not JSON", endpoint.post(post, b'{"model": '), (400,)),
        _Wrong("an unknown path", endpoint.post("/v1/no-such-path", body | {"max_tokens": 1}), (404,)),
        _Wrong("GET in place of POST", endpoint.request("GET", post), (404, 405)),
    ]
    key = endpoint.key_in(endpoint.authorization, _WRONG_KEY)
    if key is not None:
        wrong_key = endpoint.post(post, body | {"max_tokens": 1}, headers=key)
        wrong.append(_Wrong("a wrong key", wrong_key, (401,), True))
    refused = []
    for each in wrong:
        each.answer.arrived()
        yield from _judged(each)
        if each.answer.status != 200:
            refused.append(each.answer)
    if refused and not any(map(_request_id, refused)):
        yield refused[0].fail("no error has a request id: neither a header `request-id` nor `request_id`")


def _judged(wrong: _Wrong) -> Iterator[Deviation]:
    """Judge the answer to one wrong request."""
    what, answer = wrong.what, wrong.answer
    if answer.status == 200:
        yield answer.warn(f"{what} is accepted") if wrong.lenient else answer.fail(f"{what} is accepted")
        return
    if answer.status not in wrong.statuses:
        right = " or ".join(map(str, wrong.statuses))
        yield answer.fail(f"{what} gets {answer.status}; it should be {right}")
    if answer.content_type != "application/json":
        yield answer.fail(f"the error for {what} is {answer.content_type or 'of no type'}, and not JSON")
    elif not answer.refuses_as_the_api:
        yield answer.fail(f'the error for {what} is not {{"type": "error", "error": {{"type", "message"}}}}')
    elif answer.error.type not in ERROR_TYPES:
        yield answer.warn(f"the error for {what} has the type {answer.error.type!r}, which is not documented")
    elif answer.status in wrong.statuses and answer.status not in (405, status_of(answer.error.type)):
        yield answer.fail(f"the error for {what} is {answer.error.type!r} with the status {answer.status}")


def _request_id(answer: Answer) -> bool:
    """Whether an error says which request it answers."""
    body = answer.json if isinstance(answer.json, dict) else {}
    return bool(answer.headers.get("request-id") or body.get("request_id"))


@probe(
    "unknown-field",
    "A field that nobody knows is refused or ignored; the endpoint says which.",
    requests=1,
    max_tokens=64,
    source="https://platform.claude.com/docs/en/api/versioning",
)
def unknown_field(endpoint: Endpoint) -> Generator[Deviation, None, str]:
    """Send a field that no version of the API has."""
    answer = endpoint.ask(user("Reply with: ok"), max_tokens=64, inspector_unknown_field=True).arrived()
    if answer.status == 400 and answer.refuses_as_the_api:
        return f"it is refused: {answer.said}"
    yield from answer.accepted().clean()
    return "it is ignored"
