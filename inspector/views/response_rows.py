"""A recording as one row of a table: what one pass over it can say in a few columns.

The numbers are those of `inspector.stats`, the verdict and the counts those of `inspector.report`, without
the distributions and lists that take most of the time to make. `docs/tables.md` defines every column.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from inspector.checker import Report, Severity
from inspector.checker.findings import Limits, Profile
from inspector.checker.session import Lines, Watched, session_reports
from inspector.recording import Absent, End, Head, Line, TimedBlock
from inspector.views.measuring import model_of
from inspector.views.row_facts import RowFacts
from inspector.views.usage_points import tokens_of

__all__ = ["BlocksSeen", "ResponseRow", "response_rows"]

BlocksSeen = Callable[[int, Head, Iterable[TimedBlock]], None]
"""Takes some more blocks of the recording of this number and with this head."""

_REQUEST_IDS = ("request-id", "x-request-id", "x-amzn-requestid")
_ENOUGH = 256  # blocks that wait to be seen: a call for each block would be felt
_LARGE = 64 * 1024  # bytes of a block that does not wait


class ResponseRow(NamedTuple):
    """One response. Times are seconds since the request, None where the recording cannot know them."""

    source: str
    number: int
    at: datetime | None
    host: str | None
    status: int | None
    model: str | None
    message_id: str | None
    request_id: str | None
    verdict: str
    ending: str | None
    stop_reason: str | None
    events: int | None
    pings: int | None
    bytes: int | None
    time_to_first_byte: float | None
    time_to_first_event: float | None
    time_to_first_text: float | None
    duration: float | None
    longest_gap: float | None
    longest_silence: float | None
    input_tokens: int | None
    cache_read_tokens: int | None
    cache_creation_tokens: int | None
    output_tokens: int | None
    thinking_tokens: int | None
    errors: int
    warnings: int
    rules: tuple[str, ...]


def response_rows(
    reader: Lines,
    *,
    profile: Profile | None = None,
    rules: Collection[str] | None = None,
    limits: Limits | None = None,
    seen: BlocksSeen | None = None,
) -> Iterator[tuple[ResponseRow, Report]]:
    """Check and measure every recording that a reader yields, in one pass; yield a row and a report of each.

    `profile`, `rules` and `limits` are those of `session_reports`. `seen` is called with all blocks. Raises
    `RecordingError` when the reader does, after the row of the recording that it was in.
    """
    values = _Observed(reader, seen)
    for report in session_reports(values, profile=profile, rules=rules, limits=limits):
        yield _row(values.take(), report), report


class _Observed(Watched):
    """A reader that notes, of each recording, what its row says, while it is read."""

    def __init__(self, reader: Lines, seen: BlocksSeen | None) -> None:
        super().__init__(reader)
        self._seen = seen
        self._facts: deque[RowFacts] = deque()
        self._number = 0

    def take(self) -> RowFacts:
        """Return the facts of the next recording, which has come to its end."""
        facts = self._facts.popleft()
        facts.close(facts.end)
        return facts

    def _watch(self) -> Iterator[Line]:
        waiting: list[TimedBlock] = []
        try:
            for value in self._reader:
                if value.__class__ is TimedBlock:
                    # At once, since `payload_of` knows the value of the payload that was read last.
                    self._facts[-1].take(value)
                    if self._seen:
                        waiting.append(value)
                        if len(waiting) == _ENOUGH or len(value[2] or value[3]) > _LARGE:
                            self._show(waiting)
                elif isinstance(value, Head):
                    self._show(waiting)
                    self._facts.append(RowFacts(value))
                    self._number += 1
                elif isinstance(value, End):
                    self._facts[-1].end = value
                yield value
        finally:
            self._show(waiting)

    def _show(self, blocks: list[TimedBlock]) -> None:
        if self._seen and blocks:
            self._seen(self._number, self._facts[-1].head, blocks)
            blocks.clear()


def _row(f: RowFacts, report: Report) -> ResponseRow:
    """Return the row of facts that are closed."""
    head, summary, absent = f.head, f.summary, f.head.absent
    timed, made_up = Absent.TIMES not in absent, not summary.knows_events
    spaced = timed and not made_up
    rebuilt = made_up or Absent.FRAMING in absent or Absent.SPELLING in absent
    tokens = tokens_of(() if Absent.USAGE in absent else f.usage)
    return ResponseRow(
        source=report.file,
        number=report.number,
        at=_moment(head.at),
        host=_host(head.request.url),
        status=summary.status,
        model=model_of(f.model, summary),
        message_id=summary.message_id,
        request_id=_request_id(head),
        verdict=report.verdict.value,
        ending=summary.ending.value if summary.ending else None,
        stop_reason=summary.stop_reason,
        events=None if made_up else f.events,
        pings=None if made_up else f.pings,
        bytes=None if rebuilt else f.size,
        time_to_first_byte=f.first_byte if timed else None,
        time_to_first_event=f.first_event if spaced else None,
        time_to_first_text=f.first_text if spaced else None,
        duration=f.now if timed else summary.duration,
        longest_gap=f.longest_gap if spaced and f.longest_gap >= 0 else None,
        longest_silence=f.longest_silence if spaced else None,
        input_tokens=tokens["input"],
        cache_read_tokens=tokens["cache_read"],
        cache_creation_tokens=tokens["cache_write"],
        output_tokens=tokens["output"],
        thinking_tokens=tokens["thinking"],
        errors=report.count(Severity.ERROR),
        warnings=report.count(Severity.WARNING),
        rules=tuple(dict.fromkeys(finding.rule for finding in report.findings)),
    )


def _moment(at: str) -> datetime | None:
    """Return the UTC time of a head; None if it is no date. A date without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(at)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(64)
def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname or None
    except ValueError:
        return None


def _request_id(head: Head) -> str | None:
    headers = head.response.headers if head.response else {}
    return next((headers[name] for name in _REQUEST_IDS if headers.get(name)), None)
