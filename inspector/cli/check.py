"""`inspector check`: find what is wrong with a stream, where, and what the SDK does with it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import click

from inspector.checker import Limits, Profile, Report, Severity, chosen, is_clean
from inspector.checker.session import session_reports
from inspector.cli._check_result import CheckResult, Unreadable
from inspector.cli._check_text import echo_report, worst
from inspector.cli._inputs import damage_of, files_argument, paths_of
from inspector.cli._kept_reader import KeptReader
from inspector.cli._observing import SdkCommand, Sdks, has_problems, sdk_option, sdks_of
from inspector.cli._parallel import PARALLEL_FROM, for_each_file
from inspector.cli._printing import echo, print_document, say
from inspector.cli._terminal import screen_width, wrap
from inspector.errors import RecordingError, UsageError
from inspector.formats import opened

if TYPE_CHECKING:
    from inspector.play.observation import Observation

__all__ = ["command"]


class _Settings(NamedTuple):
    """How to check; None means the profile of the recorded host, and every rule."""

    profile: Profile | None
    rules: frozenset[str] | None
    limits: Limits


class _Checked(NamedTuple):
    """One file: its reports, and why there are no more of them, if something is wrong with the file.

    `observations` are by the number of their report. `unplayed` counts the reports that would have one by
    their findings.
    """

    reports: list[Report]
    observations: dict[int, tuple[Observation, ...]]
    unplayed: int = 0
    unreadable: Unreadable | None = None
    notices: tuple[str, ...] = ()


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
@click.option("-v", "--verbose", is_flag=True, help="Show findings of severity info too.")
@click.option("-q", "--quiet", is_flag=True, help="Show only recordings with findings.")
@click.option(
    "-j", "--jobs", type=click.IntRange(1), help="The number of processes.  [default: one for each core]"
)
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
    jobs: int | None,
) -> int:
    """Check streams against the protocol of the Messages API.

    FILE is a file, a folder, a pattern, or `-` for standard input. It may hold a recording, an event stream
    as `curl -N` or `curl -i` prints it, or bare payloads, one a line; compressed ones too:

    \b
        curl -N … | inspector check -

    `inspector rules` lists the rules. A recording with errors or warnings is also played to the
    installed SDK, and a line says what the SDK did: with up to 16 FILEs, for 16 recordings of each. `--sdk`
    plays all of them, `--no-sdk` none.

    Exit status: 0 without findings; 1 with findings; 2 wrong use; 3 if a FILE is not a recording or cannot
    be read. --fail-on decides which findings count.
    """
    settings = _Settings(
        profile=None if profile == "auto" else Profile(profile),
        rules=_rules(select, ignore),
        limits=_limits(limits),
    )
    paths = list(paths_of(files))
    names = [path for path in paths if isinstance(path, str)]
    sdks = sdks_of(pythons, no_sdk or format_ == "github", len(names))
    if pythons and len(names) >= PARALLEL_FROM:
        sdks.start()
    checked = for_each_file(
        functools.partial(_check_one, settings=settings, sdks=sdks), names, jobs, label="checking"
    )
    missing = [Unreadable(bad.path or "", str(bad)) for bad in paths if isinstance(bad, RecordingError)]
    result = CheckResult(
        reports=[report for each in checked for report in each.reports],
        observations={
            (name, number): each.observations[number]
            for name, each in zip(names, checked, strict=True)
            for number in each.observations
        },
        unreadable=[*missing, *(each.unreadable for each in checked if each.unreadable)],
        least=Severity.INFO if verbose or format_ in ("json", "sarif") else Severity.WARNING,
        fail_on=None if fail_on == "never" else Severity(fail_on),
    )
    if format_ == "text":
        _print(result, quiet)
    else:
        from inspector.cli._check_formats import FORMATS

        print_document(FORMATS[format_](result))
    for notice in (notice for each in checked for notice in each.notices):
        say(notice)
    for bad in result.unreadable:
        say(bad.message)
    unplayed = sum(each.unplayed for each in checked)
    if unplayed:
        say(f"{unplayed} more recordings have errors or warnings; --sdk plays all to the SDK")
    return 3 if result.unreadable else int(any(map(result.fails, result.reports)))


def _print(result: CheckResult, quiet: bool) -> None:
    for report in result.reports:
        severity = worst([report])
        if not quiet or (severity is not None and severity.rank <= result.least.rank):
            echo_report(report, result.observed(report), least=result.least)
    if len(result.reports) > 1:
        counts = [
            f"{severity}s: {sum(report.count(severity) for report in result.reports)}"
            for severity in (Severity.ERROR, Severity.WARNING)
        ]
        clean = sum(map(is_clean, result.reports))
        line = f"{len(result.reports)} recordings, {clean} clean; {', '.join(counts)}"
        echo(*wrap(line, screen_width(err=True)).splitlines(), err=True)


def _check_one(name: str, settings: _Settings, sdks: Sdks) -> _Checked:
    reports: list[Report] = []
    observations: dict[int, tuple[Observation, ...]] = {}
    unplayed, unreadable = 0, None
    notices: list[str] = []
    try:
        with opened(name) as reader:
            notices = reader.notices  # also if reading ends at an error
            kept = KeptReader(reader) if sdks.pythons else None
            for report in session_reports(kept or reader, **settings._asdict()):
                reports.append(report)
                recording = kept.take() if kept else None
                if recording is None or not has_problems(report):
                    continue
                if sdks.most is None or len(observations) < sdks.most:
                    observations[report.number] = sdks.observe(recording)
                else:
                    unplayed += 1
            problem, said = damage_of(name, reader, "checked")
            unreadable = Unreadable(name, problem) if problem else None
    except RecordingError as error:
        unreadable, said = Unreadable(name, str(error)), [f"{name}: {notice}" for notice in notices]
    return _Checked(reports, observations, unplayed, unreadable, tuple(said))


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
