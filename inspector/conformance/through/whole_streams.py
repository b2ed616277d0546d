"""What must come through a hop whole, and in time: every kind of event, pings, large streams."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

from inspector import _json
from inspector.conformance.both_sides import Flow, Pair, change_text
from inspector.conformance.calling import Limits
from inspector.conformance.hop import Hop
from inspector.conformance.probes import Failed, Kind, NotApplicable, probe
from inspector.conformance.scoring.scorecard import Deviation
from inspector.conformance.through.material import (
    bundled,
    deltas,
    frames,
    message_of,
    paced,
    played,
    streamed,
    whole_names,
    with_cached_tokens,
)
from inspector.recording import Recording
from inspector.views.changes import Change, Part

__all__ = ["large_stream_deviations"]

_EVENTS = "https://platform.claude.com/docs/en/build-with-claude/streaming#event-types"
_PINGS = "https://platform.claude.com/docs/en/build-with-claude/streaming#ping-events"
_SSE = "https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream"

_NUMBER = re.compile(r"\d[\d,]*")  # what differs in each recording
_NAMES = whole_names()
_EVERY = 0.004  # seconds between the reads of a recording
_LATE = 0.25  # seconds: a hop that keeps an event for longer holds it back
_TEXT_DELTAS, _TOOL_BYTES = 100_000, 2_000_000


@probe(
    "verbatim",
    "Every kind of event, content block and delta comes out as it was sent.",
    kind=Kind.THROUGH,
    requests=len(_NAMES) + 1,
    max_tokens=1024 * (len(_NAMES) + 1),
    source=_EVENTS,
)
def verbatim(hop: Hop) -> Iterator[Deviation]:
    """Play each recording that ended well, the first one alone: it says whether anything comes through."""
    first = hop.play(paced(bundled("hello"), _EVERY), limits=Limits(30.0, 15.0))
    if not first.reached:
        raise Failed(
            first.front.fail(f"no request came to the upstream at {hop.upstream.url}: {first.front.said}")
        )
    first.front.accepted()
    names = [name for name in _NAMES if name != "hello"]
    plays = [partial(hop.play, paced(bundled(name), _EVERY), **_members(name)) for name in names]
    rest = hop.play_all([*plays, partial(hop.play, with_cached_tokens())])
    yield from _once(zip(["hello", *names, "cached tokens"], [first, *rest], strict=True))


def _members(name: str) -> dict[str, Any]:
    """Return what a request needs so that this recording may answer it."""
    if "tool" not in name:
        return {}
    schema = {"type": "object", "properties": {}, "additionalProperties": True}
    return {"tools": [{"name": "any_tool", "description": "A tool.", "input_schema": schema}]}


def _once(pairs: Iterator[tuple[str, Pair]]) -> Iterator[Deviation]:
    """Yield each kind of change once, with the first recording that proves it."""
    seen: set[tuple[Any, ...]] = set()
    for name, pair in pairs:
        for kind, deviation in _deviations(name, pair):
            if kind not in seen:
                seen.add(kind)
                yield deviation


def _deviations(name: str, pair: Pair) -> Iterator[tuple[tuple[Any, ...], Deviation]]:
    front = pair.front
    if front.status != 200:
        yield (
            ("refused", front.status),
            front.fail(f"the answer `{name}` does not come out: {front.said}"),
        )
        return
    if pair.translated:
        for each in pair.bridged():
            yield (_NUMBER.sub("n", each.message),), replace(each, message=f"{name}: {each.message}")
        return
    for change in pair.changes():
        renamed = change.part is Part.MESSAGE and change.path[-1] == "model"
        text = f"{name}: {change_text(change)}"
        yield _kind_of(change), front.warn(text) if renamed else front.fail(text)
    sent, came = (_id(each) for each in (pair.meant, front.recording))
    if came and sent != came:
        yield ("id",), front.warn("it renames the message: the id is not the upstream's")
    counts = [_deltas(each) for each in (pair.meant, front.recording)]
    if 2 * counts[1] < counts[0]:
        yield ("deltas",), front.warn(f"{name}: {counts[0]} deltas come out as {counts[1]}")


def _kind_of(change: Change) -> tuple[Any, ...]:
    """Return what is the same for changes of one kind in several recordings."""
    return (change.part, *(step for step in change.path if not isinstance(step, int)))


def _id(recording: Recording) -> Any:
    return (recording.message() or {}).get("id")


def _deltas(recording: Recording) -> int:
    return sum(1 for event in recording.events() if event.type == "content_block_delta")


@probe(
    "pings",
    "Pings come out while the upstream sends nothing else.",
    kind=Kind.THROUGH,
    requests=1,
    max_tokens=1024,
    source=_PINGS,
    seen=("https://github.com/LuthienResearch/luthien-proxy/issues/804",),
)
def pings(hop: Hop) -> Iterator[Deviation]:
    """Send pings and comments in a pause of two seconds."""
    events = frames(message_of(deltas(["One ", "two."])))
    ping = frames([{"type": "ping"}])[0]
    reads = [(0.02, b"".join(events[:3]))]
    reads += [(0.3 * n, ping if n % 3 else b": keep-alive\n\n") for n in range(1, 7)]
    pair = hop.play(played([*reads, (2.1, b"".join(events[3:]))]))
    pair.front.accepted()
    if pair.translated:
        raise NotApplicable("the upstream's protocol has no pings")
    sent = sum(1 for event in pair.meant.events() if event.type == "ping")
    came = pair.kinds["ping"]
    if came < sent:
        yield pair.front.fail(f"{sent - came} of {sent} pings are lost")
    flow = Flow.of(pair.front.recording, pair.last, "ping")
    if flow.delay(0.5) > _LATE:
        yield pair.front.warn(f"a ping comes out {flow.delay(0.5):.2f} s after it was sent (p50)")


@probe(
    "pace",
    "Events come out when they were sent; a hop that holds them back only gets a warning.",
    kind=Kind.THROUGH,
    alone=True,
    requests=1,
    max_tokens=1024,
    source=_EVENTS,
)
def pace(hop: Hop) -> Generator[Deviation, None, str]:
    """Play a recording at its own pace."""
    pair = hop.play(bundled("hello"))
    pair.front.accepted()
    flow = Flow.of(pair.front.recording, pair.last)
    late = flow.delay(0.5) > 0.05
    lumped = flow.reads_front * 2 < flow.reads_behind
    if late or lumped:
        at_once = flow.delays and flow.delays[-1] > 0.9 * flow.length
        verdict = "it holds the stream back until its end" if at_once else "it holds events back"
        yield pair.front.warn(f"{verdict}: {flow.text}")
    return flow.text


@probe(
    "big",
    "A large stream comes out whole: a tool input of 2 MB, 100,000 deltas, one byte a read, CRLF.",
    kind=Kind.THROUGH,
    alone=True,
    requests=5,
    max_tokens=5 * 1024,
    source=_SSE,
)
def big(hop: Hop) -> Iterator[Deviation]:
    """Play them side by side."""
    plays = {what: partial(hop.play, recording) for what, recording in _big().items()}
    for what, pair in zip(plays, hop.play_all([*plays.values()]), strict=True):
        yield from large_stream_deviations(what, pair)


def large_stream_deviations(what: str, pair: Pair) -> Iterator[Deviation]:
    """Judge a stream that came out: as a whole, or, if we gave up reading, as far as it came."""
    front, meant = pair.front, pair.meant.message() or {}
    size = f"{len(front.recording.body):,} bytes"
    if front.status != 200:
        yield front.fail(f"{what}: {front.said}")
    elif front.stopped and (came := _joined(front.recording)) and _joined(pair.meant).startswith(came):
        yield front.warn(f"{what}: {front.stopped}; the {size} that came are right")
    elif front.failure:
        yield front.fail(f"{what}: it breaks off after {size}: {front.failure}")
    elif [*map(_said, front.content)] != [*map(_said, meant["content"])]:
        yield front.fail(
            f"{what}: it does not come out whole: {_lengths(meant)} became {_lengths(front.message)}"
        )


@cache
def _big() -> dict[str, Recording]:
    tool = '{"text":"' + "0123456789" * (_TOOL_BYTES // 10) + '"}'
    size = 256 * 1024
    few = [tool[at : at + size] for at in range(0, len(tool), size)]
    small = [tool[at : at + 1000] for at in range(0, len(tool), 1000)]
    many = (f"{number} " for number in range(_TEXT_DELTAS))
    short = b"".join(frames(message_of(deltas(["Byte ", "by ", "byte, né? 🙂"]))))
    return {
        "a tool input of 2 MB in 8 deltas": _at_once(deltas(few, tool="save"), "tool_use"),
        "a tool input of 2 MB in 2,000 deltas": _at_once(deltas(small, tool="save"), "tool_use"),
        "100,000 deltas": _at_once(deltas(many), "end_turn"),
        "one byte a read": streamed([short[at : at + 1] for at in range(len(short))], 0.001),
        "lines that end in CRLF": paced(bundled("crlf"), _EVERY),
    }


def _at_once(block: Iterator[dict[str, Any]], stop_reason: str) -> Recording:
    return streamed([b"".join(frames(message_of(block, stop_reason=stop_reason)))])


def _joined(recording: Recording) -> str:
    """Return what all deltas of a stream add up to, whether it is whole or not."""
    deltas = (_json.as_object(_json.as_object(event.data).get("delta")) for event in recording.events())
    return "".join(str(delta.get("text") or delta.get("partial_json") or "") for delta in deltas)


def _said(block: Any) -> tuple[Any, ...]:
    return tuple(block.get(name) for name in ("type", "text", "input"))


def _lengths(message: Any) -> str:
    blocks = message.get("content") or []
    return f"{sum(len(str(_said(block))) for block in blocks):,} characters"
