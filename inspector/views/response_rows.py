"""A recording as one row of a table: what one pass over it can say in a few columns.

The numbers are those of `inspector.stats`, the verdict and the counts those of `inspector.report`, without
the distributions and lists that take most of the time to make. `docs/tables.md` defines every column.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from inspector.checker import Report, Severity
from inspector.checker.findings import Limits, Profile
from inspector.checker.session import Lines, Watched, session_reports
from inspector.protocol.watchdogs import Measure
from inspector.recording import Absent, End, Head, Line, TimedBlock
from inspector.views.gathering import Gathering
from inspector.views.measuring import event_times_known, model_of
from inspector.views.usage_points import tokens_of

__all__ = ["BlocksSeen", "ResponseRow", "response_rows"]

BlocksSeen = Callable[[int, Head, Iterable[TimedBlock]], None]
"""Takes some more blocks of the recording of this number and with this head."""

_REQUEST_IDS = ("request-id", "x-request-id", "x-amzn-requestid")
_ENOUGH = 256  # blocks that wait to be gathered: a call for each block would be felt
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
    values = _Gathered(reader, seen)
    for report in session_reports(values, profile=profile, rules=rules, limits=limits):
        yield _row(values.take(), report), report


class _Gathered(Watched):
    """A reader of which each recording is gathered while it is read."""

    def __init__(self, reader: Lines, seen: BlocksSeen | None) -> None:
        super().__init__(reader)
        self._seen = seen
        self._gatherings: deque[Gathering] = deque()
        self._number = 0

    def take(self) -> Gathering:
        """Return what was gathered of the next recording, which has come to its end."""
        gathering = self._gatherings.popleft()
        gathering.close(gathering.end)
        return gathering

    def _watch(self) -> Iterator[Line]:
        waiting: list[TimedBlock] = []
        try:
            for value in self._reader:
                if value.__class__ is TimedBlock:
                    waiting.append(value)
                    if len(waiting) == _ENOUGH or len(value[2] or value[3]) > _LARGE:
                        self._gather(waiting)
                elif isinstance(value, Head):
                    self._gather(waiting)
                    self._gatherings.append(Gathering(value))
                    self._number += 1
                elif isinstance(value, End):
                    self._gatherings[-1].end = value
                yield value
        finally:
            self._gather(waiting)

    def _gather(self, blocks: list[TimedBlock]) -> None:
        if blocks:
            gathering = self._gatherings[-1]
            gathering.feed(blocks)
            if self._seen:
                self._seen(self._number, gathering.head, blocks)
            blocks.clear()


def _row(g: Gathering, report: Report) -> ResponseRow:
    """Return the row of a gathering that is closed."""
    head, summary, clock, absent = g.head, g.summary, g.clock, g.head.absent
    spaced, made_up = event_times_known(g), not summary.knows_events
    rebuilt = made_up or Absent.FRAMING in absent or Absent.SPELLING in absent
    tokens = tokens_of(() if Absent.USAGE in absent else g.usage)
    gap = clock.event_gap.seconds
    return ResponseRow(
        source=report.file,
        number=report.number,
        at=_moment(head.at),
        host=_host(head.request.url),
        status=summary.status,
        model=model_of(g),
        message_id=summary.message_id,
        request_id=_request_id(head),
        verdict=report.verdict.value,
        ending=summary.ending.value if summary.ending else None,
        stop_reason=summary.stop_reason,
        events=None if made_up else clock.events,
        pings=None if made_up else len(g.ping_times),
        bytes=None if rebuilt else clock.size,
        time_to_first_byte=clock.first_byte if head.timed else None,
        time_to_first_event=g.first_event if spaced else None,
        time_to_first_text=_first_text(g) if spaced else None,
        duration=clock.now if head.timed else summary.duration,
        longest_gap=gap if spaced and gap >= 0 else None,
        longest_silence=_longest_silence(g) if spaced else None,
        input_tokens=tokens["input"],
        cache_read_tokens=tokens["cache_read"],
        cache_creation_tokens=tokens["cache_write"],
        output_tokens=tokens["output"],
        thinking_tokens=tokens["thinking"],
        errors=report.count(Severity.ERROR),
        warnings=report.count(Severity.WARNING),
        rules=tuple(dict.fromkeys(finding.rule for finding in report.findings)),
    )


def _first_text(g: Gathering) -> float | None:
    return min((block.first_token for block in g.blocks if block.first_token is not None), default=None)


def _longest_silence(g: Gathering) -> float | None:
    measures = (Measure.BYTES, Measure.CONTENT) if g.is_stream else (Measure.BYTES,)
    logs = [g.clock.silences[measure] for measure in measures]
    return max((log.most for log in logs if log.longest), default=None)


def _moment(at: str) -> datetime | None:
    """Return the UTC time of a head; None if it is no date. A date without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(at)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname or None
    except ValueError:
        return None


def _request_id(head: Head) -> str | None:
    headers = head.response.headers if head.response else {}
    return next((headers[name] for name in _REQUEST_IDS if headers.get(name)), None)
