"""The first exchange with an endpoint: whether it can be judged at all, and how it takes its key."""

from __future__ import annotations

import math
from dataclasses import replace

from inspector.conformance.calling import Caller, Endpoint
from inspector.conformance.diagnosis import Diagnosis, diagnose, lists_models_as_openai, other_places
from inspector.conformance.evidence import NO_ACCESS, Answer
from inspector.conformance.probe_run import run_probe
from inspector.conformance.probes import Probe
from inspector.conformance.prompts import user
from inspector.conformance.scoring.scorecard import Deviation, ProbeResult, State
from inspector.redact import mask_url

__all__ = ["first_contact"]


def first_contact(caller: Caller, probe: Probe) -> tuple[ProbeResult, str]:
    """Run the first probe; return its result, and why nothing else can be tested: empty if it can.

    If the key is refused in the header that it is usually sent in, it is sent in the other one from now on.
    """
    result = run_probe(probe, caller)
    if caller.settings.key and _status(result) in NO_ACCESS:
        before = caller.settings
        caller.settings = replace(before, authorization="authorization")
        again = run_probe(probe, caller)
        if _status(again) in NO_ACCESS:
            caller.settings = before
        result = replace(again, exchanges=(*result.exchanges, *again.exchanges))
    settings = caller.settings
    answer = _last(result, settings.patience)
    diagnosis = diagnose(answer, settings.base_url, has_key=bool(settings.key)) if answer else None
    if answer is None or diagnosis is None:
        return result, ""
    exchanges = result.exchanges
    if diagnosis.elsewhere:
        diagnosis, more = _look_around(caller, probe, diagnosis)
        exchanges = (*exchanges, *more.exchanges)
    failed = diagnosis.state is State.FAIL
    return replace(
        result,
        state=diagnosis.state,
        reason="" if failed else diagnosis.reason,
        failures=(Deviation(diagnosis.reason, answer.name),) if failed else (),
        warnings=(),
        exchanges=exchanges,
        passed=0,
        runs=int(failed),
    ), diagnosis.reason


def _look_around(caller: Caller, probe: Probe, diagnosis: Diagnosis) -> tuple[Diagnosis, Endpoint]:
    """Look for the endpoint at other places; return what was learned, and what was sent for it."""
    endpoint = Endpoint(caller, probe.name)
    body = endpoint.body(user("Reply with: ok"), 16)
    for base_url in other_places(caller.settings.base_url):
        answer = endpoint.post(f"{base_url}/v1/messages", body)
        if answer.message or (answer.refuses_as_the_api and answer.status != 404):
            given, right = mask_url(caller.settings.base_url).rstrip("/"), mask_url(base_url)
            is_there = "is" if answer.message else "may be"  # what refuses may be a door to anything
            there = f"the Messages API {is_there} at {right}/v1/messages: use --base-url {right}"
            return Diagnosis(State.FAIL, f"nothing is at {given}/v1/messages; {there}"), endpoint
    if diagnosis.state is State.FAIL and lists_models_as_openai(endpoint.request("GET", "/v1/models")):
        reason = f"the endpoint speaks OpenAI's protocol, by its list of models; {diagnosis.reason}"
        return Diagnosis(State.FAIL, reason), endpoint
    return diagnosis, endpoint


def _last(result: ProbeResult, patience: float = math.inf) -> Answer | None:
    """Return the last exchange of a result, to be judged; None without one."""
    if not result.exchanges:
        return None
    last = result.exchanges[-1]
    return Answer(last.name, last.recording, stopped=last.stopped, late=last.late, patience=patience)


def _status(result: ProbeResult) -> int | None:
    answer = _last(result)
    return answer.status if answer else None
