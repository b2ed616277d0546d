"""Timing: silences, buffering, connections that stay open. Only for recordings with real times."""

from __future__ import annotations

from inspector.checker.citations import DOC_STREAM, thread
from inspector.checker.context import Context
from inspector.checker.rule import INFO, WARNING, Judgement, Moment, rule
from inspector.recording import Ending

__all__: list[str] = []

_WATCHDOGS = (
    (20, "the 20 s banner of Claude Code"),
    (60, "the 60 s of nginx and AWS load balancers"),
    (90, "the 90 s of Claude Code"),
    (125, "the 125 s of Cloudflare"),
    (180, "the 180 s of Claude Code"),
    (300, "the 300 s of undici and Bun"),
    (600, "the 600 s of the Anthropic SDK"),
)
_SHORT_STREAM, _ONE_READ = 5.0, 3.0  # seconds: the least that proves something
_FAST = 100  # events a second: faster than models make them
_FEW_EVENTS = 8


@rule(
    on=Moment.GAP,
    severity=WARNING,
    source=thread("anthropics/claude-code#33949", "anthropics/anthropic-sdk-typescript#867"),
)
def gap_idle(c: Context) -> Judgement:
    """Bytes keep coming, at least as `ping`.

    Example: no bytes for 189.5 s after ev 3, longer than the 180 s of Claude Code
    """
    silence = c.clock.silence
    if silence < c.limits.gap_idle:
        return None
    crossed = [name for limit, name in _WATCHDOGS if silence >= limit]
    longer = f", longer than {crossed[-1]}" if crossed else ""
    return f"no bytes for {silence:.1f} s after ev {c.stream.events - (c.event.number is not None)}{longer}"


@rule(
    on=(Moment.GAP, Moment.END),
    severity=WARNING,
    source=thread("langchain-ai/langchain#36964", "Wei-Shaw/sub2api#1707"),
)
def gap_content(c: Context) -> Judgement:
    """Content keeps coming, not only pings or comments.

    Example: 5 pings or comments and no content for 159.5 s; a read timeout never fires
    """
    clock, stream, quiet = c.clock, c.stream, c.clock.quiet
    if stream.closed:
        over = stream.stop_at or stream.error_at or c.message.stop_reason
        quiet = clock.t - clock.last_content if clock.gap_pings and not over else 0.0
    if not c.timed or quiet < c.limits.gap_content or clock.silence >= c.limits.gap_idle:
        return None
    pings = f"{clock.gap_pings} pings or comments"
    return f"{pings} and no content for {quiet:.1f} s; a read timeout never fires"


@rule(on=Moment.END, severity=INFO, source=thread("QuantumNous/new-api#971"))
def first_event_slow(c: Context) -> Judgement:
    """The first event comes soon.

    Example: the first event came after 23.4 s
    """
    at = c.stream.first_at
    if at is None or at.t is None or at.t <= c.limits.first_event:
        return None
    return f"the first event came after {at.t:.1f} s"


@rule(
    on=Moment.END,
    severity=WARNING,
    source=thread("merchantprotocol/sulla-desktop#540", "ggml-org/llama.cpp#20872"),
)
def burst_delivery(c: Context) -> Judgement:
    """Events come as they are made, not all at once; 8 in 5 s, or 3 s in one read, are the least to judge.

    Example: 25 of 25 events came within 0.2 s, from 30.0 s on: something on the way is buffering
    """
    samples, total, last = c.clock.samples, c.stream.events, c.clock.last_bytes
    if not c.timed or total < _FEW_EVENTS or last < _ONE_READ or not samples:
        return None
    first, duration = samples[0][0], last - (c.response.t if c.response else 0.0)
    if first == last:
        return f"all {total} events came in one read, after {last:.1f} s: something on the way is buffering"
    if first >= 0.8 * last and last >= _SHORT_STREAM:
        window, count, begin = last - first, total, first
    else:
        window, count, begin = _densest([*samples, (last, total)])
        if window > 0.05 * duration or duration < _SHORT_STREAM:
            return None
    if count < window * _FAST:
        return None  # a model may begin late, and send its events evenly from there on
    within = f"within {window:.1f} s, from {begin:.1f} s on"
    return f"{count} of {total} events came {within}: something on the way is buffering"


def _densest(points: list[tuple[float, int]]) -> tuple[float, int, float]:
    """Find the shortest time in which nine tenths of the events came: (seconds, events, its beginning).

    Points are (time, number of events by then).
    """
    needed = 0.9 * points[-1][1]
    best = (float("inf"), 0, 0.0)
    low = 0
    for t, number in points:
        while low < len(points) - 1 and number - points[low + 1][1] + 1 >= needed:
            low += 1
        count = number - points[low][1] + 1
        if count >= needed and t - points[low][0] < best[0]:
            best = (t - points[low][0], count, points[low][0])
    return best


@rule(
    on=Moment.END,
    severity=WARNING,
    source=thread("tombii/better-ccflare#307"),
)
def open_after_stop_reason(c: Context) -> Judgement:
    """`message_stop` follows the stop reason at once.

    Example: 20.5 s from the stop_reason end_turn (ev 6 @718) until message_stop came
    """
    at, message, stream = c.message.reason_at, c.message, c.stream
    if not c.timed or at is None or at.t is None or stream.error_at or message.prefilled:
        return None
    until = stream.stop_at.t if stream.stop_at else c.clock.t
    pause = (until or 0.0) - at.t
    if pause <= c.limits.open_after_reason:
        return None
    end = "message_stop came" if stream.stop_at else f"the end ({stream.ending or 'unknown'})"
    return f"{pause:.1f} s from the stop_reason {message.stop_reason} ({at}) until {end}"


@rule(
    on=Moment.END,
    severity=WARNING,
    source="measured: the SDK reads to the end of the body",
)
def open_after_message_stop(c: Context) -> Judgement:
    """The body ends with `message_stop`.

    Example: the body stayed open for 30.0 s after message_stop (ev 7 @865)
    """
    at = c.stream.stop_at
    if not c.timed or at is None or at.t is None or c.stream.ending is Ending.ABANDONED:
        return None
    pause = c.clock.t - at.t
    if pause <= c.limits.open_after_stop:
        return None
    return f"the body stayed open for {pause:.1f} s after message_stop ({at})"


@rule(on=Moment.END, severity=INFO, source=DOC_STREAM)
def ping_cadence(c: Context) -> Judgement:
    """Pings come now and then.

    Example: 3 pings, 1.0 to 2.0 s apart
    """
    clock = c.clock
    if clock.shortest_ping_gap is None:
        return None
    return f"{clock.pings} pings, {clock.shortest_ping_gap:.1f} to {clock.longest_ping_gap:.1f} s apart"


@rule(on=Moment.END, severity=WARNING, source=thread("MadSkittles/Router-Maestro#61"))
def comment_keepalive_only(c: Context) -> Judgement:
    """A `ping` event, which clients can see, keeps a stream alive; a comment does not.

    Example: 19.5 s with comments and without any ping; watchdogs count events
    """
    longest = c.clock.comment_pause
    if c.clock.pings or longest < c.limits.first_event:
        return None
    return f"{longest:.1f} s with comments and without any ping; watchdogs count events"
