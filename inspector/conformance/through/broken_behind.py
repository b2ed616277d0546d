"""What goes wrong behind a hop must be seen in front of it: errors, cuts, silence."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

from inspector import _json
from inspector.conformance.arrival import shown
from inspector.conformance.both_sides import Pair
from inspector.conformance.calling import Limits
from inspector.conformance.hop import Hop
from inspector.conformance.probes import Kind, NotTested, probe
from inspector.conformance.scoring.scorecard import Deviation
from inspector.conformance.through.material import broken, bundled, error_answer, paced
from inspector.protocol import error_for_status
from inspector.recording import Ending, Recording

__all__: list[str] = []

_ERRORS = "https://platform.claude.com/docs/en/api/errors"
_STREAM_ERRORS = "https://platform.claude.com/docs/en/build-with-claude/streaming#error-events"
_HTTP = "https://www.rfc-editor.org/rfc/rfc9112#section-8"

_STATUSES = (400, 401, 404, 413, 429, 500, 529)
_RETRY_AFTER = "3"
_EVERY = 0.02  # seconds between reads: a cut at full speed may overtake the bytes before it
_WAIT = 15.0  # seconds that a client waits after a cut
_WAITING = Limits(60.0, _WAIT)
_RETRIED_IN_VAIN = frozenset({400, 401, 404, 413})


@probe(
    "upstream-error",
    "An error of the upstream comes out with its status, its type and its retry-after.",
    kind=Kind.THROUGH,
    requests=len(_STATUSES),
    max_tokens=1024 * len(_STATUSES),
    source=_ERRORS,
)
def upstream_error(hop: Hop) -> Iterator[Deviation]:
    """Answer with each status, however often the hop tries again."""
    answers = [_error(status) for status in _STATUSES]
    for status, pair in zip(
        _STATUSES, hop.play_all([partial(hop.play, each) for each in answers]), strict=True
    ):
        yield from _error_deviations(status, pair)


def _error(status: int) -> Recording:
    kind, message = error_for_status(status)[0], f"This is the upstream's {status}."
    return error_answer(status, kind, message, {"retry-after": _RETRY_AFTER} if status == 429 else None)


def _error_deviations(status: int, pair: Pair) -> Iterator[Deviation]:
    front, meant = pair.front, pair.meant
    if pair.translated:
        yield from pair.bridged()
        return
    if front.status is None:
        yield front.fail(f"the upstream's {status} does not come out: {front.said}")
        return
    if front.status != status:
        yield front.fail(f"the upstream's {status} comes out as {front.status}")
    sent = _json.as_object(_json.loads(meant.body))["error"]["type"]
    if not front.refuses_as_the_api:
        yield front.fail(f"the body of the {status} is not an error in the API's form: {front.error}")
    elif (came := front.json["error"]["type"]) != sent:
        yield front.fail(f"the type of the {status} was {sent} and became {came}")
    wanted = "retry-after" if status == 429 else ""
    if wanted and front.headers.get(wanted) != _RETRY_AFTER:
        came = front.headers.get(wanted)
        yield front.fail(
            f"retry-after: {_RETRY_AFTER} of the {status} " + (f"became {came}" if came else "is lost")
        )
    if "request-id" not in front.headers:
        yield front.warn(f"the {status} comes out without its request-id")
    if pair.tries > 1 and status in _RETRIED_IN_VAIN:
        yield front.warn(
            f"it sends a request again that was answered with {status}: {pair.tries} times in all"
        )


@probe(
    "error-mid-stream",
    "An error event in a stream comes out as one, and nothing says that the message is whole.",
    kind=Kind.THROUGH,
    requests=1,
    max_tokens=1024,
    source=_STREAM_ERRORS,
    seen=("https://github.com/vllm-project/vllm/issues/46028",),
)
def error_mid_stream(hop: Hop) -> Iterator[Deviation]:
    """Send `overloaded_error` after some text."""
    pair = hop.play(paced(bundled("error_mid_stream"), _EVERY), limits=_WAITING)
    front, error = pair.front, pair.event("error")
    if pair.translated:
        yield from pair.bridged()
        return
    if pair.success:
        stop = pair.event("message_stop") or pair.stop
        yield front.fail(
            f"the upstream's error is followed by {pair.success}: a client takes it for whole", stop
        )
    if error is None and front.status == 200:
        yield front.fail("the upstream's error event does not come out")
    if error is not None:
        sent = next(event.data["error"] for event in pair.meant.events() if event.type == "error")
        came = _json.as_object(_json.as_object(error.data).get("error"))
        if came.get("type") != sent["type"]:
            yield front.fail(
                f"the error's type was {sent['type']} and became {shown(came.get('type'))}", error
            )


_PLACES = {
    "before any event": ("hello", "ev:1"),
    "in a text": ("hello", "ev:12"),
    "in the input of a tool": ("tool_use", "ev:9"),
}
_ENDS = {"cut-clean": "ends too early", "cut-fin": "is closed", "cut-rst": "is reset"}


@probe(
    "cut",
    "A stream that breaks off behind is no success in front, wherever and however it breaks off.",
    kind=Kind.THROUGH,
    requests=len(_PLACES) * len(_ENDS),
    max_tokens=1024 * len(_PLACES) * len(_ENDS),
    source=_HTTP,
    seen=("https://github.com/kortix-ai/suna/issues/4821",),
)
def cut(hop: Hop) -> Iterator[Deviation]:
    """Cut before any event, in a text and in tool JSON: by a proper end, a FIN and a RST."""
    cases = [*itertools.product(_PLACES, _ENDS)]
    plays = [partial(hop.play, _cut(place, end), limits=_WAITING) for place, end in cases]
    for (place, end), pair in zip(cases, hop.play_all(plays), strict=True):
        yield from _cut_deviations(pair, f"the upstream {_ENDS[end]} {place}", end)


def _cut(place: str, end: str) -> Recording:
    name, at = _PLACES[place]
    return broken(paced(bundled(name), _EVERY), f"{end}@{at}")


def _cut_deviations(pair: Pair, what: str, end: str) -> Iterator[Deviation]:
    front, how = pair.front, pair.front.recording.end
    if not pair.reached:
        raise NotTested(f"the request did not reach the upstream: {front.said}")
    if pair.success:
        stop = pair.event("message_stop") or pair.stop
        yield front.fail(f"{what}: it invents {pair.success}, and a client takes the message for whole", stop)
        return
    sent = [event for event in pair.meant.events() if event.type == "content_block_stop"]
    if pair.kinds["content_block_stop"] > len(sent):
        yield front.fail(f"{what}: it closes the content block", pair.event("content_block_stop"))
    if how is not None and how.how is Ending.TIMEOUT:
        yield front.fail(f"{what}: nothing comes out for {_WAIT:g} s, and the connection stays open")
        return
    if front.status != 200 and not front.refuses_as_the_api:
        yield front.warn(f"{what}: {front.status} comes out, and no error in the API's form")
    if end != "cut-clean" and not pair.failed_openly:
        yield front.fail(f"{what}: it comes out as a proper end, and a client cannot see the cut")
    if front.status == 200 and (lost := _lost(pair)):
        text = f"{what}: {lost:,} of {len(pair.meant.body):,} bytes that were sent before do not come out"
        yield front.warn(text) if end == "cut-rst" else front.fail(text)


def _lost(pair: Pair) -> int:
    """Return how many bytes of the events that were sent before the cut did not come out, by their events."""
    whole = [event for event in pair.meant.events() if event.type != "ping"]
    came = sum(1 for event in pair.front.events if event.type not in ("ping", "error"))
    return len(pair.meant.body) - whole[came].offset if came < len(whole) and not pair.translated else 0


@probe(
    "stall",
    "An upstream that falls silent is no success in front: an error, or silence.",
    kind=Kind.THROUGH,
    requests=2,
    max_tokens=2048,
    source=_STREAM_ERRORS,
)
def stall(hop: Hop) -> Iterator[Deviation]:
    """Fall silent after the head, and in a text."""
    places = {"after its head": "ev:1", "in a text": "ev:12"}
    faults = [f"stall=forever@{at}" for at in places.values()]
    answers = [broken(paced(bundled("hello"), _EVERY), fault) for fault in faults]
    limit = hop.stall
    plays = [partial(hop.play, each, limits=Limits(limit, limit)) for each in answers]
    for place, pair in zip(places, hop.play_all(plays), strict=True):
        what, front = f"the upstream falls silent {place}", pair.front
        end = front.recording.end
        if not pair.reached:
            raise NotTested(f"the request did not reach the upstream: {front.said}")
        if pair.success:
            yield front.fail(f"{what}: it invents {pair.success}", pair.event("message_stop") or pair.stop)
        elif end is not None and end.how is Ending.COMPLETE and not pair.failed_openly:
            yield front.fail(f"{what}: it comes out as a proper end after {end.t:.1f} s")
