"""The facts of a recording that need Python's rules; the page's program computes the rest from the lines.

Every text in them is as people may see it: secrets are masked, and characters that hide or move text are
escaped. They are plain JSON values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspector._json import as_object, as_text
from inspector.checker import Finding, Report
from inspector.checker.advice import ADVICE
from inspector.checker.rules import RULES
from inspector.escaping import escape
from inspector.page.content_spans import ContentSpans
from inspector.page.headline import headline
from inspector.page.line_columns import LineColumns
from inspector.recording import Head, Recording
from inspector.redact import mask_text
from inspector.views.summary import Summary

__all__ = ["facts_of", "head_facts", "shown"]


def facts_of(
    recording: Recording,
    *,
    report: Report,
    summary: Summary,
    columns: LineColumns,
    spans: ContentSpans,
    first: int,
    sdk: Sequence[str] = (),
) -> dict[str, Any]:
    """Return all facts. `first` is the length of the head's line, `sdk` what SDKs did with the recording."""
    end, timed = recording.end, recording.head.timed
    facts = head_facts(recording.head, first)
    facts |= {
        "tick": columns.tick,
        "count": columns.count,
        "events": summary.events,
        "bytes": summary.size,
        "reads": summary.reads,
        "masked": sorted(as_object(((end.extra if end else recording.head.extra) or {}).get("redacted"))),
        "headline": headline(recording, report, summary, None),
        "numbers": _numbers(summary, timed=timed),
        "outcome": summary.outcome,
        "stop_reason": summary.stop_reason,
        "end": end and {"t": end.t, "how": end.how.value, "error": end.error},
        "duration": (end.t if end else columns.t) if timed else None,
        "findings": [_finding(finding, columns) for finding in report.findings],
        "blocks": spans.to_list(),
        "sdk": list(sdk),
        "body": {"kind": _kind_of_body(recording, summary)},
    }
    safe: dict[str, Any] = shown(facts)
    return safe


def head_facts(head: Head, first: int) -> dict[str, Any]:
    """Return what the head alone says, with empty lists for all that is not known yet."""
    response = head.response
    headers = response.headers if response else {}
    return {
        "name": "",
        "at": head.at,
        "request_id": headers.get("request-id") or headers.get("x-request-id") or "",
        "model": as_text(as_object(head.request.json()).get("model") or ""),
        "method": head.request.method,
        "url": head.request.url,
        "status": response.status if response else None,
        "http": response.http if response else "",
        "tick": 1e-6,
        "first": first,
        "count": 0,
        "events": 0,
        "bytes": 0,
        "reads": 0,
        "timed": head.timed,
        "absent": sorted(map(str, head.absent)),
        "masked": [],
        "headline": {"level": "ok", "parts": [{"text": "On its way"}]},
        "numbers": [],
        "outcome": "",
        "stop_reason": None,
        "end": None,
        "duration": None,
        "findings": [],
        "blocks": [],
        "shares": [],
        "silences": [],
        "watchdogs": [],
        "usage": [],
        "sdk": [],
        "body": {"kind": "stream"},
    }


def shown(value: Any) -> Any:
    """Return JSON values with every text in them as people may see it."""
    if isinstance(value, str):
        return escape(mask_text(value)) if value else value
    if isinstance(value, dict):
        return {key: shown(each) for key, each in value.items()}
    return [shown(each) for each in value] if isinstance(value, list) else value


def _finding(finding: Finding, columns: LineColumns) -> dict[str, Any]:
    events = columns.event_lines
    inside = finding.event is not None and 0 < finding.event <= len(events)
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message + (f" (and {finding.more} more)" if finding.more else ""),
        "do": ADVICE.get(RULES[finding.rule].group, "") if finding.rule in RULES else "",
        "event": finding.event,
        "line": events[finding.event - 1] if inside and finding.event else None,
        "offset": finding.offset,
        "t": finding.t,
        "block": finding.block,
    }


def _numbers(summary: Summary, *, timed: bool) -> list[dict[str, Any]]:
    return [{"label": "first event", "text": _seconds(summary.first_event if timed else None), "bad": False}]


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _kind_of_body(recording: Recording, summary: Summary) -> str:
    if summary.events or not recording.blocks:
        return "stream"
    if summary.body_json is not None:
        return "json"
    beginning = recording.blocks[0].raw[:4096]
    return "binary" if b"\0" in beginning or not _is_text(beginning) else "text"


def _is_text(beginning: bytes) -> bool:
    return len(beginning.decode("utf-8", "ignore").encode()) > len(beginning) - 4  # the last may be cut
