"""How a recording looks on a screen: a line for its head, one for every block, a few for the summary."""

from __future__ import annotations

from collections.abc import Iterator

import click

from inspector.cli._terminal import clip, escape
from inspector.recording import Head, Torn
from inspector.views.summary import Summary
from inspector.views.timeline import Row, Tone

__all__ = ["columns", "head", "row", "summary", "torn"]

_STYLES: dict[Tone, dict[str, object]] = {
    Tone.TEXT: {},
    Tone.THINKING: {"italic": True, "fg": "bright_black"},
    Tone.JSON: {"fg": "yellow"},
    Tone.FACT: {"fg": "cyan"},
    Tone.QUIET: {"dim": True},
    Tone.ODD: {"fg": "magenta"},
    Tone.ERROR: {"fg": "red", "bold": True},
}


def _style(text: str, color: bool, **styles: object) -> str:
    return click.style(text, **styles) if color and text else text  # type: ignore[arg-type]


def head(value: Head, source: str = "", *, color: bool) -> str:
    """One line: what was asked, and what answered."""
    words = [source] if source else []
    words.append(f"{value.request.method} {value.request.url}")
    if value.response:
        kind = value.response.headers.get("content-type", "").partition(";")[0]
        words.append(f"{value.response.status} {kind} after {value.response.t:.3f} s".replace("  ", " "))
    if value.at:
        words.append(value.at[:19].replace("T", " ") + " UTC")
    return _style(escape(" · ".join(words)), color, bold=True)


def row(value: Row, *, color: bool, width: int | None) -> str:
    """One line: number, time, gap, event, content block, content."""
    number = "" if value.number is None else str(value.number)
    left = f"{number:>5} {value.t:9.3f} {value.gap:+8.3f}  "
    block = "" if value.block is None else str(value.block)
    place = f"{block:>2} {escape(value.kind):<10} "
    name = f"{escape(value.name):<19} "
    room = None if width is None else width - len(left) - len(name) - len(place)
    content = clip(escape(value.content), room)
    quiet = value.tone is Tone.QUIET
    return "".join(
        (
            _style(left, color, dim=True),
            _style(name, color, dim=quiet, bold=value.name == "error"),
            _style(place, color, dim=True),
            _style(content, color, **_STYLES[value.tone]),
        )
    ).rstrip()


def torn(value: Torn, *, color: bool) -> str:
    """One line for a last line that its writer did not finish."""
    text = value.text.decode("utf-8", "replace")
    return _style(f"{'':>26}(torn line {value.line})     {escape(text)}", color, **_STYLES[Tone.ODD])


def columns(*, color: bool) -> str:
    """The names of the columns of `row`."""
    return _style(f"{'#':>5} {'time':>9} {'gap':>8}  {'event':<19} {'content block':<13}", color, dim=True)


def summary(value: Summary, sdk: str = "", *, color: bool) -> str:
    """A few lines: how it ended, why it stopped, what it cost, how quick it was, what the SDK made of it."""
    facts = [*_facts(value), *([("sdk", sdk)] if sdk else []), *_troubles(value)]
    lines = []
    for label, words in facts:
        styles = _SUMMARY_STYLES.get(label, {})
        lines.append(f"{_style(f'{label:>11}', color, dim=True)}  {_style(escape(words), color, **styles)}")
    return "\n".join(lines)


_SUMMARY_STYLES: dict[str, dict[str, object]] = {
    "problem": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow"},
    "error": {"fg": "red", "bold": True},
}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _facts(value: Summary) -> Iterator[tuple[str, str]]:
    if value.end:
        words = f"{value.end.how} at {value.end.t:.3f} s"
        yield "end", f"{words}: {value.end.error}" if value.end.error else words
    if value.status is not None:
        pings = f" ({_count(value.pings, 'ping')})" if value.pings else ""
        events, reads = _count(value.events, "event"), _count(value.reads, "read")
        yield "body", f"{events}{pings}, {_count(value.size, 'byte')} in {reads}"
    if value.stop_reason:
        yield "stop", value.stop_reason
    if value.usage_words:
        yield "usage", value.usage_words
    first = [
        f"{name} {t:.3f} s"
        for name, t in (("event", value.first_event), ("text", value.first_text))
        if t is not None
    ]
    if first:
        yield "first", ", ".join(first)
    yield from _response_facts(value)


def _troubles(value: Summary) -> Iterator[tuple[str, str]]:
    if value.warning:
        yield "warning", value.warning
    for problem in value.problems:
        yield "problem", problem


def _response_facts(value: Summary) -> Iterator[tuple[str, str]]:
    headers = value.head.response.headers if value.head and value.head.response else {}
    error = value.http_error
    if error is not None:
        yield "error", f"{error.get('type', 'no error type')}: {error.get('message', 'no message')}"
    request_id = headers.get("request-id") or headers.get("x-request-id")
    if request_id:
        yield "request", request_id
    for name in ("retry-after", "retry-after-ms"):
        if error is not None and name in headers:
            yield name, headers[name]
