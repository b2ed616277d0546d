"""Findings as text for people, in colour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inspector import checker
from inspector.checker import Report, Severity, Verdict, report_lines
from inspector.cli._printing import echo, shown
from inspector.cli._terminal import screen_width, wrap
from inspector.recording import Recording

__all__ = ["echo_report", "print_findings", "worst"]

_COLOURS: dict[str, dict[str, Any]] = {
    Severity.ERROR.value: {"fg": "red"},
    Severity.WARNING.value: {"fg": "yellow"},
    Severity.INFO.value: {"fg": "cyan"},
    Verdict.COMPLETE.value: {"fg": "green"},
    Verdict.PARTIAL.value: {"fg": "yellow"},
    Verdict.FAILED.value: {"fg": "red"},
    Verdict.NOT_A_STREAM.value: {"fg": "red"},
}


def echo_report(report: Report, *, least: Severity = Severity.WARNING, err: bool = False) -> None:
    """Print one report: the verdict, and the findings of severity `least` or worse."""
    width = None if err else screen_width()
    for style, text in report_lines(report, least=least):
        echo(*wrap(shown(text), width).splitlines(), err=err, **_COLOURS.get(style, {}))


def worst(reports: Iterable[Report]) -> Severity | None:
    """Return the worst severity of all findings; None without findings."""
    severities = (finding.severity for report in reports for finding in report.findings)
    return min(severities, key=lambda severity: severity.rank, default=None)


def print_findings(recording: Recording, *, err: bool = False) -> int:
    """Check a recording, print the report and return the exit status: 1 for errors, else 0.

    `inspector stream --check` ends with this.
    """
    report = checker.report(recording)
    echo_report(report, err=err)
    return int(worst([report]) is Severity.ERROR)
