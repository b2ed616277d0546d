"""Run one probe once, and put the results of several runs together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from inspector import checker
from inspector.conformance.calling import Caller
from inspector.conformance.probes import Failed, NotApplicable, NotTested, Probe, TooBusy
from inspector.conformance.scoring.scorecard import Deviation, Exchange, ProbeResult, State
from inspector.recording import Recording

__all__ = ["run_probe", "together"]

_NO_STREAM = "body-not-sse"


def run_probe(probe: Probe, caller: Caller, *, beside: bool = False) -> ProbeResult:
    """Run a probe once, with others `beside` it or alone."""
    endpoint = caller.endpoint(probe.name)
    deviations: list[Deviation] = []
    state, reason = State.PASS, ""
    run = probe.run(endpoint)
    try:
        while True:
            deviations.append(next(run))
    except StopIteration as end:
        reason = end.value or ""
    except Failed as failed:
        deviations.append(failed.deviation)
    except NotApplicable as outcome:
        state, reason = State.NOT_APPLICABLE, str(outcome)
    except NotTested as outcome:
        state, reason = State.NOT_TESTED, str(outcome)
        if beside and isinstance(outcome, TooBusy):
            reason += "; if it limits how many it serves at a time, use --jobs 1"
    deviations = _without_consequences(deviations, endpoint.exchanges)
    failures = tuple(each for each in deviations if not each.warns)
    if failures:
        state, reason = State.FAIL, ""
    return ProbeResult(
        name=probe.name,
        state=state,
        sentence=probe.sentence,
        reason=reason,
        failures=failures,
        warnings=tuple(each for each in deviations if each.warns),
        exchanges=tuple(sorted(endpoint.exchanges, key=lambda each: each.began)),
        passed=int(state is State.PASS),
        runs=int(state in (State.PASS, State.FAIL)),
        source=probe.source,
        seen=probe.seen,
    )


def _without_consequences(deviations: Sequence[Deviation], exchanges: Iterable[Exchange]) -> list[Deviation]:
    """Return deviations without what follows if the body of a stream is no event stream."""
    named = {each.exchange for each in deviations if each.rule == _NO_STREAM}
    others = {each.name for each in exchanges if each.name in named and _has_no_event_stream(each.recording)}
    return [each for each in deviations if each.exchange not in others or each.rule == _NO_STREAM]


def _has_no_event_stream(recording: Recording) -> bool:
    """Return whether the rule still says so without the content type, which alone has no consequences."""
    response = recording.response
    if response is None:
        return False
    headers = {name: value for name, value in response.headers.items() if name != "content-type"}
    head = replace(recording.head, response=replace(response, headers=headers))
    return any(each.rule == _NO_STREAM for each in checker.check(replace(recording, head=head)))


def together(probe: Probe, runs: Sequence[ProbeResult], otherwise: str) -> ProbeResult:
    """Return what several runs of a probe found together; `otherwise` says why there is none."""
    if not runs:
        return ProbeResult(
            probe.name, State.NOT_TESTED, probe.sentence, otherwise, source=probe.source, seen=probe.seen
        )
    if len(runs) == 1:
        return runs[0]
    judged = [run for run in runs if run.runs]
    worst = next((run for run in judged if run.state is State.FAIL), (judged or runs)[0])
    return replace(
        worst,
        failures=_different(each for run in runs for each in run.failures),
        warnings=_different(each for run in runs for each in run.warnings),
        exchanges=tuple(each for run in runs for each in run.exchanges),
        passed=sum(run.passed for run in runs),
        runs=sum(run.runs for run in runs),
    )


def _different(deviations: Iterable[Deviation]) -> tuple[Deviation, ...]:
    """Return deviations without those that say the same again of another run."""
    by_text: dict[tuple[str | None, str], Deviation] = {}
    for each in deviations:
        by_text.setdefault((each.rule, each.message), each)
    return tuple(by_text.values())
