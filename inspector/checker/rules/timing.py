"""Timing: silences, buffering, connections that stay open. Only where the times were recorded."""

from __future__ import annotations

from inspector.checker.citations import DOC_STREAM, thread
from inspector.checker.context import Scene
from inspector.checker.findings import Severity
from inspector.checker.reactions import Reaction
from inspector.checker.rule import Judgement, Moment, rule
from inspector.recording import Ending

__all__: list[str] = []

WARNING, INFO = Severity.WARNING, Severity.INFO

_WATCHDOGS = (
    (20, "the 20 s banner of Claude Code"),
    (60, "the 60 s of nginx and AWS load balancers"),
    (90, "the 90 s of Claude Code"),
    (125, "the 125 s of Cloudflare"),
    (180, "the 180 s of Claude Code"),
    (300, "the 300 s of undici and Bun"),
    (600, "the 600 s of the Anthropic SDK"),
)
_SHORT_STREAM = 5.0
_FEW_EVENTS = 8


@rule(
    on=Moment.GAP,
    severity=WARNING,
    source=thread("anthropics/claude-code#33949", "anthropics/anthropic-sdk-typescript#867"),
    sdk=Reaction("waits: its read timeout is 600 s"),
    example="no bytes for 189.5 s after ev 3, longer than the 180 s of Claude Code",
)
def gap_idle(s: Scene) -> Judgement:
    """Bytes keep coming, a `ping` at least."""
    if s.silence < s.limits.gap_idle:
        return None
    crossed = [name for limit, name in _WATCHDOGS if s.silence >= limit]
    longer = f", longer than {crossed[-1]}" if crossed else ""
    return f"no bytes for {s.silence:.1f} s after ev {s.number - (s.event is not None)}{longer}"


@rule(
    on=(Moment.GAP, Moment.END),
    severity=WARNING,
    source=thread("langchain-ai/langchain#36964", "Wei-Shaw/sub2api#1707"),
    sdk=Reaction("waits for ever: every byte restarts its read timeout"),
    example="5 pings or comments and no content for 159.5 s; a read timeout can never fire",
)
def gap_content(s: Scene) -> Judgement:
    """Content keeps coming, and not pings or comments alone."""
    quiet = s.quiet
    if s.end is not None:
        over = s.stop_at or s.error_at or s.message.stop_reason
        quiet = s.t - s.content_t if s.gap_pings and not over else 0.0
    if not s.timed or quiet < s.limits.gap_content or s.silence >= s.limits.gap_idle:
        return None
    return f"{s.gap_pings} pings or comments and no content for {quiet:.1f} s; a read timeout can never fire"


@rule(
    on=Moment.END,
    severity=INFO,
    source=thread("QuantumNous/new-api#971"),
    example="the first event came after 23.4 s",
)
def first_event_slow(s: Scene) -> Judgement:
    """The first event comes soon."""
    at = s.first_at
    if at is None or at.t is None or at.t <= s.limits.first_event:
        return None
    return f"the first event came after {at.t:.1f} s"


@rule(
    on=Moment.END,
    severity=WARNING,
    source=thread("merchantprotocol/sulla-desktop#540", "ggml-org/llama.cpp#20872"),
    sdk=Reaction("hands out what comes as it comes"),
    example="25 of 25 events came within 0.2 s, from 30.0 s on: something on the way is buffering",
)
def burst_delivery(s: Scene) -> Judgement:
    """Events come as they are made, and not all at once."""
    if not s.timed or s.number < _FEW_EVENTS or s.last_t < _SHORT_STREAM or not s.samples:
        return None
    first = s.samples[0][0]
    span = s.last_t - s.head.response.t if s.head.response else s.last_t
    window, count, start = _densest(s)
    late = first >= 0.8 * s.last_t
    if not late and not (window <= 0.05 * span and span >= _SHORT_STREAM):
        return None
    when = first if late else start
    took = s.last_t - first if late else window
    told = s.number if late else count
    share = f"{told} of {s.number} events"
    return f"{share} came within {took:.1f} s, from {when:.1f} s on: something on the way is buffering"


def _densest(s: Scene) -> tuple[float, int, float]:
    """The shortest time in which nine tenths of the events came: (seconds, events, its beginning)."""
    points = [*s.samples, (s.last_t, s.number)]
    need = 0.9 * s.number
    best = (float("inf"), 0, 0.0)
    low = 0
    for t, number in points:
        while low < len(points) - 1 and number - points[low + 1][1] + 1 >= need:
            low += 1
        count = number - points[low][1] + 1
        if count >= need and t - points[low][0] < best[0]:
            best = (t - points[low][0], count, points[low][0])
    return best


@rule(
    on=Moment.END,
    severity=WARNING,
    source=thread("tombii/better-ccflare#307"),
    sdk=Reaction("waits for the end of the body"),
    example="20.5 s from the stop_reason end_turn (ev 6 @718) until message_stop came",
)
def open_after_stop_reason(s: Scene) -> Judgement:
    """`message_stop` follows the stop reason at once."""
    at, message = s.message.reason_at, s.message
    if not s.timed or at is None or at.t is None or s.error_at or message.prefilled:
        return None
    until = s.stop_at.t if s.stop_at else s.t
    pause = (until or 0.0) - at.t
    if pause <= s.limits.open_after_reason:
        return None
    then = "message_stop came" if s.stop_at else f"the end ({s.how or 'unknown'})"
    return f"{pause:.1f} s from the stop_reason {message.stop_reason} ({at}) until {then}"


@rule(
    on=Moment.END,
    severity=WARNING,
    source="measured: the SDK reads to the end of the body",
    sdk=Reaction("does not return before the connection closes"),
    example="the body stayed open for 30.0 s after message_stop (ev 7 @865)",
)
def open_after_message_stop(s: Scene) -> Judgement:
    """The body ends with `message_stop`."""
    at = s.stop_at
    if not s.timed or at is None or at.t is None or s.how is Ending.ABANDONED:
        return None
    pause = s.t - at.t
    return (
        f"the body stayed open for {pause:.1f} s after message_stop ({at})"
        if pause > s.limits.open_after_stop
        else None
    )


@rule(on=Moment.END, severity=INFO, source=DOC_STREAM, example="3 pings, 1.0 to 2.0 s apart")
def ping_cadence(s: Scene) -> Judgement:
    """Pings come now and then."""
    if not s.ping_gaps:
        return None
    low, high = s.ping_gaps
    return f"{s.pings} pings, {low:.1f} to {high:.1f} s apart"


@rule(
    on=Moment.END,
    severity=WARNING,
    source=thread("MadSkittles/Router-Maestro#61"),
    example="19.5 s with comments and without any ping; watchdogs count events",
)
def comment_keepalive_only(s: Scene) -> Judgement:
    """What keeps a stream alive is a `ping` event, which clients can see, and not a comment."""
    longest = s.tally.get("comment pause", 0.0)
    if s.pings or longest < s.limits.first_event:
        return None
    return f"{longest:.1f} s with comments and without any ping; watchdogs count events"
