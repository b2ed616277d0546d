"""Run probes against an endpoint, several at a time, and make the scorecard.

The first exchange is a `text` probe, alone. If that one shows that nothing can be judged (nothing listens, a
page of HTML, another protocol, no access), the scorecard says so once, and no other request is sent. Results
are in the order of the table, whatever ends first.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from inspector.conformance import direct as _direct  # noqa: F401 - registers the direct probes
from inspector.conformance.calling import Caller, Endpoint, Settings
from inspector.conformance.client_view import with_client_views
from inspector.conformance.diagnosis import Diagnosis, diagnose
from inspector.conformance.probes import PROBES, Failed, NotApplicable, NotTested, Probe
from inspector.conformance.scorecard import Deviation, ProbeResult, Scorecard, State
from inspector.redact import mask_url

__all__ = ["CURRENT_SET", "FIRST", "Progress", "run_probe", "run_probes"]

CURRENT_SET = "2026-11"
"""The frozen set of probes that runs by default."""
FIRST = "text"
"""The probe that runs first, alone."""

Progress = Callable[[Probe, ProbeResult | None], object]
"""Is called on the runner's own thread, with a probe that begins and None, or with one that ended."""


def run_probes(
    settings: Settings,
    probes: Sequence[Probe],
    *,
    jobs: int = 8,
    repeat: int = 1,
    keep: str | None = None,
    progress: Progress = lambda probe, result: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Scorecard:
    """Run probes, each `repeat` times, at most `jobs` at a time.

    `keep` is the folder where recordings are kept. Ctrl-C ends the run, and the scorecard has what was found
    so far.
    """
    began, at = clock(), datetime.now(UTC)
    caller = Caller(settings, keep=keep, clock=clock)
    run = _Run(caller, probes, jobs, repeat, progress)
    try:
        run.all()
    except KeyboardInterrupt:
        run.interrupt()
    finally:
        caller.close()
    results = with_client_views(run.results())
    return Scorecard(
        set=CURRENT_SET,
        endpoint=mask_url(settings.base_url),
        model=settings.model,
        results=results,
        took=clock() - began,
        reason=run.reason,
        interrupted=caller.stop.is_set(),
        at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


class _Run:
    """One run: what is to be done, and what is done."""

    def __init__(
        self, caller: Caller, probes: Sequence[Probe], jobs: int, repeat: int, progress: Progress
    ) -> None:
        self._caller = caller
        self._probes = probes
        self._jobs = jobs
        self._repeat = repeat
        self._progress = progress
        self._done: dict[str, list[ProbeResult]] = {probe.name: [] for probe in probes}
        self.reason = ""
        """Why nothing could be tested; empty if something could."""

    def all(self) -> None:
        """Run the first probe, and then, if the endpoint can be judged, all others."""
        diagnosis = self._first()
        if diagnosis is not None:
            self.reason = diagnosis.reason
            return
        waiting = [
            (probe, number)
            for probe in self._probes
            for number in range(len(self._done[probe.name]), self._repeat)
        ]
        for probe, result in self._side_by_side(waiting):
            self._done[probe.name].append(result)
            self._progress(probe, result)

    def _first(self) -> Diagnosis | None:
        """Run the first probe, and say why nothing else can be tested; None if it can."""
        probe = PROBES[FIRST]
        self._progress(probe, None)
        result = run_probe(probe, self._caller, 0)
        last = result.exchanges[-1].recording if result.exchanges else None
        diagnosis = diagnose(last, self._caller.settings.base_url) if last else None
        if diagnosis is not None:
            result = replace(
                result,
                state=diagnosis.state,
                reason=diagnosis.reason if diagnosis.state is not State.FAIL else "",
                failures=diagnosis.failures(result.exchanges[-1].name),
                warnings=(),
                runs=int(diagnosis.state is State.FAIL),
                passed=0,
            )
        if FIRST in self._done:
            self._done[FIRST].append(result)
        self._progress(probe, result)
        return diagnosis

    def _side_by_side(self, waiting: Iterable[tuple[Probe, int]]) -> Iterator[tuple[Probe, ProbeResult]]:
        """Run probes on several threads; yield each with its result, as they end."""
        todo: queue.SimpleQueue[tuple[Probe, int]] = queue.SimpleQueue()
        done: queue.SimpleQueue[tuple[Probe, ProbeResult | BaseException | None]] = queue.SimpleQueue()
        left = 0
        for each in waiting:
            todo.put(each)
            left += 1

        def work() -> None:
            while not self._caller.stop.is_set():
                try:
                    probe, number = todo.get_nowait()
                except queue.Empty:
                    return
                done.put((probe, None))
                try:
                    done.put((probe, run_probe(probe, self._caller, number)))
                except BaseException as error:
                    done.put((probe, error))

        for _ in range(min(self._jobs, left)):
            threading.Thread(target=work, daemon=True, name="inspector-probe").start()
        while left:
            probe, result = done.get()
            if result is None:
                self._progress(probe, None)
            elif isinstance(result, ProbeResult):
                left -= 1
                yield probe, result
            else:
                raise result

    def interrupt(self) -> None:
        """Let nobody wait any more."""
        self._caller.stop.set()

    def results(self) -> tuple[ProbeResult, ...]:
        """Return a result for each probe, in the order of the table."""
        return tuple(
            _together(probe, self._done[probe.name], self.reason or "the run was interrupted")
            for probe in self._probes
        )


def run_probe(probe: Probe, caller: Caller, number: int) -> ProbeResult:
    """Run a probe once. `number` counts its earlier runs."""
    endpoint = Endpoint(caller, probe.name, 1 + number * probe.requests * 2)
    deviations: list[Deviation] = []
    state, reason = State.PASS, ""
    try:
        for deviation in probe.run(endpoint):
            deviations.append(deviation)
    except Failed as failed:
        deviations.append(failed.deviation)
    except NotApplicable as outcome:
        state, reason = State.NOT_APPLICABLE, str(outcome)
    except NotTested as outcome:
        state, reason = State.NOT_TESTED, str(outcome)
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


def _together(probe: Probe, runs: Sequence[ProbeResult], otherwise: str) -> ProbeResult:
    """Return what several runs of a probe found; `otherwise` says why there is none."""
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
