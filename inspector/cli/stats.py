"""`inspector stats`: how responses flowed, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import click

from inspector._version import __version__
from inspector.cli._inputs import damage_of, files_argument, paths_of
from inspector.cli._parallel import for_each_file
from inspector.cli._printing import json_document, plain, print_document, say
from inspector.cli._trends_command import TrendOptions, compares_sets, run_trends, trend_options
from inspector.errors import RecordingError
from inspector.formats import opened
from inspector.views.aggregate import aggregate
from inspector.views.measuring import session_statistics
from inspector.views.statistics import Statistics, plain_values

__all__ = ["command"]


class _Measured(NamedTuple):
    """The numbers of one file, and why there are no more of them, if something is wrong with the file."""

    recordings: list[Statistics]
    problem: str | None
    notices: list[str]


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
@click.option(
    "-j", "--jobs", type=click.IntRange(1), help="The number of processes.  [default: one for each core]"
)
@trend_options
def command(files: tuple[str, ...], format_: str, jobs: int | None, **trends: Any) -> int:
    """Say how responses flowed: times, gaps, silences, rates, usage, and whether something buffers.

    FILE is a file, a folder, a pattern, or `-` for standard input. It may hold a recording, an event stream
    as `curl -N` or `curl -i` prints it, or bare payloads, one a line; compressed ones too.

    One recording is a page, with a drawing of it over its time. Several are a table, with the percentiles
    over all of them. Tokens are those that the API counted. What a recording cannot know is left out.

    Two folders of tables, which -o made, are compared: what changed from the first to the second beyond
    chance, in rules, endings, statuses, times and tokens.

    Exit status: 0; 2 wrong use; 3 if a FILE is not a recording or cannot be read. What can be read is shown.
    """
    options = TrendOptions(**trends)
    if compares_sets(files, format_, options):
        return run_trends(files, format_, options)
    paths = list(paths_of(files))
    names = [path for path in paths if isinstance(path, str)]
    measured = for_each_file(_measure, names, jobs, label="reading recordings")
    recordings = [each for file in measured for each in file.recordings]
    problems = [str(path) for path in paths if isinstance(path, RecordingError)]
    problems += [file.problem for file in measured if file.problem]
    if format_ == "json":
        _print_json(recordings, problems)
    else:
        _print_text(recordings)
    for message in (*(notice for file in measured for notice in file.notices), *problems):
        say(message)
    return 3 if problems else 0


def _measure(name: str) -> _Measured:
    """Read a file once, as far as it can be read."""
    recordings: list[Statistics] = []
    notices: list[str] = []
    try:
        with opened(name) as reader:
            notices = reader.notices  # also if reading ends at an error
            recordings.extend(session_statistics(reader))
            return _Measured(recordings, *damage_of(name, reader, "measured"))
    except RecordingError as error:
        return _Measured(recordings, str(error), [f"{name}: {notice}" for notice in notices])


def _print_text(recordings: Sequence[Statistics]) -> None:
    from inspector.cli._stats_text import print_page, print_table_of

    if len(recordings) == 1:
        print_page(recordings[0])
    elif recordings:
        print_table_of(recordings)


def _print_json(recordings: Sequence[Statistics], problems: Sequence[str]) -> None:
    """Print one object: `recordings` with every number, how they are spread `over_all`, and `unreadable`."""
    document = {
        "inspector": __version__,
        "recordings": [each.to_dict() for each in recordings],
        "over_all": plain_values(aggregate(recordings)),
        "unreadable": list(problems),
    }
    print_document(json_document(_masked(document)))


def _masked(value: Any) -> Any:
    """Return JSON values without secrets in their texts: a file of another tool may hold some."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(key): _masked(each) for key, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list) else value
