"""Timing: silences, buffering, connections that stay open. Only for recordings with real times."""

from __future__ import annotations

from inspector.checker.buffering import buffering
from inspector.checker.citations import DOC_STREAM, thread
from inspector.checker.context import Context
from inspector.checker.rule import ANY_END, INFO, WARNING, Judgement, Moment, rule
from inspector.protocol.watchdogs import Measure, crossed
from inspector.recording import Ending

__all__: list[str] = []


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
    watchdogs = list(crossed(silence, Measure.BYTES))
    longer = f", longer than {watchdogs[-1]}" if watchdogs else ""
    return f"no bytes for {silence:.1f} s after ev {c.stream.events - (c.event.number is not None)}{longer}"


@rule(
    on=(Moment.GAP, *ANY_END),
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


@rule(on=ANY_END, severity=INFO, source=thread("QuantumNous/new-api#971"))
def first_event_slow(c: Context) -> Judgement:
    """The first event comes soon.

    Example: the first event came after 23.4 s
    """
    at = c.stream.first_at
    if at is None or at.t is None or at.t <= c.limits.first_event:
        return None
    return f"the first event came after {at.t:.1f} s"


@rule(
    on=ANY_END,
    severity=WARNING,
    source=thread("merchantprotocol/sulla-desktop#540", "ggml-org/llama.cpp#20872"),
)
def burst_delivery(c: Context) -> Judgement:
    """Events come as they are made, not in bursts; 8 in 5 s, or 3 s in one read, are the least to judge.

    Example: 85 of 85 events came within 0.1 s, from 30.0 s on: something on the way is buffering
    """
    if not c.timed:
        return None
    began = c.response.t if c.response else 0.0
    verdict = buffering(c.clock.progress, events=c.stream.events, began=began, last=c.clock.last_bytes)
    return verdict.reason if verdict.is_certain else None


@rule(
    on=ANY_END,
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
    on=ANY_END,
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


@rule(on=ANY_END, severity=INFO, source=DOC_STREAM)
def ping_cadence(c: Context) -> Judgement:
    """Pings come now and then.

    Example: 3 pings, 1.0 to 2.0 s apart
    """
    clock = c.clock
    if clock.shortest_ping_gap is None:
        return None
    return f"{clock.pings} pings, {clock.shortest_ping_gap:.1f} to {clock.longest_ping_gap:.1f} s apart"


@rule(on=ANY_END, severity=WARNING, source=thread("MadSkittles/Router-Maestro#61"))
def comment_keepalive_only(c: Context) -> Judgement:
    """A `ping` event, which clients can see, keeps a stream alive; a comment does not.

    Example: 19.5 s with comments and without any ping; watchdogs count events
    """
    longest = c.clock.comment_pause
    if c.clock.pings or longest < c.limits.first_event:
        return None
    return f"{longest:.1f} s with comments and without any ping; watchdogs count events"
