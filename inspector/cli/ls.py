"""`inspector ls`: a table of recordings, a row for each."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from inspector._version import __version__
from inspector.cli._corpus_listing import Listing
from inspector.cli._corpus_options import Engines, engine_options
from inspector.cli._corpus_run import run_job
from inspector.cli._inputs import FILE
from inspector.cli._printing import json_document, plain, print_document, shown
from inspector.cli._progress import quiet_option
from inspector.corpus.member_reading import Files, ReadJob
from inspector.views.key_numbers import seconds_text
from inspector.views.listing import Listed, in_order, listing

if TYPE_CHECKING:
    from inspector.cli._tables import Cell

__all__ = ["command"]


@click.command("ls")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=FILE)
@click.option(
    "--sort",
    metavar="KEY",
    type=click.Choice(Listed._fields),
    default="file",
    help=f"Sort by a field: {', '.join(Listed._fields)}. What is unknown stands last.  [default: file]",
)
@click.option("-r", "--reverse", is_flag=True, help="Sort in the reverse order.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="The output format: a table for people, the others for machines, with every field.",
)
@click.option("--no-check", is_flag=True, help="Leave out the verdict, which takes most of the time.")
@quiet_option
@engine_options
def command(
    paths: tuple[str, ...],
    sort: str,
    reverse: bool,
    format_: str,
    no_check: bool,
    quiet: bool,
    jobs: int | None,
    engine: str | None,
    scheduler: str | None,
) -> int:
    """List recordings: when, which model, the first words of the prompt, and how each response went.

    PATH is a file, a folder and all below it, a pattern, or `-` for standard input; without one, the current
    folder. Each recording of a session has a row. The times are UTC. The verdict is that of `inspector
    check`.

    Exit status: 0; 2 wrong use; 3 if a PATH is not a recording or cannot be read. What can be read is listed.
    """
    engines = Engines(jobs, engine, scheduler)
    job = ReadJob(functools.partial(listing, check=not no_check), "listed")
    rows: list[Listed] = []
    problems: list[str] = []

    def consume(files: Files[Listed]) -> None:
        rows.extend(files.items)
        problems.extend(problem.message for problem in files.unreadable)

    sources = Listing(paths or (".",), absolute=scheduler is not None)
    run = run_job(job, sources, engines, consume, label="reading recordings", quiet=quiet)
    if sort != "file":
        rows = in_order(rows, sort, reverse=reverse)
    elif reverse:
        rows.reverse()
    _FORMATS[format_](rows, [*(problem.message for problem in run.unlisted), *problems], run.why)
    run.say_end()
    return run.status or (0 if run.all_read else 3)


def _print_table(rows: Sequence[Listed], problems: Sequence[str], incomplete: str) -> None:
    from inspector.cli._tables import Column, below_folder, print_table

    columns = [
        Column("file", least=32, keep_end=True),
        Column("when (UTC)", rank=6),
        Column("model", least=15, rank=5),
        Column("status", right=True, rank=10),
        Column("prompt", least=16, rank=1),
        Column("events", right=True, rank=4),
        Column("first text", right=True, rank=8),
        Column("time", right=True, rank=3),
        Column("outcome", least=10, rank=2),
        Column("end", rank=9),
        Column("verdict", rank=7),
        Column("findings", least=10),
    ]
    files = below_folder(row.file for row in rows)
    print_table(columns, (_cells(file, row) for file, row in zip(files, rows, strict=True)))


def _cells(file: str, row: Listed) -> list[Cell]:
    return [
        file if row.number == 1 else f"{file} #{row.number}",
        (row.at or "")[:16].replace("T", " "),
        row.model or "",
        "" if row.status is None else str(row.status),
        row.prompt or "",
        "" if row.events is None else f"{row.events:,}",
        _seconds(row.first_text),
        _seconds(row.duration),
        row.outcome,
        row.end or "unseen",
        row.verdict or "",
        _findings(row),
    ]


def _seconds(t: float | None) -> str:
    return "" if t is None else seconds_text(t)


def _findings(row: Listed) -> Cell:
    """Count errors and warnings, in the colour of the worst."""
    if row.verdict is None:
        return ""
    counts = [
        f"{count} {what}{'s' * (count > 1)}"
        for count, what in ((row.errors, "error"), (row.warnings, "warning"))
        if count
    ]
    style = {"fg": "red"} if row.errors else {"fg": "yellow"} if row.warnings else {"dim": True}
    return ", ".join(counts) or "clean", style


def _print_json(rows: Sequence[Listed], problems: Sequence[str], incomplete: str) -> None:
    """Print one object: `recordings` with all fields, and `unreadable`.

    `incomplete` says why the run did not come to its end; null if it did.
    """
    recordings = [{name: _field(value) for name, value in row._asdict().items()} for row in rows]
    document = {
        "inspector": __version__,
        "incomplete": plain(incomplete) or None,
        "recordings": recordings,
        "unreadable": [plain(problem) for problem in problems],
    }
    print_document(json_document(document))


def _print_csv(rows: Sequence[Listed], problems: Sequence[str], incomplete: str) -> None:
    """Print CSV (RFC 4180) with a line of titles: an empty field for what is unknown."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(Listed._fields)
    writer.writerows([shown(value) if isinstance(value, str) else value for value in row] for row in rows)
    print_document(out.getvalue().removesuffix("\r\n") + "\r")


def _field(value: str | float | None) -> str | float | None:
    return plain(value) if isinstance(value, str) else value


_FORMATS: dict[str, Callable[[Sequence[Listed], Sequence[str], str], None]] = {
    "table": _print_table,
    "json": _print_json,
    "csv": _print_csv,
}
"""The function that prints rows, problems, and why the run is incomplete, for each format."""
