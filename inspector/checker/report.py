"""A report as lines of text: the same in the command's output and in a failing assertion.

Lines come with a style (a severity, a verdict, or `plain`, `dim`), for whoever has colours. What came
from the stream is not made harmless here: whoever prints to a terminal does that.
"""

from __future__ import annotations

from collections.abc import Iterator

from inspector.checker.findings import Finding, Report, Severity, Verdict

__all__ = ["finding_lines", "place", "report_lines", "summary"]

Line = tuple[str, str]
"""A style and a text."""


def report_lines(report: Report, *, least: Severity = Severity.WARNING) -> Iterator[Line]:
    """Yield the verdict and the findings of severity `least` or worse."""
    yield report.verdict.value, f"{_title(report)}: {report.verdict}: {report.words}{summary(report)}"
    for finding in report.findings:
        if finding.severity.rank <= least.rank:
            yield from finding_lines(finding)


def _title(report: Report) -> str:
    name = report.file or "the recording"
    return f"{name} #{report.number}" if report.number > 1 else name


def summary(report: Report) -> str:
    """Count the findings, as the end of a verdict's line; infos are counted only where nothing else is."""
    counts = [(report.count(severity), severity) for severity in (Severity.ERROR, Severity.WARNING)]
    told = [f"{count} {severity}{'' if count == 1 else 's'}" for count, severity in counts if count]
    clean = "; clean" if report.verdict is Verdict.COMPLETE else ""
    return f"; {', '.join(told)}" if told else clean


def finding_lines(finding: Finding) -> Iterator[Line]:
    """Yield one finding: where and what, and below it what the SDK does."""
    yield finding.severity.value, f"  {finding.severity:<7} {finding.rule}  {place(finding)}".rstrip()
    more = ""
    if finding.more:
        last = f", the last at ev {finding.last}" if finding.last else ""
        more = f" ({finding.more} more like it{last})"
    yield "plain", f"          {finding.message}{more}"
    if finding.sdk and finding.severity is not Severity.INFO:
        yield "dim", f"          {finding.sdk}"


def place(finding: Finding) -> str:
    """Say where: event, byte, time, content block."""
    parts = [
        f"ev {finding.event}" if finding.event is not None else "",
        f"@{finding.offset}" if finding.offset is not None else "",
        f"{finding.t:.3f} s" if finding.t is not None else "",
    ]
    if finding.block is not None:
        kind = f" ({finding.block_type})" if finding.block_type else ""
        parts.append(f"block {finding.block}{kind}")
    return "  ".join(part for part in parts if part)
