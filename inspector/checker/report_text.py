"""A report as lines of text, for the command's output and for a failing assertion.

Every line has a style (a severity, a verdict, or `plain`), for terminals with colours. Text from the
stream is not escaped here: the code that prints to a terminal does that.
"""

from __future__ import annotations

from collections.abc import Iterator

from inspector.checker.findings import Finding, Report, Severity, Verdict
from inspector.escaping import defused, escape
from inspector.redact import mask_text

__all__ = ["finding_lines", "is_clean", "place", "report_lines", "summary", "title_line"]

Line = tuple[str, str]
"""A style and a text."""


def report_lines(report: Report, *, least: Severity = Severity.WARNING) -> Iterator[Line]:
    """Yield the verdict, then the findings of severity `least` or worse."""
    yield title_line(report)
    for finding in report.findings:
        if finding.severity.rank <= least.rank:
            yield from finding_lines(finding)


def title_line(report: Report) -> Line:
    """Return the line that says the verdict, and how many findings there are."""
    text = f"{_title(report)}: {report.verdict}: {report.detail}{summary(report)}"
    return _style(report), defused(escape(mask_text(text)))


def _style(report: Report) -> str:
    """Return the style of the verdict's line: a complete message with errors is no success."""
    if report.verdict is Verdict.COMPLETE:
        for severity in (Severity.ERROR, Severity.WARNING):
            if report.count(severity):
                return severity.value
    return report.verdict.value


def _title(report: Report) -> str:
    name = report.file or "the recording"
    return f"{name} #{report.number}" if report.number > 1 else name


def summary(report: Report) -> str:
    """Count errors and warnings, as the end of the verdict's line."""
    counts = [(report.count(severity), severity) for severity in (Severity.ERROR, Severity.WARNING)]
    listed = ", ".join(
        f"{count} {severity}{'' if count == 1 else 's'}" for count, severity in counts if count
    )
    if listed:
        return f"; {listed}"
    return "; clean" if is_clean(report) else ""


def is_clean(report: Report) -> bool:
    """Return whether the message is complete, without errors and warnings."""
    problems = report.count(Severity.ERROR) + report.count(Severity.WARNING)
    return report.verdict is Verdict.COMPLETE and not problems


def finding_lines(finding: Finding) -> Iterator[Line]:
    """Yield one finding: where it is, and its message."""
    text = f"  {finding.severity:<7} {finding.rule}  {place(finding)}".rstrip()
    yield finding.severity.value, escape(text)
    more = ""
    if finding.more:
        last = f", the last at ev {finding.last}" if finding.last else ""
        more = f" ({finding.more} more like it{last})"
    yield "plain", defused(escape(f"          {finding.message}{more}"))


def place(finding: Finding) -> str:
    """Say where a finding is: event, byte, time, content block."""
    parts = [
        f"ev {finding.event}" if finding.event is not None else "",
        f"@{finding.offset}" if finding.offset is not None else "",
        f"{finding.t:.3f} s" if finding.t is not None else "",
    ]
    if finding.block is not None:
        kind = f" ({finding.block_type})" if finding.block_type else ""
        parts.append(f"block {finding.block}{kind}")
    return "  ".join(part for part in parts if part)
