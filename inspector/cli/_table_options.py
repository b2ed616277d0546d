"""The options of commands that write tables, and what writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import click

from inspector.checker import Severity
from inspector.cli._corpus_listing import Listing
from inspector.cli._corpus_options import Engines
from inspector.cli._corpus_run import run_job
from inspector.cli._printing import say
from inspector.cli._signals import signals_waiting
from inspector.corpus.jobs import Problem
from inspector.corpus.totals import Totals
from inspector.errors import RecordingError, UsageError
from inspector.storage import Source
from inspector.storage.kinds import is_url

if TYPE_CHECKING:
    from inspector.corpus.tabulation.tabulate import Tables, Tabulate

__all__ = ["TableOptions", "table_options", "write_tables"]

_ENDINGS = (".parquet", ".csv", ".jsonl")


class TableOptions(NamedTuple):
    """Where tables go; `output` None means that none are written."""

    output: str | None = None
    resume: bool = False
    overwrite: bool = False
    events: bool = False

    @property
    def written(self) -> bool:
        """Whether tables are written. Raises `UsageError` if they are not, and another option is given."""
        given = [f"--{name}" for name in ("resume", "overwrite", "events") if getattr(self, name)]
        if given and self.output is None:
            raise UsageError(f"{given[0]} is for tables; name a folder for them with -o")
        return self.output is not None


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options. A command makes `TableOptions(output, resume, overwrite, events)` of them."""
    for option in (
        click.option("--events", is_flag=True, help="With -o DIR: write a table of events, too."),
        click.option(
            "--overwrite",
            is_flag=True,
            help="Replace the tables that are there, or the plot. They stay until the new ones are whole.",
        ),
        click.option(
            "--resume",
            is_flag=True,
            help="With -o DIR: go on with the tables that are there. Read only what is not in them, has "
            "changed, or whose bytes could not be read.",
        ),
        click.option(
            "-o",
            "--output",
            metavar="DIR|FILE",
            help="Write tables instead of text: to a folder, as Parquet; or one table to a file that ends in "
            ".parquet, .csv or .jsonl.",
        ),
    ):
        command = option(command)
    return command


class _Target(Protocol):
    """Where tables go: a `TableFolder` or a `TableFile`."""

    @property
    def skipped(self) -> int: ...
    @property
    def notice(self) -> str: ...
    def wants(self, source: Source, /) -> bool: ...
    def add(self, tables: Tables, /) -> None: ...
    def add_unlisted(self, error: RecordingError, /) -> None: ...
    def end(self, *, all_found: bool) -> None: ...
    def totals(self) -> Totals: ...
    def problems(self) -> Iterable[Problem]: ...
    def failing(self) -> dict[Severity, int]: ...


def write_tables(
    job: Tabulate,
    files: Sequence[str],
    engines: Engines,
    options: TableOptions,
    table: str,
    *,
    fail_on: Severity | None = None,
    quiet: bool = False,
) -> int:
    """Write the tables of files, and return the exit status. `table` is the one that goes into one file."""
    with _target(job, files, options, table) as target:
        wanted = target.wants if len(files) == 1 else _once(target.wants)
        listing = Listing(files, absolute=engines.scheduler is not None, wanted=wanted)

        def add(tables: Tables) -> None:
            with signals_waiting():  # half of them would make the whole part useless
                target.add(tables)

        run = run_job(job, listing, engines, add, label="reading recordings", quiet=quiet)
        for error in {error.path: error for error in listing.errors()}.values():
            target.add_unlisted(error)
        if not run.status:
            target.end(all_found=listing.all_found)
    totals = target.totals()
    run.say_end(totals, skipped=target.skipped, problems=target.problems() if options.resume else None)
    if target.notice:
        say(target.notice)
    if run.status or totals.unreadable:
        return run.status or 3
    return int(fail_on is not None and target.failing()[fail_on] > 0)


def _once(wanted: Callable[[Source], bool]) -> Callable[[Source], bool]:
    """Want each source once, though several names mean it, as `a/` and `a/1.jsonl` do."""
    seen: set[tuple[str, tuple[int, int] | None]] = set()

    def wanted_first(source: Source) -> bool:
        key = (source.name, source.frames)
        if key in seen:
            return False
        seen.add(key)
        return wanted(source)

    return wanted_first


def _target(
    job: Tabulate, files: Sequence[str], options: TableOptions, table: str
) -> AbstractContextManager[_Target]:
    assert options.output is not None
    for file in files:
        if (
            not is_url(file)
            and Path(file).is_dir()
            and Path(file).resolve() == Path(options.output).resolve()
        ):
            raise UsageError(f"-o {options.output}: this folder is read; name another one for the tables")
    if options.resume and options.overwrite:
        raise UsageError("--resume goes on with what is there, and --overwrite replaces it; choose one")
    ending = Path(options.output).suffix.lower()
    is_folder = options.output.endswith("/") or Path(options.output).is_dir() or not ending
    if is_folder:
        from inspector.corpus.tabulation.table_folder import TableFolder

        return TableFolder(
            options.output, job, files, resume=options.resume, overwrite=options.overwrite, announce=say
        )
    if ending not in _ENDINGS:
        raise UsageError(
            f"-o {options.output}: all tables go to a folder, one table to a file that ends in "
            f".parquet, .csv or .jsonl; for a folder of this name, write {options.output}/"
        )
    for name in ("resume", "events"):
        if getattr(options, name):
            raise UsageError(f"--{name} is for a folder of tables; {options.output} is one table in one file")
    from inspector.corpus.tabulation.table_files import TableFile

    return TableFile(options.output, job, table, overwrite=options.overwrite)
