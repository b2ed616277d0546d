"""Why nothing at an endpoint can be judged, by the first answer: nothing listens, HTML, another protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inspector import _json
from inspector.conformance.evidence import BUSY, NO_ACCESS, Answer
from inspector.conformance.scorecard import Deviation, State
from inspector.recording import Recording
from inspector.redact import mask_url

__all__ = ["Diagnosis", "diagnose"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why nothing more is tested: a sentence. `state` is that of the first probe."""

    state: State
    reason: str

    def failures(self, exchange: str) -> tuple[Deviation, ...]:
        """Return the failure of the first probe, if it failed."""
        return (Deviation(self.reason, exchange),) if self.state is State.FAIL else ()


def diagnose(recording: Recording, base_url: str) -> Diagnosis | None:
    """Return why nothing more can be tested after this first answer; None if it can."""
    answer = Answer("", recording)
    url = mask_url(base_url)
    response = recording.response
    if response is None:
        return Diagnosis(State.NOT_TESTED, f"{url} cannot be reached: {answer.failure or 'no response came'}")
    status = response.status
    if status in NO_ACCESS:
        return Diagnosis(State.NOT_TESTED, f"the endpoint gives no access: {answer.said}")
    if status in BUSY:
        return Diagnosis(State.NOT_TESTED, f"the endpoint is too busy: {answer.said}")
    if 300 <= status < 400:
        place = response.headers.get("location", "")
        return Diagnosis(State.FAIL, f"the endpoint redirects ({status}) to {place}; give that address")
    if _is_html(answer):
        return Diagnosis(
            State.FAIL, f"the endpoint answers with a page of HTML: {answer.status} {answer.error}"
        )
    if _speaks_openai(answer):
        return Diagnosis(State.FAIL, "the endpoint speaks OpenAI's protocol, and not the Messages API")
    if status in (404, 405):
        return Diagnosis(State.FAIL, f"the endpoint has no POST /v1/messages: {answer.said}")
    return None


def _is_html(answer: Answer) -> bool:
    return answer.content_type == "text/html" or answer.recording.body[:512].lstrip()[:1] == b"<"


def _speaks_openai(answer: Answer) -> bool:
    """Whether a body, or the first events of a stream, are Chat Completions."""
    payloads: list[Any] = [answer.json, *(event.data for event in answer.events[:3])]
    return any(
        str(_json.as_object(payload).get("object", "")).startswith("chat.completion") for payload in payloads
    )
