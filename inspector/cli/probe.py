"""`inspector probe`: find out whether an endpoint speaks the Messages API."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from inspector.cli._paragraphs import clip
from inspector.cli._printing import echo, print_document, say
from inspector.cli._probe_behind import behind_of, behind_options
from inspector.cli._probe_files import file_options, files_of
from inspector.cli._probe_formats import FORMATS
from inspector.cli._progress import Progress, quiet_option
from inspector.cli._request_headers import header_option, parsed_headers
from inspector.cli._signals import ending_on_signals
from inspector.cli._terminal import screen_width, wrap
from inspector.cli._wrapping import Wrapping
from inspector.conformance.defaults import JOBS, PATIENCE, SILENCE, TIMEOUT
from inspector.errors import AddressError
from inspector.protocol import DEFAULT_MODEL

if TYPE_CHECKING:
    from inspector.conformance.probes import Probe
    from inspector.conformance.runner import Progress as Report
    from inspector.conformance.scoring.scorecard import Scorecard

__all__ = ["command"]

_COLOURS: dict[str, dict[str, Any]] = {
    "pass": {"fg": "green"},
    "fail": {"fg": "red"},
    "warning": {"fg": "yellow"},
    "not applicable": {"fg": "cyan"},
    "not tested": {"fg": "cyan"},
    "dim": {"dim": True},
}
_SECONDS = click.FloatRange(min=0, min_open=True, max=1e6)


@click.command("probe", cls=Wrapping)
@click.option("--base-url", metavar="URL", help="The endpoint; /v1/messages is below it.")
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="The model that requests name.")
@click.option(
    "--key-env",
    metavar="VARIABLE",
    default="ANTHROPIC_API_KEY",
    show_default=True,
    help="The environment variable with the key.",
)
@header_option
@click.option("--only", metavar="PROBE,…", multiple=True, help="Run only these probes. Repeatable.")
@click.option("--skip", metavar="PROBE,…", multiple=True, help="Leave out these probes. Repeatable.")
@click.option("--list", "list_", is_flag=True, help="List the probes and what they cost, and run none.")
@click.option("--repeat", type=click.IntRange(1, 100), default=1, show_default=True, help="Run each N times.")
@click.option(
    "-j", "--jobs", type=click.IntRange(1, 64), default=JOBS, show_default=True, help="Probes at a time."
)
@click.option(
    "--timeout", type=_SECONDS, default=TIMEOUT, show_default=True, help="Seconds for one exchange."
)
@click.option(
    "--silence",
    type=_SECONDS,
    default=SILENCE,
    show_default=True,
    help="Seconds in which nothing comes, until an exchange is given up.",
)
@click.option(
    "--patience",
    type=click.FloatRange(0, 1e6),
    default=PATIENCE,
    show_default=True,
    help="The longest retry-after that is waited for, in seconds.",
)
@click.option("-o", "--output", metavar="DIR", help="Keep the recording of each exchange in DIR.")
@click.option("--overwrite", is_flag=True, help="Replace the recordings of another run in DIR.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", *FORMATS]),
    default="text",
    show_default=True,
    help="The output format: text for a terminal, markdown for the summary of a job, html for a page.",
)
@file_options
@click.option("--set", "set_", metavar="MONTH", help="The frozen set of probes. Default: the newest.")
@behind_options
@quiet_option
@click.option("-v", "--verbose", is_flag=True, help="Show all links, also of what holds, and all places.")
def command(
    base_url: str | None,
    model: str,
    key_env: str,
    headers: tuple[str, ...],
    only: tuple[str, ...],
    skip: tuple[str, ...],
    list_: bool,
    output: str | None,
    overwrite: bool,
    format_: str,
    quiet: bool,
    verbose: bool,
    set_: str | None,
    wrapped: tuple[str, ...],
    **limits: Any,
) -> int:
    """Send requests to an endpoint, and say whether it speaks the Messages API.

    With --behind PORT, or with a COMMAND that starts a gateway, probe instead what the gateway does to a
    stream: an upstream behind it plays a script. {upstream} in the command is replaced by its URL.

    \b
    inspector probe --base-url http://127.0.0.1:8080 --model my-model
    inspector probe --list
    inspector probe --base-url http://127.0.0.1:8080 --behind 9090
    inspector probe --base-url http://127.0.0.1:8080 -- my-gateway {upstream}

    Exit status: 0 if all tested probes pass; 1 if one fails that is not a known failure (--write-expect
    makes all of them known, so it is 0); 2 for wrong use; 3 if recordings cannot be kept; 4 if nothing could
    be tested, as when nothing listens; 130 if interrupted, 143 by SIGTERM.
    """
    from inspector.conformance import runner
    from inspector.conformance.calling import Settings
    from inspector.conformance.probes import Kind, chosen_probes
    from inspector.conformance.sets import NEWEST_SET
    from inspector.conformance.through_run import run_through

    files, of, behind = files_of(limits), set_ or NEWEST_SET, behind_of(limits, wrapped)
    probes = chosen_probes(Kind.DIRECT if behind is None else Kind.THROUGH, only, skip, of=of)
    repeat, jobs = limits.pop("repeat"), limits.pop("jobs")
    if list_:
        _list(probes, repeat)
        return 0
    if not base_url:
        raise click.UsageError("give the endpoint with --base-url URL")
    key = os.environ.get(key_env, "")
    if not key and key_env != "ANTHROPIC_API_KEY":
        raise click.UsageError(f"--key-env {key_env}: there is no such environment variable")
    settings = Settings(base_url, model, key, headers=parsed_headers(headers), **limits)
    with ending_on_signals(), _showing(len(probes) * repeat, quiet=quiet) as progress:
        run = {"jobs": jobs, "repeat": repeat, "of": of, "keep": output, "overwrite": overwrite}
        if behind is None:
            card = runner.run_probes(settings, probes, progress=progress, **run)
        else:
            try:
                card = run_through(settings, probes, behind, report=say, progress=progress, **run)
            except AddressError as error:  # --behind names the port: another one is right
                raise click.UsageError(str(error)) from error
    card = files.applied(card)
    if format_ == "text":
        _print(card, verbose=verbose)
    else:
        print_document(FORMATS[format_](card))
    files.write(card)
    return _status(card)


def _status(card: Scorecard) -> int:
    if card.interrupted:
        return card.status
    if card.unkept:
        return 3
    if card.unexpected:
        return 1
    return 0 if card.tested else 4


def _print(card: Scorecard, *, verbose: bool) -> None:
    from inspector.conformance.scoring.score_text import score_lines

    width = screen_width()
    for line in score_lines(card, verbose=verbose):
        text = clip(line.text, width) if line.may_be_cut else wrap(line.text, width, indent=line.indent)
        echo(*(text.splitlines() or [""]), **_COLOURS.get(line.style, {}))


@contextlib.contextmanager
def _showing(total: int, *, quiet: bool) -> Iterator[Report]:
    """Show how many of the probes' runs are over."""
    with Progress("probing", total, quiet=quiet) as progress:
        yield lambda probe, result: progress.step(0 if result is None else 1)


def _list(probes: Iterable[Probe], repeat: int) -> None:
    """Print each probe with its requests and its limit of output, and the sum."""
    from inspector.cli._tables import Column, print_table

    rows = [
        [each.name, str(each.requests * repeat), str(each.max_tokens * repeat), each.sentence]
        for each in probes
    ]
    total = [
        "all",
        str(sum(int(row[1]) for row in rows)),
        str(sum(int(row[2]) for row in rows)),
        "at most: every request once, every answer as long as it may be",
    ]
    columns = [
        Column("probe"),
        Column("requests", right=True),
        Column("max_tokens", right=True),
        Column("what must hold", least=20),
    ]
    print_table(columns, [*rows, total])
