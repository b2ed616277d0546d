"""A recording as one row of a list: the facts by which a person recognises it, and by which to sort many.

The facts are those of its `Summary`, the verdict and the counts are those of its `Report`. What a recording
does not know is None.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from inspector._json import as_object
from inspector.checker import RULES, Report, Severity
from inspector.checker.session import Lines, Watched, session_reports
from inspector.errors import RecordingError
from inspector.recording import End, Head, Line, Request, TimedBlock
from inspector.views.message_progress import is_plain_delta
from inspector.views.summary import Summary

__all__ = ["Listed", "first_words", "in_order", "listing"]

_WORDS_LENGTH = 120  # characters
_ENOUGH = 4096  # characters in which the first words are looked for
_REMINDER = "<system-reminder>"


_COUNTED = frozenset(
    rule.id for rule in RULES.values() if not {*rule.severities, *rule.also} <= {Severity.INFO}
)
"""The rules whose findings are counted. Others need not run: any selection of rules is a filter."""


class Listed(NamedTuple):
    """One recording, by its `file` and its `number` in it, from 1.

    `at` is when the request was sent (UTC, ISO 8601), `model` the one that answered, or else the requested
    one. `prompt` has the first words of what the user wrote last. `events` is None if the source has only
    the whole message. `first_text` and `duration` are seconds since the request; `duration` goes as far as
    the recording. `end` is how the body ended, None if nobody saw it: the recording stops without an end, or
    its source does not note one. `outcome` is how the response turned out, in one word. `verdict`, `errors`
    and `warnings` are those of `inspector check`.
    """

    file: str
    number: int
    at: str | None
    model: str | None
    status: int | None
    prompt: str | None
    events: int | None
    first_text: float | None
    duration: float | None
    stop_reason: str | None
    end: str | None
    outcome: str
    verdict: str | None
    errors: int | None
    warnings: int | None


def listing(reader: Lines, *, check: bool) -> Iterator[Listed]:
    """Yield a row for each recording that a reader yields, in one pass; without `check`, without the verdict.

    Raises `RecordingError` when the reader does, after the row of the recording that it was in.
    """
    number = 0
    values = _Summarized(reader)
    if check:
        for report in session_reports(values, rules=_COUNTED):
            number += 1
            yield _listed(reader.name or "", number, values.summaries.popleft(), report)
        return
    problem = None
    try:
        for _ in values:
            if len(values.summaries) > 1:
                number += 1
                yield _listed(reader.name or "", number, values.summaries.popleft(), None)
    except RecordingError as error:
        problem = error
    if values.summaries:
        yield _listed(reader.name or "", number + 1, values.summaries.popleft(), None)
    if problem:
        raise problem


class _Summarized(Watched):
    """A reader of which each recording is summarized while it is read."""

    def __init__(self, reader: Lines) -> None:
        super().__init__(reader)
        self.summaries: deque[Summary] = deque()

    def _watch(self) -> Iterator[Line]:
        summary, has_text, passed, t = Summary(), False, 0, 0.0
        try:
            for value in self._reader:
                if value.__class__ is TimedBlock and has_text and is_plain_delta(value):
                    # Nearly all of a file. The reader has parsed it, and the summary needs no more of it.
                    passed, t = passed + 1, value[0]
                    yield value
                    continue
                if passed:
                    summary.pass_over(passed, t)
                    passed = 0
                if isinstance(value, Head):
                    summary = Summary()
                    self.summaries.append(summary)
                if isinstance(value, (Head, TimedBlock, End)):
                    summary.add(value)
                    has_text = summary.first_text is not None
                yield value
        finally:
            summary.pass_over(passed, t)


def _listed(file: str, number: int, summary: Summary, report: Report | None) -> Listed:
    """Return the row of a recording whose summary has come to its end; `report` None if it is not checked."""
    head = summary.head
    timed = head is not None and head.timed
    request = head.request if head else Request()
    body = as_object(request.json())
    return Listed(
        file=file,
        number=number,
        at=(head.at if head else "") or None,
        model=summary.model or _text(body.get("model")),
        status=summary.status,
        prompt=first_words(body),
        events=summary.events if summary.knows_events else None,
        first_text=summary.first_text if timed and summary.knows_events else None,
        duration=summary.duration,
        stop_reason=summary.stop_reason,
        end=summary.ending.value if summary.ending else None,
        outcome=summary.outcome,
        verdict=report.verdict.value if report else None,
        errors=report.count(Severity.ERROR) if report else None,
        warnings=report.count(Severity.WARNING) if report else None,
    )


def first_words(body: dict[str, Any]) -> str | None:
    """Return the first words of what the user wrote last in a request's body, in one line; None without any.

    Results of tools are not the user's words, and neither are the reminders that Claude Code adds.
    """
    messages = body.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        if as_object(message).get("role") != "user":
            continue
        content = message.get("content")
        blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
        texts = (block.get("text") for block in map(as_object, blocks) if block.get("type") == "text")
        for text in texts:
            if isinstance(text, str) and not text.lstrip().startswith(_REMINDER) and text.strip():
                return _shortened(text)
    return None


def _shortened(text: str) -> str:
    line = " ".join(text.lstrip()[:_ENOUGH].split())
    return line if len(line) <= _WORDS_LENGTH else line[: _WORDS_LENGTH - 1].rstrip() + "…"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def in_order(rows: Iterable[Listed], name: str, *, reverse: bool = False) -> list[Listed]:
    """Sort rows by a field of `Listed`; those in which it is unknown stand last in any case."""
    known: list[tuple[Any, Listed]] = []
    unknown: list[Listed] = []
    for row in rows:
        value = getattr(row, name)
        if value is None:
            unknown.append(row)
        else:
            known.append((value.casefold() if isinstance(value, str) else value, row))
    known.sort(key=lambda pair: pair[0], reverse=reverse)
    return [*(row for _, row in known), *unknown]
