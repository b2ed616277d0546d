"""Findings as text for people, in colour."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

from inspector import checker
from inspector.checker import Report, Severity, Verdict, report_lines
from inspector.cli._observing import INSTALLED, Sdks, has_problems
from inspector.cli._printing import print_shown, shown, styled
from inspector.cli._terminal import screen_width, wrap
from inspector.recording import Recording

if TYPE_CHECKING:
    from inspector.play.observation import Observation

__all__ = ["echo_report", "observation_lines", "print_findings", "report_text", "worst"]

_COLOURS: dict[str, dict[str, Any]] = {
    Severity.ERROR.value: {"fg": "red"},
    Severity.WARNING.value: {"fg": "yellow"},
    Severity.INFO.value: {"fg": "cyan"},
    "dim": {"dim": True},
    Verdict.COMPLETE.value: {"fg": "green"},
    Verdict.PARTIAL.value: {"fg": "yellow"},
    Verdict.FAILED.value: {"fg": "red"},
    Verdict.NOT_A_STREAM.value: {"fg": "red"},
}


def echo_report(
    report: Report,
    observations: Iterable[Observation] = (),
    *,
    least: Severity = Severity.WARNING,
    err: bool = False,
) -> None:
    """Print one report: the verdict, the findings of severity `least` or worse, and what SDKs did."""
    print_shown(report_text(report, observations, least=least, width=screen_width(err=err)), err=err)


def report_text(
    report: Report, observations: Iterable[Observation] = (), *, least: Severity, width: int | None
) -> str:
    """Return a report as `echo_report` prints it on a screen of this width, in colour."""
    seen = (("dim", text) for each in observations for text in observation_lines(each))
    return "".join(
        styled(line, **_COLOURS.get(style, {})) + "\n"
        for style, text in chain(report_lines(report, least=least), seen)
        for line in wrap(shown(text), width).splitlines()
    )


def observation_lines(observation: Observation) -> list[str]:
    """Return what an SDK did as lines that follow the findings."""
    first, *more = observation.lines()
    return [f"  {first}", *(f"          {line}" for line in more)]


def worst(reports: Iterable[Report]) -> Severity | None:
    """Return the worst severity of all findings; None without findings."""
    severities = (finding.severity for report in reports for finding in report.findings)
    return min(severities, key=lambda severity: severity.rank, default=None)


def print_findings(recording: Recording, *, err: bool = False) -> int:
    """Check a recording, print the report and return the exit status: 1 for errors, else 0.

    `inspector stream --check` ends with this.
    """
    report = checker.report(recording)
    observations = Sdks((INSTALLED,)).observe(recording) if has_problems(report) else ()
    echo_report(report, observations, err=err)
    return int(worst([report]) is Severity.ERROR)
