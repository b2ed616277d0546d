"""The job of `inspector check`: check the files of a batch, and write each report as it will be printed.

The reports become text in the worker, so that this process has little to do and nothing to hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from inspector.checker import Limits, Profile, Report
from inspector.checker.session import session_reports
from inspector.cli._check_counts import CheckCounts, Levels
from inspector.cli._kept_reader import KeptReader
from inspector.cli._observing import Sdks, has_problems
from inspector.corpus.jobs import Counts, Problem
from inspector.corpus.member_reading import lost_file, read_files
from inspector.recording import Reader
from inspector.storage import Source

if TYPE_CHECKING:
    from inspector.play.observation import Observation

__all__ = ["CheckJob", "CheckSettings", "Checked"]


class CheckSettings(NamedTuple):
    """How to check; None means the profile of the recorded host, and every rule."""

    profile: Profile | None
    rules: frozenset[str] | None
    limits: Limits


@dataclass(slots=True)
class Checked:
    """The reports of some sources as text, in order, and what else there is to say of the sources."""

    counts: Counts = field(default_factory=Counts)
    unreadable: Sequence[Problem] = ()
    notices: Sequence[Problem] = ()
    texts: list[str] = field(default_factory=list)
    tally: CheckCounts = field(default_factory=CheckCounts)


class CheckJob(NamedTuple):
    """Check files. `format_` is the output format, `width` that of the screen for `text`.

    `links` and `pages` are for `text` too: see `report_text`.
    """

    settings: CheckSettings
    levels: Levels
    sdks: Sdks = Sdks()
    format_: str = "text"
    width: int | None = None
    quiet: bool = False
    links: bool = False
    pages: bool = False

    def __call__(self, sources: Sequence[Source]) -> Checked:
        """Check every recording in the sources."""
        checked = Checked()
        files = read_files(sources, lambda reader: self._checked(reader, checked), "checked")
        checked.counts, checked.unreadable, checked.notices = files.counts, files.unreadable, files.notices
        return checked

    def lost(self, source: Source, why: str) -> Checked:
        """Return a source that no worker survived as one that cannot be read."""
        file = lost_file(source, why)
        return Checked(file.counts, file.unreadable)

    def _checked(self, reader: Reader, checked: Checked) -> Iterator[None]:
        """Check each recording of a file."""
        kept = KeptReader(reader) if self.sdks.pythons else None
        played = 0
        for report in session_reports(kept or reader, **self.settings._asdict()):
            recording = kept.take() if kept else None
            observations: tuple[Observation, ...] = ()
            if recording is not None and has_problems(report):
                if self.sdks.most is None or played < self.sdks.most:
                    observations = self.sdks.observe(recording)
                    played += 1
                else:
                    checked.tally.unplayed += 1
            checked.tally.count(report, fails=self.levels.fails(report))
            if text := self._text(report, observations):
                checked.texts.append(text)
            yield

    def _text(self, report: Report, observations: tuple[Observation, ...]) -> str:
        if self.format_ != "text":
            from inspector.cli._check_formats import FORMATS

            return FORMATS[self.format_].report(report, observations, self.levels)
        least = self.levels.least
        if self.quiet and not any(finding.severity.rank <= least.rank for finding in report.findings):
            return ""
        from inspector.cli._check_text import report_text

        return report_text(
            report, observations, least=least, width=self.width, links=self.links, pages=self.pages
        )
