"""`inspector stats` of sets of tables: its options, and what it does with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
from click.core import ParameterSource

from inspector.cli._printing import json_document, print_document
from inspector.corpus.trend_sets import is_set
from inspector.errors import UsageError

__all__ = ["TrendOptions", "compares_sets", "run_trends", "trend_options"]

_ALLOWED = {"files", "format_", "by", "everything", "plot"}
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

    Raises `UsageError` if they are both, or if options do not fit them.
    """
    kinds = {name: is_set(name) for name in files}
    sets, others = ([name for name, kind in kinds.items() if kind is wanted] for wanted in (True, False))
    if sets and others:
        raise UsageError(
            f"{sets[0]} holds tables, and {others[0]} does not. Give either sets of tables, "
            f"to compare them, or recordings; `inspector stats {others[0]} -o FOLDER` makes tables of those"
        )
    if sets:
        _refuse_options_of_recordings()
    elif any(options) or format_ == "markdown":
        named = {"--by": options.by, "--all": options.everything, "--plot": options.plot}
        option = next((name for name, value in named.items() if value), "--format markdown")
        raise UsageError(
            f"{option} is for sets of tables, which -o makes; {files[0]} is none on this machine"
        )
    return bool(sets)


def _refuse_options_of_recordings() -> None:
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        if name not in _ALLOWED and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageError(f"{parameter.opts[-1]} is for recordings; these are tables already")


def run_trends(files: Sequence[str], format_: str, options: TrendOptions) -> int:
    """Compare sets of tables, and print and draw what changed. Return the exit status."""
    from inspector.corpus.trends import compare

    if options.plot and not options.plot.endswith(_DRAWN):
        raise UsageError(f"{options.plot}: a plot's name ends in {', '.join(_DRAWN)}")
    trends = compare(files, by=options.by)
    if options.plot:
        from inspector.corpus.trend_plot import plot

        path = Path(options.plot)
        path.write_bytes(plot(trends, path.suffix[1:], everything=options.everything))
    if format_ == "json":
        from inspector.corpus.trend_documents import trends_document

        print_document(json_document(trends_document(trends)))
    elif format_ == "markdown":
        from inspector.corpus.trend_documents import trends_markdown

        print_document(trends_markdown(trends, everything=options.everything))
    else:
        from inspector.cli._trends_text import print_trends

        print_trends(trends, everything=options.everything)
    return 0
