"""Why nothing at an endpoint can be judged, by its first answer: nothing listens, HTML, another protocol."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from inspector import _json
from inspector.conformance.arrival import BUSY
from inspector.conformance.evidence import NO_ACCESS, Answer
from inspector.conformance.scoring.scorecard import State
from inspector.recording import Ending
from inspector.redact import mask_url

__all__ = ["Diagnosis", "diagnose", "lists_models_as_openai", "other_places"]

_SHOWN = 60  # characters of a body
_NO_PLACE = frozenset({404, 405})
_MODEL = "; --model names its model"
_PATH = "/v1/messages"
_NO_MODEL = re.compile(r"\bmodel\b.*\bnot\b.*\b(exist|found)\b|\b(no such|unknown) model\b", re.I | re.S)


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
        return Diagnosis(State.NOT_TESTED, answer.busy)
    if 300 <= status < 400:
        return Diagnosis(State.FAIL, _redirect(status, response.headers.get("location", ""), base_url))
    if status in _NO_PLACE:  # whatever the body is: web servers say it with a page of HTML
        return _no_place(answer)
    if _is_html(answer):
        return Diagnosis(State.FAIL, f"the endpoint sends a page of HTML: {answer.said}")
    if _speaks_openai(answer):
        return Diagnosis(State.FAIL, "the endpoint speaks OpenAI's protocol, and not the Messages API")
    if status >= 400:
        hint = _MODEL if status in (400, 422) else ""
        state = State.NOT_TESTED if status == 400 and answer.refuses_as_the_api else State.FAIL
        first = "first" if state is State.NOT_TESTED else "simplest"
        return Diagnosis(state, f"the endpoint refuses the {first} request: {answer.said}{hint}")
    end = answer.recording.end
    how = end.how if end else None
    if answer.too_slow:
        return Diagnosis(State.NOT_TESTED, f"the endpoint is too slow: {answer.stopped}; raise it")
    if (answer.stopped or how is Ending.TIMEOUT) and not answer.whole:
        return Diagnosis(State.FAIL, f"the first answer has no end: {answer.failure}")
    if end is not None and how is Ending.COMPLETE and end.error:
        return Diagnosis(State.FAIL, f"the first answer cannot be read: {end.error}")
    if not answer.message and not answer.events and how is Ending.COMPLETE:
        what = (
            f"a message: {_frames(answer) or answer.beginning(_SHOWN)}" if answer.recording.body else "a body"
        )
        return Diagnosis(State.FAIL, f"the endpoint answers {status} without {what}")
    return None


def _frames(answer: Answer) -> str:
    """Return what the checker says of lines that make no events; empty if it says nothing."""
    findings = answer.report.findings
    return next((f"{each.message} [{each.rule}]" for each in findings if each.rule.startswith("frame-")), "")


def _no_place(answer: Answer) -> Diagnosis:
    # The API, and OpenAI's servers in their own form, refuse an unknown model with 404.
    unknown = _json.as_object(answer.json) and _NO_MODEL.search(answer.error.message)
    if answer.status == 404 and (answer.refuses_as_the_api or unknown):
        text = f"the endpoint refuses the first request: {answer.said}{_MODEL}"
        return Diagnosis(State.NOT_TESTED, text, elsewhere=True)
    return Diagnosis(State.FAIL, f"there is no POST /v1/messages: {answer.said}", elsewhere=True)


def _redirect(status: int, location: str, base_url: str) -> str:
    """Say where a redirect leads, and which base URL would lead there at once."""
    target = f"{base_url.rstrip('/')}{_PATH}"
    try:
        place = urljoin(target, location)
        parts = urlsplit(place)
    except ValueError:
        place, parts = location, urlsplit("")
    if not location:
        return f"the endpoint redirects ({status}), and does not say where: it has no `location`"
    said = f"the endpoint redirects ({status}) to {mask_url(place)}"
    path = parts.path.rstrip("/")
    if not path.endswith(_PATH):
        return f"{said}, which is no {_PATH}: use the --base-url of the Messages API"
    new = parts._replace(path=path.removesuffix(_PATH), query="", fragment="").geturl()
    if new == base_url.rstrip("/"):
        return f"{said}: it must answer at {_PATH} itself"
    return f"{said}: use --base-url {mask_url(new)}"


def _no_response(answer: Answer) -> str:
    """Say how a request failed that got no response."""
    failure = answer.failure or "no response came"
    if "CERTIFICATE_VERIFY_FAILED" in failure:
        return (
            f"cannot be reached, TLS fails: {failure}; SSL_CERT_FILE=FILE trusts the certificates of a file"
        )
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
