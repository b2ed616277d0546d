"""`inspector check`: find what is wrong with a stream, where, and what the SDK does with it."""

from __future__ import annotations

import click

from inspector.checker import Limits, Profile, Severity, chosen
from inspector.cli._check_counts import CheckCounts, Levels
from inspector.cli._check_job import Checked, CheckJob, CheckSettings
from inspector.cli._check_output import check_output
from inspector.cli._corpus_listing import Listing
from inspector.cli._corpus_options import Engines, engine_options
from inspector.cli._corpus_run import run_job
from inspector.cli._inputs import files_argument
from inspector.cli._observing import FEW_FILES, SdkCommand, sdk_option, sdks_of
from inspector.cli._printing import say
from inspector.cli._table_options import TableOptions, table_options, write_tables
from inspector.cli._terminal import screen_width, use_links
from inspector.corpus.batches import MANY, are_many
from inspector.errors import UsageError

__all__ = ["command"]


@click.command(cls=SdkCommand)
@files_argument
@click.option(
    "--profile",
    type=click.Choice(["auto", *(profile.value for profile in Profile)]),
    default="auto",
    show_default=True,
    help="Who sent the stream: Anthropic's API, or another server of its protocol (compat). auto: decide "
    "by the recorded host.",
)
@click.option("--select", metavar="RULE,…", multiple=True, help="Use only these rules or groups. Repeatable.")
@click.option(
    "--ignore", metavar="RULE,…", multiple=True, help="Leave out these rules or groups. Repeatable."
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="The least severity that gives exit status 1.",
)
@click.option(
    "--limit",
    "limits",
    metavar="NAME=NUMBER",
    multiple=True,
    help="Change a limit of the rules, in seconds or bytes. Repeatable. The defaults:\n\n\b\n"
    + "\n".join(f"{name}={value:g}" for name, value in Limits()._asdict().items()).replace("_", "-"),
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "github", "junit", "sarif"]),
    default="text",
    show_default=True,
    help="The output format: text for people, the others for machines.",
)
@sdk_option
@click.option("--no-sdk", is_flag=True, help="Play no recording to the SDK.")
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Show findings of severity info too, and where the manual explains each rule.",
)
@click.option("-q", "--quiet", is_flag=True, help="Show only recordings with findings.")
@table_options
@engine_options
def command(
    files: tuple[str, ...],
    profile: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    limits: tuple[str, ...],
    format_: str,
    pythons: tuple[str, ...],
    no_sdk: bool,
    verbose: bool,
    quiet: bool,
    output: str | None,
    resume: bool,
    overwrite: bool,
    events: bool,
    jobs: int | None,
    engine: str | None,
    scheduler: str | None,
) -> int:
    """Check streams against the protocol of the Messages API.

    FILE is a file, a folder, a pattern, or `-` for standard input. It may hold a recording, an event stream
    as `curl -N` or `curl -i` prints it, or bare payloads, one a line; compressed ones too:

    \b
        curl -N … | inspector check -

    -o writes tables of responses and findings instead of text: see
    https://sse-inspector.readthedocs.io/en/stable/tables.html.

    `inspector rules` lists the rules. A recording with errors or warnings is also played to the
    installed SDK, and a line says what the SDK did: with up to 16 FILEs, for 16 recordings of each. `--sdk`
    plays all of them, `--no-sdk` none.

    Exit status: 0 without findings; 1 with findings; 2 wrong use; 3 if a FILE is not a recording or cannot
    be read. --fail-on decides which findings count.
    """
    engines, tables = Engines(jobs, engine, scheduler), TableOptions(output, resume, overwrite, events)
    settings = CheckSettings(
        profile=None if profile == "auto" else Profile(profile),
        rules=_rules(select, ignore),
        limits=_limits(limits),
    )
    levels = Levels(
        least=Severity.INFO if verbose or format_ in ("json", "sarif") else Severity.WARNING,
        fail_on=None if fail_on == "never" else Severity(fail_on),
    )
    if tables.written:
        if format_ != "text" or pythons:
            raise UsageError("-o writes tables, so leave out --format and --sdk")
        from inspector.corpus.tabulation.tabulate import Tabulate

        made = Tabulate(*settings, events=events)
        return write_tables(made, files, engines, tables, "findings", fail_on=levels.fail_on, quiet=quiet)
    listing = Listing(files, absolute=scheduler is not None)
    sdks = sdks_of(pythons, no_sdk or format_ == "github", len(listing.peek(FEW_FILES + 1)))
    if pythons and are_many(listing.peek(MANY)):
        sdks.start()
    links = use_links()
    job = CheckJob(settings, levels, sdks, format_, screen_width(), quiet, links=links, pages=verbose)
    printed = check_output(format_)
    counts = CheckCounts()

    def consume(checked: Checked) -> None:
        counts.add(checked.tally)
        printed.add(checked)

    run = run_job(job, listing, engines, consume, label="checking", quiet=quiet)
    printed.end(counts, run.unlisted, run.why)
    run.say_end()
    if counts.unplayed:
        say(f"{counts.unplayed:,} more recordings have errors or warnings; --sdk plays all to the SDK")
    return run.status or (int(counts.failed > 0) if run.all_read else 3)


def _rules(select: tuple[str, ...], ignore: tuple[str, ...]) -> frozenset[str] | None:
    rules = chosen(select or None, ignore)
    return None if rules is None else frozenset(rules)


def _limits(values: tuple[str, ...]) -> Limits:
    limits = Limits()
    for value in values:
        name, _, number = value.partition("=")
        field = name.strip().replace("-", "_")
        if field not in Limits._fields:
            known = ", ".join(Limits._fields).replace("_", "-")
            raise UsageError(f"--limit {value}: there is no limit {name!r}; there are {known}")
        try:
            limits = limits._replace(**{field: type(getattr(limits, field))(number)})
        except ValueError:
            raise UsageError(
                f"--limit {value}: {number!r} is not a number; write {name}={getattr(limits, field):g}"
            ) from None
    return limits
