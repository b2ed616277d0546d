"""What a page says first of a recording: one sentence, and how bad it is."""

from __future__ import annotations

from typing import Any

from inspector.checker import Report, Severity, Verdict
from inspector.recording import Recording
from inspector.views.summary import Summary

__all__ = ["headline"]

_LONGEST = 200  # characters
_VERDICTS = {
    Verdict.COMPLETE: "Complete",
    Verdict.PARTIAL: "Partial",
    Verdict.FAILED: "Failed",
    Verdict.NOT_A_STREAM: "No event stream",
}


def headline(
    recording: Recording, report: Report, summary: Summary, silence: tuple[float, str] | None
) -> dict[str, Any]:
    """Return the sentence as parts, and its level: `ok`, `warning` or `error`.

    `silence` is the longest one if it is worth a mention: its seconds, and the content block it falls into.
    """
    first = _VERDICTS[report.verdict]
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    if report.verdict is not Verdict.COMPLETE:
        whole_answer = report.verdict is Verdict.NOT_A_STREAM and not errors
        parts = [_plain(f"{first}: "), _strong(_short(_reason(report, summary)))]
        return {"level": "warning" if whole_answer else "error", "parts": parts}
    if silence is not None:
        seconds, where = silence
        parts = [_plain(f"{first}, but silent for "), _strong(f"{seconds:.1f} s")]
        parts += [_plain(f" inside {where}")] if where else []
        return {"level": "error" if errors else "warning", "parts": parts}
    if summary.warning and not errors:
        return {"level": "warning", "parts": [_plain(f"{first}, but "), _strong(summary.warning)]}
    if errors or warnings:
        worst = min(report.findings, key=lambda finding: finding.severity.rank)  # the first of the worst
        level = "error" if errors else "warning"
        return {"level": level, "parts": [_plain(f"{first}, but "), _strong(_short(worst.message))]}
    took = f" in {recording.end.t:.1f} s" if recording.end and recording.head.timed else ""
    outcome = f"{summary.stop_reason or 'no stop reason'}{took}"
    return {"level": "ok", "parts": [_plain(f"{first}: "), _strong(outcome)]}


def _reason(report: Report, summary: Summary) -> str:
    problems = summary.problems
    if summary.http_error is not None and summary.error_text:
        return f"HTTP {summary.status}: {summary.error_text}"
    return problems[0] if problems else report.detail


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _plain(text: str) -> dict[str, Any]:
    return {"text": text}


def _strong(text: str) -> dict[str, Any]:
    return {"text": text, "strong": True}
