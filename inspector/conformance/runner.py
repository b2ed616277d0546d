"""Run probes against an endpoint, several at a time, and make the scorecard.

The first exchange is a `text` probe, alone. If that one shows that nothing can be judged (nothing listens, a
page of HTML, another protocol, no access), the scorecard says so once, and no other request is sent. Results
are in the order of the table, whatever ends first.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from inspector.conformance import direct as _direct  # noqa: F401 - registers the direct probes
from inspector.conformance.calling import Caller, Settings
from inspector.conformance.client_view import with_client_views
from inspector.conformance.first_contact import first_contact
from inspector.conformance.probe_run import run_probe, together
from inspector.conformance.probes import PROBES, Probe
from inspector.conformance.scoring.scorecard import ProbeResult, Scorecard
from inspector.conformance.sets import NEWEST_SET
from inspector.conformance.settings import check_count
from inspector.redact import mask_url

__all__ = ["FIRST", "Progress", "run_probes"]

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
    of: str = NEWEST_SET,
    keep: str | None = None,
    overwrite: bool = False,
    progress: Progress = lambda probe, result: None,
    clock: Callable[[], float] = time.perf_counter,
    first: str = FIRST,
    make_caller: Callable[..., Caller] = Caller,
) -> Scorecard:
    """Run probes of the set `of`, each `repeat` times, at most `jobs` at a time.

    `first` names the probe that runs alone before all others. `make_caller` makes what sends the requests, as
    `Caller` does. `keep` is the folder where recordings are kept: a new one, or `overwrite` replaces those of
    another run. Ctrl-C ends the run, and the scorecard has what was learned so far.
    """
    check_count("jobs", jobs)
    check_count("repeat", repeat)
    began, at = clock(), datetime.now(UTC)
    caller = make_caller(settings, keep=keep, overwrite=overwrite, clock=clock)
    run = _Run(caller, probes, jobs, repeat, progress, PROBES[first])
    status = 130
    try:
        run.all()
    except KeyboardInterrupt as end:
        status = getattr(end, "status", status)
        run.interrupt()
    finally:
        caller.close()
    results = tuple(map(_with_files, with_client_views(run.results())))
    return Scorecard(
        set=of,
        endpoint=mask_url(settings.base_url),
        model=settings.model,
        results=results,
        took=clock() - began,
        reason=run.reason,
        interrupted=caller.stop.is_set(),
        at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        status=status,
        unkept=caller.unkept,
    )


def _with_files(result: ProbeResult) -> ProbeResult:
    """Return a result whose exchanges name only files that are there."""
    exchanges = tuple(
        replace(each, file=None) if each.file and not Path(each.file).is_file() else each
        for each in result.exchanges
    )
    return replace(result, exchanges=exchanges)


class _Run:
    """One run: what is to be done, and what is done."""

    def __init__(
        self,
        caller: Caller,
        probes: Sequence[Probe],
        jobs: int,
        repeat: int,
        progress: Progress,
        first: Probe,
    ) -> None:
        self._caller = caller
        self._probes = probes
        self._jobs = jobs
        self._repeat = repeat
        self._progress = progress
        self._first = first
        self._done: dict[str, list[ProbeResult]] = {probe.name: [] for probe in probes}
        self.reason = ""
        """Why nothing could be tested; empty if something could."""

    def all(self) -> None:
        """Run the first probe, and then, if the endpoint can be judged, all others."""
        first = self._first
        self._progress(first, None)
        result, self.reason = first_contact(self._caller, first)
        if first.name in self._done:
            self._done[first.name].append(result)
        self._progress(first, result)
        if self.reason:
            return
        waiting = [
            probe for number in range(self._repeat) for probe in self._probes if number or probe != first
        ]
        for alone, jobs in ((False, self._jobs), (True, 1)):
            group = [probe for probe in waiting if probe.alone is alone]
            for probe, result in self._side_by_side(group, jobs):
                self._done[probe.name].append(result)
                self._progress(probe, result)

    def _side_by_side(self, waiting: Sequence[Probe], jobs: int) -> Iterator[tuple[Probe, ProbeResult]]:
        """Run probes, at most `jobs` at a time; yield each with its result, as they end."""
        todo: queue.SimpleQueue[Probe] = queue.SimpleQueue()
        done: queue.SimpleQueue[tuple[Probe, ProbeResult | BaseException | None]] = queue.SimpleQueue()
        for each in waiting:
            todo.put(each)

        beside = min(jobs, len(waiting)) > 1

        def work() -> None:
            while not self._caller.stop.is_set():
                try:
                    probe = todo.get_nowait()
                except queue.Empty:
                    return
                done.put((probe, None))
                try:
                    done.put((probe, run_probe(probe, self._caller, beside=beside)))
                except BaseException as error:
                    done.put((probe, error))

        for _ in range(min(jobs, len(waiting))):
            threading.Thread(target=work, daemon=True, name="inspector-probe").start()
        for _ in range(2 * len(waiting)):  # each is reported when it begins and when it ends
            probe, result = done.get()
            if result is None:
                self._progress(probe, None)
            elif isinstance(result, ProbeResult):
                yield probe, result
            else:
                raise result

    def interrupt(self) -> None:
        """Let nobody wait any more."""
        self._caller.stop.set()

    def results(self) -> tuple[ProbeResult, ...]:
        """Return a result for each probe, in the order of the table."""
        return tuple(
            together(probe, self._done[probe.name], self.reason or "the run was interrupted")
            for probe in self._probes
        )
