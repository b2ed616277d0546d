"""Findings as text for people, in colour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from inspector import checker
from inspector.checker import RULES, Finding, Report, Severity, Verdict, finding_lines, title_line
from inspector.cli._observing import INSTALLED, Sdks, has_problems
from inspector.cli._printing import linked, print_shown, shown, styled
from inspector.cli._terminal import screen_width, use_links, wrap
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
    width, links = screen_width(err=err), use_links(err=err)
    print_shown(report_text(report, observations, least=least, width=width, links=links), err=err)


def report_text(
    report: Report,
    observations: Iterable[Observation] = (),
    *,
    least: Severity,
    width: int | None,
    links: bool = False,
    pages: bool = False,
) -> str:
    """Return a report as `echo_report` prints it on a screen of this width, in colour.

    With `links`, a finding links to the page of its rule. With `pages`, the page's address stands below the
    first finding of the rule.
    """
    texts = [_styled_lines(*title_line(report), width)]
    unnamed = {finding.rule for finding in report.findings} if pages else set()
    for finding in report.findings:
        if finding.severity.rank <= least.rank:
            texts.append(_finding_text(finding, width, links=links))
            if finding.rule in unnamed:
                unnamed.remove(finding.rule)
                texts.append(_page_text(finding.page, width))
    texts += [_styled_lines("dim", text, width) for each in observations for text in observation_lines(each)]
    return "".join(texts)


def _styled_lines(style: str, text: str, width: int | None) -> str:
    lines = wrap(shown(text), width).splitlines()
    return "".join(styled(line, **_COLOURS.get(style, {})) + "\n" for line in lines)


def _finding_text(finding: Finding, width: int | None, *, links: bool) -> str:
    text = "".join(_styled_lines(style, line, width) for style, line in finding_lines(finding))
    if links and finding.rule in RULES:  # its name is a plain word, and the first such word is the name
        text = text.replace(f" {finding.rule}", f" {linked(finding.rule, finding.page)}", 1)
    return text


def _page_text(page: str, width: int | None) -> str:
    """Write an address below a message, or further left if only then it stands on one line."""
    indent = 10 if width is None else min(10, max(2, width - len(page)))
    return styled(" " * indent + page, dim=True) + "\n"


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
