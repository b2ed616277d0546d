"""`inspector stats`: how responses flowed, in numbers."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import click

from inspector._version import __version__
from inspector.cli._corpus_listing import Listing
from inspector.cli._corpus_options import Engines, engine_options
from inspector.cli._corpus_run import run_job
from inspector.cli._inputs import files_argument
from inspector.cli._printing import json_document, plain, print_document
from inspector.cli._progress import quiet_option
from inspector.cli._table_options import TableOptions, table_options, write_tables
from inspector.cli._trends_command import TrendOptions, compares_sets, run_trends, trend_options
from inspector.corpus.member_reading import Files, ReadJob
from inspector.errors import UsageError
from inspector.views.aggregate import aggregate
from inspector.views.measuring import session_statistics
from inspector.views.statistics import Statistics, plain_values

__all__ = ["command"]


@click.command("stats")
@files_argument
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="The output format: text for people, JSON for machines, with every number; Markdown of sets.",
)
@quiet_option
@table_options
@trend_options
@engine_options
def command(
    files: tuple[str, ...],
    format_: str,
    quiet: bool,
    output: str | None,
    resume: bool,
    overwrite: bool,
    events: bool,
    jobs: int | None,
    engine: str | None,
    scheduler: str | None,
    **trends: Any,
) -> int:
    """Say how responses flowed: times, gaps, silences, rates, usage, and whether something buffers.

    FILE is a file, a folder, a pattern, or `-` for standard input. It may hold a recording, an event stream
    as `curl -N` or `curl -i` prints it, or bare payloads, one a line; compressed ones too.

    One recording is a page, with a drawing of it over its time. Several are a table, with the percentiles
    over all of them. Tokens are those that the API counted. What a recording cannot know is left out.
    -o writes tables of responses and findings instead: see
    https://sse-inspector.readthedocs.io/en/stable/tables.html.

    Two folders of tables, which -o made, are compared: what changed from the first to the second beyond
    chance, in rules, endings, statuses, times and tokens.

    Exit status: 0; 2 wrong use; 3 if a FILE is not a recording or cannot be read. What can be read is shown.
    """
    options = TrendOptions(**trends)
    if compares_sets(files, format_, options):
        return run_trends(files, format_, options, overwrite=overwrite, quiet=quiet)
    engines, tables = Engines(jobs, engine, scheduler), TableOptions(output, resume, overwrite, events)
    if tables.written:
        if format_ != "text":
            raise UsageError("-o writes tables, so leave out --format")
        from inspector.corpus.tabulation.tabulate import Tabulate

        return write_tables(Tabulate(events=events), files, engines, tables, "responses", quiet=quiet)
    recordings: list[Statistics] = []
    problems: list[str] = []

    def consume(files: Files[Statistics]) -> None:
        recordings.extend(files.items)
        problems.extend(problem.message for problem in files.unreadable)

    sources = Listing(files, absolute=scheduler is not None)
    job = ReadJob(session_statistics, "measured")
    run = run_job(job, sources, engines, consume, label="measuring", quiet=quiet)
    if format_ == "json":
        unlisted = [problem.message for problem in run.unlisted]
        _print_json(recordings, [*unlisted, *problems], run.why)
    else:
        _print_text(recordings)
    run.say_end()
    return run.status or (0 if run.all_read else 3)


def _print_text(recordings: Sequence[Statistics]) -> None:
    from inspector.cli._stats_text import print_page, print_table_of

    if len(recordings) == 1:
        print_page(recordings[0])
    elif recordings:
        print_table_of(recordings)


def _print_json(recordings: Sequence[Statistics], problems: Sequence[str], incomplete: str) -> None:
    """Print one object: `recordings` with every number, how they are spread `over_all`, and `unreadable`.

    `incomplete` says why the run did not come to its end; null if it did.
    """
    document = {
        "inspector": __version__,
        "incomplete": incomplete or None,
        "recordings": [each.to_dict() for each in recordings],
        "over_all": plain_values(aggregate(recordings)),
        "unreadable": list(problems),
    }
    print_document(json_document(_masked(document)))


_plain = functools.lru_cache(4096)(plain)  # names and kinds come again and again


def _masked(value: Any) -> Any:
    """Return JSON values without secrets in their texts: a file of another tool may hold some."""
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, dict):
        return {_plain(key): _masked(each) for key, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list) else value
