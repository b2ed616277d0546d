"""Why nothing at an endpoint can be judged, by its first answer: nothing listens, HTML, another protocol."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from inspector import _json
from inspector.conformance.evidence import BUSY, NO_ACCESS, Answer
from inspector.conformance.scorecard import State
from inspector.recording import Ending
from inspector.redact import mask_url

__all__ = ["Diagnosis", "diagnose", "lists_models_as_openai", "other_places"]

_SHOWN = 60  # characters of a body
_NO_PLACE = frozenset({404, 405})
_MODEL = "; --model names its model"


class Diagnosis(NamedTuple):
    """Why nothing more is tested: a sentence. `state` is that of the first probe.

    `elsewhere` says that the endpoint may be at another address.
    """

    state: State
    reason: str
    elsewhere: bool = False


def diagnose(answer: Answer, base_url: str, *, has_key: bool = True) -> Diagnosis | None:
    """Return why nothing more can be tested after this first answer; None if it can."""
    status, response = answer.status, answer.recording.response
    if status is None or response is None:
        return Diagnosis(State.NOT_TESTED, f"{mask_url(base_url)} {_no_response(answer)}")
    if status in NO_ACCESS:
        hint = "" if has_key else "; no key was sent: set ANTHROPIC_API_KEY, or name another with --key-env"
        return Diagnosis(State.NOT_TESTED, f"the endpoint gives no access: {answer.said}{hint}")
    if status in BUSY:
        return Diagnosis(State.NOT_TESTED, f"the endpoint is too busy: {answer.said}")
    if 300 <= status < 400:
        place = response.headers.get("location", "nowhere")
        return Diagnosis(State.FAIL, f"the endpoint redirects ({status}) to {place}: give its new address")
    if _is_html(answer):
        return Diagnosis(State.FAIL, f"the endpoint sends a page of HTML: {status} {answer.error.message}")
    if _speaks_openai(answer):
        return Diagnosis(State.FAIL, "the endpoint speaks OpenAI's protocol, and not the Messages API")
    if status != 200:
        return _refused(answer)
    how = answer.recording.end.how if answer.recording.end else None
    if answer.stopped or how is Ending.TIMEOUT:
        why = answer.stopped or f"nothing came any more: {answer.failure}"
        return Diagnosis(State.FAIL, f"the first answer has no end: {why}")
    if not answer.message and not answer.events and how is Ending.COMPLETE:
        body = answer.recording.body[:_SHOWN].decode("utf-8", "replace")
        return Diagnosis(State.FAIL, f"the endpoint answers 200 without a message: {body!r}")
    return None


def _refused(answer: Answer) -> Diagnosis:
    is_place = answer.status in _NO_PLACE
    if answer.refuses_as_the_api and answer.status in (400, 404):  # as the API refuses an unknown model
        text = f"the endpoint refuses the first request: {answer.said}{_MODEL}"
        return Diagnosis(State.NOT_TESTED, text, elsewhere=is_place)
    if is_place:
        return Diagnosis(State.FAIL, f"there is no POST /v1/messages: {answer.said}", elsewhere=True)
    hint = _MODEL if answer.status in (400, 422) else ""
    return Diagnosis(State.FAIL, f"the simplest request is refused: {answer.said}{hint}")


def _no_response(answer: Answer) -> str:
    """Say how a request failed that got no response."""
    failure = answer.failure or "no response came"
    if "SSL" in failure or "CERTIFICATE" in failure:
        return f"cannot be reached, TLS fails: {failure}"
    if failure.startswith("Connect"):
        return f"cannot be reached: {failure}"
    return f"sends no response: {failure}"


def other_places(base_url: str) -> list[str]:
    """Return base URLs at which the endpoint may be, if nothing is at the one that was given."""
    parts = urlsplit(base_url)
    path = parts.path.rstrip("/")
    paths = [path.removesuffix("/messages").removesuffix("/v1"), f"{path}/anthropic", ""]
    different = [each for each in dict.fromkeys(paths) if each != path]
    return [parts._replace(path=each, query="", fragment="").geturl() for each in different]


def lists_models_as_openai(answer: Answer) -> bool:
    """Whether an answer is a list of models in OpenAI's form."""
    return _json.as_object(answer.json).get("object") == "list"


def _is_html(answer: Answer) -> bool:
    return answer.content_type == "text/html" or answer.recording.body[:512].lstrip()[:1] == b"<"


def _speaks_openai(answer: Answer) -> bool:
    """Whether a body, or the first events of a stream, are Chat Completions."""
    payloads: list[Any] = [answer.json, *(event.data for event in answer.events[:3])]
    return any(
        str(_json.as_object(payload).get("object", "")).startswith("chat.completion") for payload in payloads
    )
