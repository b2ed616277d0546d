"""What stands around the events of a recording, as text for people: a line for its head, and a summary.

Text from the stream is escaped, so that it cannot drive a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator

from inspector.cli._event_lines import STYLES, Look
from inspector.cli._paragraphs import broken, clip
from inspector.cli._printing import shown
from inspector.recording import Head, Torn
from inspector.views.summary import Summary
from inspector.views.timeline import Tone

__all__ = ["head_line", "summary_text", "torn_line"]

_TEXT_AT = 13  # columns before the text of a fact

_SUMMARY_STYLES: dict[str, dict[str, object]] = {
    "problem": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow"},
    "error": {"fg": "red", "bold": True},
}


def head_line(head: Head, source: str = "", *, look: Look) -> str:
    """Write the request and the response's status, in a line if it fits; `source` names the recording."""
    parts = [source] if source else []
    if head.request.url:
        parts.append(f"{head.request.method} {head.request.url}")
    if head.response:
        kind = head.response.headers.get("content-type", "").partition(";")[0]
        status = "status unknown" if head.status is None else str(head.status)
        when = f" after {head.response.t:.3f} s" if head.timed else ", without times"
        parts.append(f"{status} {kind}".strip() + when)
    if head.at:
        parts.append(head.at[:19].replace("T", " ") + " UTC")
    text = shown(" · ".join(parts))
    lines = [text] if look.width is None else broken(text, look.width - 4, first=look.width)
    return "\n    ".join(look.style(line, bold=True) for line in lines)


def torn_line(line: Torn, look: Look) -> str:
    """Write a line of the file that its writer did not finish."""
    what = shown(line.text.decode("utf-8", "replace"))
    text = clip(f"{'':>{look.left}}(torn line {line.line}) {what}", look.width)
    return look.style(text, **STYLES[Tone.ODD])


def summary_text(summary: Summary, sdk: str = "", *, look: Look) -> str:
    """Write a few lines: the end, the stop reason, usage, times, problems. `sdk` says what the SDK did."""
    facts = [*_facts(summary), *([("sdk", sdk)] if sdk else []), *_problems(summary)]
    return "\n".join(line for label, text in facts for line in _fact_lines(label, shown(text), look))


def _fact_lines(label: str, text: str, look: Look) -> Iterator[str]:
    hanging = look.hanging(_TEXT_AT)
    lines = iter(
        [text] if look.width is None else broken(text, look.width - hanging, first=look.width - _TEXT_AT)
    )
    styles = _SUMMARY_STYLES.get(label, {})
    yield f"{look.style(f'{label:>11}', dim=True)}  {look.style(next(lines), **styles)}"
    for line in lines:
        yield " " * hanging + look.style(line, **styles)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _facts(summary: Summary) -> Iterator[tuple[str, str]]:
    timed = summary.head is None or summary.head.timed
    if summary.end:
        how = summary.ending or "unseen"
        end = f"{how} at {summary.end.t:.3f} s" if timed else how
        yield "end", f"{end}: {summary.end.error}" if summary.end.error else end
    if summary.lacks_body:
        yield "body", "absent"
    elif summary.head and summary.head.response:
        reads = f" in {_count(summary.reads, 'read')}" if timed else ""
        yield "body", f"{_events(summary)}{_count(summary.size, 'byte')}{reads}"
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


def _events(summary: Summary) -> str:
    """Write how many events came, also none if a stream was to come."""
    if not summary.events and not summary.claims_stream:
        return ""
    pings = f" ({_count(summary.pings, 'ping')})" if summary.pings else ""
    if not summary.knows_events:
        pings = " (made of the whole message)"
    return f"{_count(summary.events, 'event')}{pings}, "


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
    for warning in summary.warnings:
        yield "warning", warning
    for problem in summary.problems:
        yield "problem", problem
