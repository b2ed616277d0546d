"""`inspector stats` of sets of tables: its options, and what it does with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
from click.core import ParameterSource

from inspector.cli._printing import json_document, print_document
from inspector.cli._progress import Progress
from inspector.corpus.trends.trend_sets import is_set
from inspector.errors import RecordingError, UsageError
from inspector.storage import is_there
from inspector.storage.kinds import is_pattern, is_url

__all__ = ["TrendOptions", "compares_sets", "run_trends", "trend_options"]

_ALLOWED = {"files", "format_", "by", "everything", "plot", "overwrite"}
_DRAWN = (".svg", ".png", ".pdf")


class TrendOptions(NamedTuple):
    """The options that only sets of tables have."""

    by: str | None
    everything: bool
    plot: str | None


def trend_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that only sets of tables have."""
    for option in (
        click.option("--plot", metavar="FILE", help="Sets: also draw what changed, as .svg, .png or .pdf."),
        click.option("--all", "everything", is_flag=True, help="Sets: also show what did not change."),
        click.option(
            "--by", metavar="COLUMN", help="Sets: compare each value of a column, as model or host."
        ),
    ):
        command = option(command)
    return command


def compares_sets(files: Sequence[str], format_: str, options: TrendOptions) -> bool:
    """Return whether the arguments are sets of tables, and not recordings. Nothing is opened.

    Raises `UsageError` if they are both, or if options do not fit them, and `RecordingError` if one of both
    is not there.
    """
    kinds = {name: is_set(name) for name in files}
    sets, others = ([name for name, kind in kinds.items() if kind is wanted] for wanted in (True, False))
    if sets and others:
        if not (is_url(others[0]) or is_pattern(others[0]) or others[0] == "-" or is_there(others[0])):
            raise RecordingError("there is no such file or folder", path=others[0])
        raise UsageError(
            f"{sets[0]} holds tables, and {others[0]} does not. Give either sets of tables, "
            f"to compare them, or recordings; `inspector stats {others[0]} -o FOLDER` makes tables of those"
        )
    if sets:
        if given := _given(lambda name: name not in _ALLOWED):
            raise UsageError(f"{given} is for recordings; these are tables already")
    elif given := "--format markdown" if format_ == "markdown" else _given(TrendOptions._fields.__contains__):
        raise UsageError(f"{given} is for sets of tables, which -o makes; {files[0]} has none")
    return bool(sets)


def _given(wanted: Callable[[str], bool]) -> str | None:
    """Return an option whose name is wanted, and which the user gave here, not in a file of defaults."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        if wanted(name) and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            return parameter.opts[-1]
    return None


def run_trends(
    files: Sequence[str], format_: str, options: TrendOptions, *, overwrite: bool = False, quiet: bool = False
) -> int:
    """Compare sets of tables, and print and draw what changed. Return the exit status."""
    from inspector.corpus.trends.comparing_sets import STEPS, compare

    if options.plot and not options.plot.endswith(_DRAWN):
        raise UsageError(f"{options.plot}: a plot's name ends in {', '.join(_DRAWN)}")
    if options.plot and Path(options.plot).exists() and not overwrite:
        raise RecordingError("exists already; use --overwrite to replace it", path=options.plot)
    with Progress("comparing", len(files) * STEPS, quiet=quiet) as progress:
        trends = compare(files, by=options.by, advance=progress.step)
    if options.plot:
        from inspector.corpus.trends.trend_plot import plot

        path = Path(options.plot)
        path.write_bytes(plot(trends, path.suffix[1:], everything=options.everything))
    if format_ == "json":
        from inspector.corpus.trends.trend_documents import trends_document

        print_document(json_document(trends_document(trends)))
    elif format_ == "markdown":
        from inspector.corpus.trends.trend_documents import trends_markdown

        print_document(trends_markdown(trends, everything=options.everything))
    else:
        from inspector.cli._trends_text import print_trends

        print_trends(trends, everything=options.everything)
    return 0
