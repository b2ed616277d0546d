"""Making the numbers of a response from what one pass over it gathered."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from inspector._json import as_object
from inspector.checker.buffering import Buffering, BufferingKind, buffering
from inspector.checker.session import Lines, Part
from inspector.errors import RecordingError
from inspector.protocol.watchdogs import SILENCE, Measure
from inspector.recording import Head, Line, Recording
from inspector.recording.absent import Absent
from inspector.recording.one_recording import one_recording
from inspector.views.block_times import characters_per_second
from inspector.views.distribution import Distribution, distribution
from inspector.views.gathering import DELTA, Gathering
from inspector.views.silences import WatchdogResult, watchdog_results
from inspector.views.statistics import (
    Gaps,
    LongestGap,
    Pings,
    Rates,
    Share,
    Silences,
    Statistics,
    Tokens,
)
from inspector.views.stream_clock import Gap
from inspector.views.summary import Summary
from inspector.views.time_windows import time_windows
from inspector.views.usage_points import UsagePoint, token_intervals, tokens_of

__all__ = ["event_times_known", "model_of", "session_statistics", "statistics_of", "stats"]


def stats(recording: Recording) -> Statistics:
    """Return the numbers of a recording. Raises `TypeError` for a path: `load` it."""
    recording = one_recording(recording)
    gathering = Gathering(recording.head)
    gathering.feed(recording.blocks)
    gathering.close(recording.end)
    return statistics_of(gathering, recording.source, torn=recording.torn)


def session_statistics(reader: Lines) -> Iterator[Statistics]:
    """Yield the numbers of every recording that a reader yields. Blocks are not kept.

    Raises `RecordingError` when the reader does; the recording that it was in comes first, as far as it was
    read.
    """
    source, number = reader.name or "", 1
    head: Line | None = next((value for value in reader if isinstance(value, Head)), None)
    while isinstance(head, Head):
        part = Part(reader)
        gathering = Gathering(head)
        try:
            gathering.feed(part.blocks())
        except RecordingError:
            gathering.close(part.end)
            yield statistics_of(gathering, source, number, torn=True)
            raise
        gathering.close(part.end)
        yield statistics_of(gathering, source, number, torn=part.torn)
        head, number = part.following, number + 1


def statistics_of(g: Gathering, source: str = "", number: int = 1, *, torn: bool = False) -> Statistics:
    """Return the numbers of a gathering that is closed."""
    head, summary, absent = g.head, g.summary, g.head.absent
    spaced, usage = event_times_known(g), [] if Absent.USAGE in absent else g.usage
    points = tuple(usage if spaced else (replace(point, t=None) for point in usage))
    return Statistics(
        source=source,
        number=number,
        at=head.at or None,
        model=model_of(g.model, summary),
        status=summary.status,
        outcome=summary.outcome,
        stop_reason=summary.stop_reason,
        end=summary.ending,
        problems=tuple(summary.problems),
        torn=torn,
        absent=tuple(sorted(absent)),
        headers=head.response.t if head.timed and head.response else None,
        first_byte=g.clock.first_byte if head.timed else None,
        duration=g.clock.now if head.timed else summary.duration,
        unreadable=g.unreadable,
        characters=sum(block.characters for block in g.blocks),
        usage=points,
        tokens=Tokens(**tokens_of(points)),
        buffering=_buffering(g),
        **_sizes(g),
        **_spacing(g, points),
    )


def event_times_known(g: Gathering) -> bool:
    """Return whether the time of each event is known: there are times, and the events are not made up."""
    return g.head.timed and g.summary.knows_events


def _sizes(g: Gathering) -> dict[str, Any]:
    """Return the numbers of bytes, reads and events."""
    absent, made_up = g.head.absent, not g.summary.knows_events
    rebuilt = made_up or not absent.isdisjoint((Absent.FRAMING, Absent.SPELLING))
    no_reads = rebuilt or not absent.isdisjoint((Absent.READS, Absent.TIMES))
    return {
        "bytes": None if rebuilt else g.clock.size,
        "reads": None if no_reads else g.clock.reads,
        "events": None if made_up else g.clock.events,
        "kinds": {} if made_up else _kinds(g),
        "deltas": {} if made_up else _deltas(g),
        "pings": None if made_up else Pings(len(g.ping_times), g.comments, _ping_gaps(g)),
    }


def _spacing(g: Gathering, usage: Sequence[UsagePoint]) -> dict[str, Any]:
    """Return the numbers that need the time of each event."""
    spaced, made_up = event_times_known(g), not g.summary.knows_events
    gaps = [each.gaps() if spaced else [] for each in g.blocks]
    each_block = zip(g.blocks, gaps, strict=True)
    blocks = tuple(block.statistics(between, timed=spaced) for block, between in each_block)
    firsts = [each.first_token for each in blocks if each.first_token is not None]
    times = g.event_times() if spaced else []
    return {
        "first_event": g.first_event if spaced else None,
        "first_token": min(firsts, default=None),
        "event_gaps": _gaps(_differences(times), g.clock.event_gap),
        "token_gaps": _gaps(chain.from_iterable(gaps), g.token_gap),
        "silences": _silences(g) if spaced else Silences(None, None, (), 0),
        "watchdogs": _watchdogs(g) if spaced else (),
        "blocks": tuple(replace(block, deltas=None) for block in blocks) if made_up else blocks,
        "rates": _rates(g, times, usage) if spaced else Rates(None, None, (), ()),
        "shares": tuple(_shares(g)) if spaced else (),
    }


def model_of(named: str | None, summary: Summary) -> str | None:
    """Return the model that answered, also in a whole Message, or else the one that the request names.

    `named` is the one that the stream names.
    """
    model: Any = named or summary.model
    if not model and summary.head:
        model = as_object(summary.head.request.json()).get("model")
    return model if isinstance(model, str) else None


def _kinds(g: Gathering) -> dict[str, int]:
    """Count events by type: those of the short cut are deltas."""
    plain = sum(block.plain for block in g.blocks)
    return dict((g.kinds + Counter({DELTA: plain})).most_common())


def _deltas(g: Gathering) -> dict[str, int]:
    deltas = Counter(g.deltas)
    for block in g.blocks:
        if block.plain:
            deltas[block.delta_type] += block.plain
    return dict(deltas.most_common())


def _differences(times: Sequence[float]) -> Iterator[float]:
    return map(operator.sub, islice(times, 1, None), times)


def _ping_gaps(g: Gathering) -> Distribution | None:
    return distribution(_differences(g.ping_times)) if g.head.timed else None


def _gaps(values: Iterable[float], longest: Gap) -> Gaps | None:
    spread = distribution(values)
    if spread is None:
        return None
    return Gaps(spread, LongestGap(longest.seconds, longest.event, longest.block, longest.offset))


def _silences(g: Gathering) -> Silences:
    logs = [g.clock.silences[Measure.BYTES], *([g.clock.silences[Measure.CONTENT]] if g.is_stream else [])]
    listed = sorted(chain.from_iterable(log.silences() for log in logs), key=lambda each: -each.seconds)
    content = g.clock.silences[Measure.CONTENT].longest if g.is_stream else None
    return Silences(logs[0].longest, content, tuple(listed), sum(log.count for log in logs))


def _watchdogs(g: Gathering) -> tuple[WatchdogResult, ...]:
    """Compare the wait for the head, too: nothing comes in it either."""
    waited = g.head.response.t if g.head.response else g.clock.now
    content = [g.clock.silences[Measure.CONTENT].most] if g.is_stream else []
    return watchdog_results([waited, g.clock.silences[Measure.BYTES].most], [waited, *content])


def _rates(g: Gathering, times: Sequence[float], usage: Sequence[UsagePoint]) -> Rates:
    intervals = token_intervals(usage)
    counted = [(point.t, point.output) for point in usage if point.t is not None and point.output is not None]
    tokens = None
    if counted:
        (t0, before), (t1, after) = counted[0], counted[-1]
        tokens = (after - before) / (t1 - t0) if t1 > t0 and after >= before else None
    texts = [pair for block in g.blocks for pair in block.texts()]
    windows = time_windows(g.clock.now, times, g.ping_times, texts)
    return Rates(tokens, characters_per_second(texts), intervals, windows)


def _shares(g: Gathering) -> Iterator[Share]:
    """Yield where the time went, in the order of the stream; together they are the duration."""
    if g.clock.waiting is None:
        waited = g.clock.now if g.is_stream or g.head.response is None else g.head.response.t
        yield Share("waiting", waited)
        if g.clock.now > waited:
            yield Share("body", g.clock.now - waited)
        return
    yield Share("waiting", g.clock.waiting)
    kinds: dict[str, float] = {}
    for block in g.blocks:
        kinds[block.type] = kinds.get(block.type, 0.0) + block.seconds
    tail = g.clock.now - g.clock.last_content
    is_silence = not g.clock.over and tail >= SILENCE
    others = {
        "message": g.clock.message,
        "silent": g.clock.silent + tail * is_silence,
        "end": g.clock.end + tail * (not is_silence),
    }
    for kind, seconds in (*kinds.items(), *others.items()):
        if seconds > 0:
            yield Share(kind, seconds)


def _buffering(g: Gathering) -> Buffering:
    for absent, what in ((Absent.TIMES, "times"), (Absent.EVENTS, "events")):
        if absent in g.head.absent:
            return Buffering(BufferingKind.UNKNOWN, f"{what} absent")
    began = g.head.response.t if g.head.response else 0.0
    return buffering(g.clock.progress, events=g.clock.events, began=began, last=g.clock.last_bytes)
