"""What one `check` of many files comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from inspector.checker import Report, Severity

__all__ = ["Outcome", "Unreadable"]


class Unreadable(NamedTuple):
    """A file that could not be checked, and why."""

    file: str
    message: str


class Outcome(NamedTuple):
    """Everything one command found."""

    reports: Sequence[Report]
    unreadable: Sequence[Unreadable]
    least: Severity
    fail_on: Severity | None

    def fails(self, report: Report) -> bool:
        """Whether a report has findings that the command fails on."""
        limit = self.fail_on
        return limit is not None and any(finding.severity.rank <= limit.rank for finding in report.findings)
