"""What stands around the events of a recording, as text for people: a line for its head, and a summary.

Text from the stream is escaped, so that it cannot drive a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from inspector.cli._event_lines import STYLES
from inspector.cli._printing import shown
from inspector.recording import Head, Torn
from inspector.views.summary import Summary
from inspector.views.timeline import Tone

__all__ = ["head_line", "summary_text", "torn_line"]

_SUMMARY_STYLES: dict[str, dict[str, object]] = {
    "problem": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow"},
    "error": {"fg": "red", "bold": True},
}


def _style(text: str, color: bool, **styles: object) -> str:
    return click.style(text, **styles) if color and text else text  # type: ignore[arg-type]


def head_line(head: Head, source: str = "", *, color: bool) -> str:
    """Write the request and the response's status as one line; `source` names the recording."""
    parts = [source] if source else []
    if head.request.url:
        parts.append(f"{head.request.method} {head.request.url}")
    if head.response:
        kind = head.response.headers.get("content-type", "").partition(";")[0]
        when = f" after {head.response.t:.3f} s" if head.timed else ", without times"
        parts.append(f"{head.response.status} {kind}".strip() + when)
    if head.at:
        parts.append(head.at[:19].replace("T", " ") + " UTC")
    return _style(shown(" · ".join(parts)), color, bold=True)


def torn_line(line: Torn, *, color: bool) -> str:
    """Write a line of the file that its writer did not finish."""
    text = line.text.decode("utf-8", "replace")
    return _style(f"{'':>23}(torn line {line.line}) {shown(text)}", color, **STYLES[Tone.ODD])


def summary_text(summary: Summary, sdk: str = "", *, color: bool) -> str:
    """Write a few lines: the end, the stop reason, usage, times, problems. `sdk` says what the SDK did."""
    facts = [*_facts(summary), *([("sdk", sdk)] if sdk else []), *_problems(summary)]
    lines = []
    for label, text in facts:
        styles = _SUMMARY_STYLES.get(label, {})
        lines.append(f"{_style(f'{label:>11}', color, dim=True)}  {_style(shown(text), color, **styles)}")
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _facts(summary: Summary) -> Iterator[tuple[str, str]]:
    timed = summary.head is None or summary.head.timed
    if summary.end:
        end = f"{summary.end.how} at {summary.end.t:.3f} s" if timed else summary.end.how
        yield "end", f"{end}: {summary.end.error}" if summary.end.error else end
    if summary.status is not None:
        pings = f" ({_count(summary.pings, 'ping')})" if summary.pings else ""
        reads = f" in {_count(summary.reads, 'read')}" if timed else ""
        yield "body", f"{_count(summary.events, 'event')}{pings}, {_count(summary.size, 'byte')}{reads}"
    if summary.stop_reason:
        yield "stop", summary.stop_reason
    if summary.usage_text:
        yield "usage", summary.usage_text
    first = [
        f"{name} {t:.3f} s"
        for name, t in (("event", summary.first_event), ("text", summary.first_text))
        if t is not None
    ]
    if first and timed:
        yield "first", ", ".join(first)
    yield from _response_facts(summary)


def _response_facts(summary: Summary) -> Iterator[tuple[str, str]]:
    headers = summary.head.response.headers if summary.head and summary.head.response else {}
    error = summary.http_error
    if error is not None:
        yield "error", summary.error_text or "the body is empty"
    request_id = headers.get("request-id") or headers.get("x-request-id")
    if request_id:
        yield "request", request_id
    for name in ("retry-after", "retry-after-ms"):
        if error is not None and name in headers:
            yield name, headers[name]


def _problems(summary: Summary) -> Iterator[tuple[str, str]]:
    if summary.cut_request:
        yield "warning", summary.cut_request
    if summary.warning:
        yield "warning", summary.warning
    for problem in summary.problems:
        yield "problem", problem
