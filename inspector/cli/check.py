"""`inspector check`: what is wrong with a stream, where, and what the SDK will make of it."""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from inspector.checker import Limits, Profile, Report, Severity, chosen
from inspector.cli._findings import echo_report, worst
from inspector.cli._inputs import expand, files_argument
from inspector.cli._outcome import Outcome, Unreadable
from inspector.cli._sources import Settings, check_file
from inspector.errors import RecordingError, UsageError
from inspector.recording import opened

__all__ = ["command"]

_PARALLEL_FROM = 48  # files; starting processes costs as much as checking some dozens


class _Checked(NamedTuple):
    """One file: its reports, and why there are no more of them, if something was wrong with the file."""

    reports: list[Report]
    unreadable: Unreadable | None = None


@click.command()
@files_argument
@click.option(
    "--profile",
    type=click.Choice(["auto", *(profile.value for profile in Profile)]),
    default="auto",
    show_default=True,
    help="Who sent it: Anthropic, or something that speaks its protocol. `auto` goes by the recorded host.",
)
@click.option("--select", metavar="RULE,…", multiple=True, help="Only these rules or groups.")
@click.option("--ignore", metavar="RULE,…", multiple=True, help="Not these rules or groups.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="From which severity on to exit with 1.",
)
@click.option(
    "--limit",
    "limits",
    metavar="NAME=NUMBER",
    multiple=True,
    help="Move a rule's limit: "
    + ", ".join(f"{n}={d:g}" for n, d in Limits()._asdict().items()).replace("_", "-")
    + ".",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "junit", "sarif"]),
    default="text",
    show_default=True,
    help="For people, or for which machine.",
)
@click.option("-v", "--verbose", is_flag=True, help="Also what is only worth knowing.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing about recordings that have no findings.")
@click.option("-j", "--jobs", type=click.IntRange(1), help="Processes.  [default: one for each core]")
def command(
    files: tuple[str, ...],
    profile: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    limits: tuple[str, ...],
    form: str,
    verbose: bool,
    quiet: bool,
    jobs: int | None,
) -> int:
    """Check recordings against the protocol of the Messages API.

    FILE is a recording, a folder or a pattern of them, a bare event stream (`.sse`), or `-`:

        curl -N … | inspector check -

    `inspector rules` lists the rules. Exits 1 for findings, 3 for what is no recording.
    """
    settings = Settings(
        profile=None if profile == "auto" else Profile(profile),
        rules=_rules(select, ignore),
        limits=_limits(limits),
    )
    checked = _check_all(_files(files), settings, jobs or _cores())
    outcome = Outcome(
        reports=[report for each in checked for report in each.reports],
        unreadable=[each.unreadable for each in checked if each.unreadable],
        least=Severity.INFO if verbose or form in ("json", "sarif") else Severity.WARNING,
        fail_on=None if fail_on == "never" else Severity(fail_on),
    )
    if form == "text":
        _print(outcome, quiet)
    else:
        from inspector.cli._formats import FORMATS

        click.echo(FORMATS[form](outcome))
    for bad in outcome.unreadable:
        click.echo(f"inspector: {bad.message}", err=True)
    return 3 if outcome.unreadable else int(any(map(outcome.fails, outcome.reports)))


def _print(outcome: Outcome, quiet: bool) -> None:
    for report in outcome.reports:
        found = worst([report])
        if not quiet or (found is not None and found.rank <= outcome.least.rank):
            echo_report(report, least=outcome.least)
    if len(outcome.reports) > 1:
        counts = [
            f"{severity}s: {sum(report.count(severity) for report in outcome.reports)}"
            for severity in (Severity.ERROR, Severity.WARNING)
        ]
        clean = sum(1 for report in outcome.reports if worst([report]) in (None, Severity.INFO))
        click.echo(f"{len(outcome.reports)} recordings, {clean} clean; {', '.join(counts)}", err=True)


def _files(names: tuple[str, ...]) -> list[str]:
    """Every file that is meant: in a folder the recordings and the bare event streams (`*.sse`)."""
    found: list[str] = []
    for name in names:
        bare = sorted(map(str, Path(name).glob("*.sse"))) if Path(name).is_dir() else []
        found += bare if bare and not any(Path(name).glob("*.jsonl")) else [*expand([name]), *bare]
    return found


def _check_all(names: list[str], settings: Settings, jobs: int) -> list[_Checked]:
    """Check every file, in order, on several cores where there are many."""
    if len(names) < _PARALLEL_FROM or "-" in names or not hasattr(os, "fork"):
        jobs = 1
    # This process takes a share itself; a pool would cost a tenth of the time of a thousand recordings.
    children = [_Child(names[at::jobs], settings) for at in range(1, jobs)]
    with _progress(len(names), jobs) as step:
        shares = [[_check_one(name, settings, step) for name in names[::jobs]]]
    shares += [child.result() for child in children]
    return [shares[at % jobs][at // jobs] for at in range(len(names))]


class _Child:
    """A forked process that checks a share of the files: it starts at once, with everything imported."""

    def __init__(self, names: list[str], settings: Settings) -> None:
        self._names, self._settings = names, settings
        self._answer, theirs = os.pipe()
        self._id = os.fork()
        if self._id == 0:
            try:
                with open(theirs, "wb") as answer:  # noqa: PTH123 - a descriptor
                    pickle.dump([_check_one(name, settings) for name in names], answer, protocol=-1)
            finally:
                os._exit(0)
        os.close(theirs)

    def result(self) -> list[_Checked]:
        """Wait for the share; do it here where the process did not live to the end of it."""
        try:
            with open(self._answer, "rb") as answer:  # noqa: PTH123 - a descriptor
                share: list[_Checked] = pickle.load(answer)
        except (EOFError, pickle.UnpicklingError):
            share = [_check_one(name, self._settings) for name in self._names]
        os.waitpid(self._id, 0)
        return share


@contextlib.contextmanager
def _progress(count: int, jobs: int) -> Iterator[Callable[[int], object]]:
    """Show how far it is where somebody is looking and it may take a while."""
    if count < _PARALLEL_FROM or not sys.stderr.isatty():
        yield lambda files: None
        return
    with click.progressbar(length=count, label="checking", file=sys.stderr) as bar:
        yield lambda files: bar.update(files * jobs)


def _check_one(name: str, settings: Settings, step: Callable[[int], object] | None = None) -> _Checked:
    reports: list[Report] = []
    unreadable = None
    try:
        with opened(name) as (file, shown):
            reports.extend(check_file(file, shown, settings))
    except RecordingError as error:
        unreadable = Unreadable(name, str(error))
    if step is not None:
        step(1)
    return _Checked(reports, unreadable)


def _cores() -> int:
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _rules(select: tuple[str, ...], ignore: tuple[str, ...]) -> frozenset[str] | None:
    found = chosen(_names(select) or None, _names(ignore))
    return None if found is None else frozenset(found)


def _names(values: tuple[str, ...]) -> list[str]:
    return [name for value in values for name in value.replace(",", " ").split()]


def _limits(values: tuple[str, ...]) -> Limits:
    limits = Limits()
    for value in values:
        name, _, number = value.partition("=")
        field = name.strip().replace("-", "_")
        if field not in Limits._fields:
            known = ", ".join(Limits._fields).replace("_", "-")
            raise UsageError(f"there is no limit {name!r}; there are {known}")
        try:
            limits = limits._replace(**{field: type(getattr(limits, field))(number)})
        except ValueError:
            raise UsageError(f"--limit {name}: {number!r} is not a number") from None
    return limits
