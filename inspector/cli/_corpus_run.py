"""Running a job over the files of a command: the engine, the progress, signals, and totals that add up.

run = run_job(job, listing, engines, consume, label="checking", quiet=quiet)
…print what there is…
run.say_end()
return run.status or (0 if run.all_read else 3)
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from inspector.cli._bulk_notices import BulkNotices
from inspector.cli._corpus_listing import Listing
from inspector.cli._corpus_options import Engines
from inspector.cli._printing import say
from inspector.cli._progress import Progress
from inspector.cli._signals import Terminated, interrupted_by_signals
from inspector.corpus.batches import MANY, are_many
from inspector.corpus.engines.this_process import ThisProcess
from inspector.corpus.jobs import Counts, Engine, Job, OfFiles, Problem
from inspector.corpus.totals import Totals
from inspector.errors import EngineError, UsageError
from inspector.storage.kinds import is_url

__all__ = ["Run", "run_job"]

Result = TypeVar("Result", bound=OfFiles)


@dataclass(slots=True)
class Run:
    """What a run did. `status` is the exit status if it did not come to its end; else 0.

    `why` is the reason then, in words. `unlisted` are the arguments, and parts of them, that could not be
    listed.
    """

    counts: Counts = field(default_factory=Counts)
    unlisted: list[Problem] = field(default_factory=list)
    status: int = 0
    why: str = ""
    _notices: BulkNotices = field(default_factory=BulkNotices)
    _unreadable: BulkNotices = field(default_factory=BulkNotices)

    @property
    def all_read(self) -> bool:
        """Whether everything could be listed and read."""
        return not self.unlisted and not self.counts.totals.unreadable

    def add(self, result: OfFiles) -> None:
        """Take what a result says of its files."""
        self.counts += result.counts
        self._notices.add(result.notices)
        self._unreadable.add(result.unreadable)

    def say_end(
        self,
        totals: Totals | None = None,
        *,
        skipped: int = 0,
        problems: Iterable[Problem] | None = None,
        recordings: bool = True,
    ) -> None:
        """Say what there is to say of files, then what could not be read, and the totals of many files.

        `totals` are those of tables, in which `skipped` files were before. `problems` are those of all
        files in the tables: they are said in the place of what this run could not read. `recordings` False
        means that nobody counted them.
        """
        self._notices.say()
        if problems is None:
            for problem in self.unlisted:
                say(problem.message)
            self._unreadable.say()
        else:
            of_tables = BulkNotices()
            of_tables.add(problems)
            of_tables.say()
        if totals is not None:
            before = (
                f"; {skipped:,} {'was' if skipped == 1 else 'were'} in the tables before" if skipped else ""
            )
            say(f"{totals}{before}")
        elif self.counts.totals.files >= MANY or (self.status and self.counts.sources):
            say(self.counts.totals.line(recordings=recordings))
        if self.why:
            say(self.why)


def run_job(
    job: Job[Result],
    listing: Listing,
    engines: Engines,
    consume: Callable[[Result], object],
    *,
    label: str,
    quiet: bool = False,
) -> Run:
    """Call a job for every source of a listing, and `consume` with each result, in the order of the sources.

    On a terminal, a progress bar with the `label` shows how far it is, unless `quiet`. If Ctrl-C or a signal
    ends it, or its engine does, the run says so, and has what was consumed until then.
    """
    engines.refuse_contradictions()
    run = Run()
    engine = _engine(listing, engines)
    try:
        forks = not isinstance(engine, ThisProcess)
        progress = Progress(label, lambda: _known(listing), quiet=quiet, forks=forks)
        with interrupted_by_signals(waking=False), progress:
            results = engine.run(job, listing)
            with contextlib.closing(results):  # type: ignore[type-var]
                for result in results:
                    listing.note_empty(run.counts.sources + at for at in result.counts.empty)
                    run.add(result)
                    consume(result)
                    progress.show(run.counts.sources, unreadable=run.counts.totals.unreadable)
            if run.counts.sources != listing.count:
                raise EngineError(
                    f"{run.counts.sources:,} of {listing.count:,} sources came back from the engine"
                )
    except Terminated as end:
        run.status = end.status
    except KeyboardInterrupt:
        run.status = 130
    except EngineError as error:
        run.status, run.why = 3, str(error)
    if run.status in (130, 143):
        run.why = f"interrupted after {run.counts.sources:,} of {_all_of(listing)} sources"
    run.unlisted = [Problem(error.path or "", str(error)) for error in listing.errors()]
    for notice in listing.notices():
        say(notice)
    return run


def _known(listing: Listing) -> int | None:
    return listing.count if listing.complete else None


def _all_of(listing: Listing) -> str:
    return f"{listing.count:,}" if listing.complete else f"more than {listing.count:,}"


def _engine(listing: Listing, engines: Engines) -> Engine:
    if "-" in listing.arguments:  # only this process can read it
        if engines.is_dask:
            raise UsageError("standard input is read here, and a cluster cannot read it; name a file")
        return ThisProcess()
    if engines.is_dask:
        from inspector.corpus.engines.dask_engine import DaskEngine

        return DaskEngine(engines.scheduler, engines.jobs, fresh=_has_urls(listing), announce=say)
    if engines.jobs == 1 or not are_many(listing.peek(MANY)):
        return ThisProcess()
    from inspector.corpus.engines.process_pool import ProcessPool, cores

    workers = engines.jobs or cores()
    if workers == 1:
        return ThisProcess()
    return ProcessPool(workers, fresh=_has_urls(listing))


def _has_urls(listing: Listing) -> bool:
    return any(map(is_url, listing.arguments))
