"""What a page says first of a recording: how it went, and if that went well, what the rules report."""

from __future__ import annotations

from inspector.checker import Report, Severity
from inspector.views.key_numbers import Headline, Level, headline
from inspector.views.statistics import Statistics

__all__ = ["verdict_line"]


def verdict_line(statistics: Statistics, report: Report) -> Headline:
    """Return a sentence: that of the statistics, unless only the rules see what is wrong.

    It then names the first of the worst findings: `Complete, but with glued-tool-json and 2 more errors`.
    """
    made = headline(statistics)
    for severity, level in ((Severity.ERROR, Level.ERROR), (Severity.WARNING, Level.WARNING)):
        rules = [finding.rule for finding in report.findings if finding.severity is severity]
        if not rules:
            continue
        if made.level is not Level.OK:
            worst = Level.ERROR if level is Level.ERROR else made.level
            return Headline(worst, made.parts)
        more = len(rules) - 1
        rest = f" and {more} more {severity}{'s' * (more > 1)}" if more else ""
        return Headline(level, (("Complete, but with ", False), (rules[0], True), (rest, False)))
    return made
