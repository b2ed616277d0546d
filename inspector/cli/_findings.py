"""Findings for people: the text form, in colour, with everything from the stream made harmless."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from inspector.checker import Report, Severity, Verdict, report, report_lines
from inspector.cli._terminal import escape
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
    "dim": {"dim": True},
}


def echo_report(found: Report, *, least: Severity = Severity.WARNING, err: bool = False) -> None:
    """Print one report."""
    for style, text in report_lines(found, least=least):
        click.secho(escape(text), err=err, **_COLOURS.get(style, {}))


def worst(reports: Iterable[Report]) -> Severity | None:
    """The worst severity among all findings; None where there is none."""
    found = (finding.severity for each in reports for finding in each.findings)
    return min(found, key=lambda severity: severity.rank, default=None)


def print_findings(recording: Recording, *, err: bool = False) -> int:
    """Check a recording, print what was found and return the exit status: 1 for errors, else 0.

    This is what `inspector stream --check` ends with.
    """
    found = report(recording)
    echo_report(found, err=err)
    return int(worst([found]) is Severity.ERROR)
