"""What `inspector check` shows and fails on, and its counts over all recordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from inspector.checker import Report, Severity, is_clean

__all__ = ["CheckCounts", "Levels"]


class Levels(NamedTuple):
    """`least` is the least severity to show. `fail_on` is the least that fails; None lets no finding fail."""

    least: Severity
    fail_on: Severity | None

    def fails(self, report: Report) -> bool:
        """Return whether a report has findings that the command fails on."""
        limit = self.fail_on
        return limit is not None and any(finding.severity.rank <= limit.rank for finding in report.findings)


@dataclass(slots=True)
class CheckCounts:
    """How many recordings were checked, are clean, and fail the command; and how many findings they have.

    `incomplete` counts those that have no error and no warning, but no complete message either.
    `unplayed` counts the recordings that would be played to an SDK by their findings, and were not.
    """

    recordings: int = 0
    clean: int = 0
    incomplete: int = 0
    failed: int = 0
    error: int = 0
    warning: int = 0
    info: int = 0
    unplayed: int = 0

    def count(self, report: Report, *, fails: bool) -> None:
        """Add a report."""
        self.recordings += 1
        clean = is_clean(report)
        self.clean += clean
        self.incomplete += not clean and not report.count(Severity.ERROR) + report.count(Severity.WARNING)
        self.failed += fails
        for finding in report.findings:
            if finding.severity is Severity.ERROR:
                self.error += 1
            elif finding.severity is Severity.WARNING:
                self.warning += 1
            else:
                self.info += 1

    def add(self, other: CheckCounts) -> None:
        """Add the counts of other recordings."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
