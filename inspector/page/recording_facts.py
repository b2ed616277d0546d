"""The facts of a recording that need Python's rules; the page's program computes the rest from the lines.

Every text in them is as people may see it: secrets are masked, and characters that hide or move text are
escaped. They are plain JSON values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inspector._json import as_object, as_text
from inspector.checker import Checker, Finding, Severity
from inspector.checker.advice import ADVICE
from inspector.checker.rules import RULES
from inspector.escaping import escape
from inspector.page.line_columns import LineColumns
from inspector.page.read_lines import ReadLines
from inspector.page.verdict_line import verdict_line
from inspector.protocol.watchdogs import WATCHDOGS
from inspector.recording import Head, Recording
from inspector.redact import mask_text
from inspector.views.key_numbers import LONG_SILENCE, Headline, numbers
from inspector.views.measuring import stats
from inspector.views.silences import MAX_SILENCES
from inspector.views.statistics import Statistics
from inspector.views.summary import Summary

__all__ = ["Observe", "facts_of", "facts_so_far", "patience", "shown"]

_USAGE_POINTS = 1000
_LONGEST = 200  # characters

Observe = Callable[[Recording], Sequence[str]]
"""What returns lines that say what SDKs do with a recording."""


def facts_of(recording: Recording, read: ReadLines, observe: Observe | None = None) -> dict[str, Any]:
    """Return all facts of a recording whose lines were read.

    `observe` returns lines that say what SDKs do with it. It is called for errors and warnings only.
    """
    head, end = recording.head, recording.end
    checker = Checker(head, timed=head.timed, file=recording.source)
    checker.feed(recording.blocks)
    report = checker.close(end, torn=recording.torn)
    statistics = stats(recording)
    problems = any(finding.severity is not Severity.INFO for finding in report.findings)
    extra = (end.extra if end else head.extra) or {}
    facts = {
        "masked": sorted(as_object(extra.get("redacted"))),
        "model": statistics.model or "",
        "outcome": read.summary.outcome,
        "headline": _headline(verdict_line(statistics, report)),
        "numbers": [
            {"label": each.label, "text": each.text, "bad": each.bad} for each in numbers(statistics)
        ],
        "findings": [_finding(finding, read.columns) for finding in report.findings],
        "sdk": list(observe(recording)) if observe and problems else [],
        "body": {"kind": _kind_of_body(recording, read.summary)},
    }
    return {**facts_so_far(read), **_measured(statistics, read.columns), **shown(facts)}


def _headline(sentence: Headline) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    for text, strong in sentence.parts:  # an error's message may be long
        short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        parts.append({"text": short, "strong": True} if strong else {"text": short})
    return {"level": sentence.level.value, "parts": parts}


def _measured(statistics: Statistics, columns: LineColumns) -> dict[str, Any]:
    """Return what was measured; no text in it comes from the stream, but the types of content blocks."""
    shares = [{"kind": shown(each.kind), "seconds": _rounded(each.seconds)} for each in statistics.shares]
    silences = [
        {"t0": each.t0, "t1": each.t1, "by": each.by.value, "block": each.block}
        for each in statistics.silences.listed[:MAX_SILENCES]
    ]
    usage = [
        {
            "t": each.t,
            "line": columns.event_lines[each.event - 1],
            "input": each.input,
            "output": each.output,
            "cache_read": each.cache_read,
            "cache_write": each.cache_write,
            "thinking": each.thinking,
        }
        for each in statistics.usage[:_USAGE_POINTS]
    ]
    return {"shares": shares, "silences": silences, "usage": usage}


def patience() -> dict[str, Any]:
    """Return who gives up on a silence, and from how many seconds on one is worth a word."""
    watchdogs = [
        {
            "name": each.name,
            "seconds": each.seconds,
            "measures": each.measures.value,
            "gives_up": not each.complains,
        }
        for each in sorted(WATCHDOGS)
    ]
    return {"long_silence": LONG_SILENCE, "watchdogs": watchdogs}


def _rounded(seconds: float) -> float:
    return round(seconds, 6)


def facts_so_far(read: ReadLines) -> dict[str, Any]:
    """Return what is known of a recording that goes on: it has no outcome yet."""
    columns, summary = read.columns, read.summary
    end, timed = summary.end, read.head.timed
    facts = {
        "tick": columns.tick,
        "count": columns.count,
        "events": summary.events,
        "bytes": summary.size,
        "reads": summary.reads,
        "outcome": "",
        "stop_reason": summary.stop_reason,
        "end": end and {"t": end.t, "how": end.how.value, "error": end.error},
        "duration": (end.t if end else columns.t) if timed else None,
        "blocks": read.spans.to_list(),
    }
    return {**_head_facts(read.head, len(read.head_line)), **shown(facts)}


def _head_facts(head: Head, first: int) -> dict[str, Any]:
    """Return what the head alone says, with empty lists for all that is not known yet."""
    response = head.response
    headers = response.headers if response else {}
    facts: dict[str, Any] = {
        "name": "",
        "at": head.at,
        "request_id": headers.get("request-id") or headers.get("x-request-id") or "",
        "model": as_text(as_object(head.request.json()).get("model") or ""),
        "method": head.request.method,
        "url": head.request.url,
        "status": head.status,
        "http": response.http if response else "",
        "first": first,
        "timed": head.timed,
        "absent": sorted(map(str, head.absent)),
        "masked": [],
        "headline": {"level": "ok", "parts": [{"text": "On its way"}]},
        "numbers": [],
        "findings": [],
        "shares": [],
        "silences": [],
        "usage": [],
        "sdk": [],
        "body": {"kind": "stream"},
    }
    safe: dict[str, Any] = shown(facts)
    return safe


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
        "page": finding.page if finding.rule in RULES else "",
        "do": ADVICE.get(RULES[finding.rule].group, "") if finding.rule in RULES else "",
        "event": finding.event,
        "line": events[finding.event - 1] if inside and finding.event else None,
        "offset": finding.offset,
        "t": finding.t,
        "block": finding.block,
    }


def _kind_of_body(recording: Recording, summary: Summary) -> str:
    if summary.events or not recording.blocks:
        return "stream"
    if summary.body_json is not None:
        return "json"
    beginning = recording.blocks[0].raw[:4096]
    return "binary" if b"\0" in beginning or not _is_text(beginning) else "text"


def _is_text(beginning: bytes) -> bool:
    return len(beginning.decode("utf-8", "ignore").encode()) > len(beginning) - 4  # the last may be cut
