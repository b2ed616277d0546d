"""The result of one `inspector check`, over all of its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from inspector.checker import Report, Severity

if TYPE_CHECKING:
    from inspector.play.observation import Observation

__all__ = ["CheckResult", "Unreadable"]


class Unreadable(NamedTuple):
    """A file that could not be checked, or not to its end, and why."""

    file: str
    message: str


class CheckResult(NamedTuple):
    """The reports of all files, the files that cannot be read, and what to show and to fail on.

    `least` is the least severity to show. `fail_on` is the least severity that fails the command; None lets
    no finding fail it. `observations` are what SDKs did with a recording, by file and number.
    """

    reports: Sequence[Report]
    unreadable: Sequence[Unreadable]
    least: Severity
    fail_on: Severity | None
    observations: Mapping[tuple[str, int], tuple[Observation, ...]] = {}

    def observed(self, report: Report) -> tuple[Observation, ...]:
        """Return what SDKs did with the recording of a report; empty if none played it."""
        return self.observations.get((report.file, report.number), ())

    def fails(self, report: Report) -> bool:
        """Return whether a report has findings that the command fails on."""
        limit = self.fail_on
        return limit is not None and any(finding.severity.rank <= limit.rank for finding in report.findings)
