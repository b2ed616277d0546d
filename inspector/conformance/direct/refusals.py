"""Probes of requests that an endpoint must refuse, and of what it says then."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import NamedTuple

from inspector.conformance.arrival import shown
from inspector.conformance.calling import Endpoint
from inspector.conformance.evidence import Answer
from inspector.conformance.probes import probe
from inspector.conformance.prompts import user
from inspector.conformance.scoring.scorecard import Deviation
from inspector.protocol import ERROR_TYPES, status_of

__all__: list[str] = []

_ERRORS = "https://platform.claude.com/docs/en/api/errors"
_WRONG_KEY = "sk-ant-api03-this-key-is-wrong"
_WHAT = "\0"
_SHOWN = 80  # characters of a body
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
    for each in wrong:
        each.answer.arrived()
        if each.answer.status != 200:
            continue
        if each.answer.refused_with_200:
            yield each.answer.fail(f"{each.what} is refused, but with status 200: {each.answer.error}")
        else:
            text = f"{each.what} is accepted"
            yield each.answer.warn(text) if each.lenient else each.answer.fail(text)
    refused = [each for each in wrong if each.answer.status != 200]
    for problem, breaches in _by_problem(refused).items():
        whats = ", ".join(each.what for each in breaches)
        yield breaches[0].answer.fail(f"{problem.replace(_WHAT, whats)}; {_came(breaches[0].answer)}")
    if refused and not any(_request_id(each.answer) for each in refused):
        text = "no error has a request id: neither a header `request-id` nor `request_id`"
        yield refused[0].answer.fail(text)


def _came(answer: Answer) -> str:
    return f"what came: {answer.beginning(_SHOWN)}" if answer.recording.body else "no body came"


def _by_problem(refused: list[_Wrong]) -> dict[str, list[_Wrong]]:
    """Return the answers with each problem: most endpoints make all their errors in one way."""
    problems: dict[str, list[_Wrong]] = {}
    for each in refused:
        for problem in _problems(each):
            problems.setdefault(problem, []).append(each)
    return problems


def _problems(wrong: _Wrong) -> Iterator[str]:
    """Say what is wrong with the answer to one wrong request, whose place is held by `_WHAT`."""
    answer, status = wrong.answer, wrong.answer.status
    if status not in wrong.statuses:
        yield f"{_WHAT} gets {status}; it should be {' or '.join(map(str, wrong.statuses))}"
    if answer.content_type != "application/json":
        yield f"the error for {_WHAT} is {answer.content_type or 'of no type'}, and not application/json"
    elif not answer.refuses_as_the_api:
        yield f'the error for {_WHAT} is not {{"type": "error", "error": {{"type": …, "message": …}}}}'
    elif answer.error.type not in ERROR_TYPES:
        yield f"the error for {_WHAT} has the type {shown(answer.error.type)}, which the API does not have"
    elif status in wrong.statuses and status not in (405, status_of(answer.error.type)):
        yield f"the error for {_WHAT} has the type {shown(answer.error.type)} with the status {status}"


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
