"""What a hop makes of several requests, and of clients: retries, a client that leaves, mixing, secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from inspector.conformance.arrival import shown
from inspector.conformance.both_sides import moment
from inspector.conformance.calling import Limits
from inspector.conformance.evidence import Answer
from inspector.conformance.hop import Hop
from inspector.conformance.probes import Kind, probe
from inspector.conformance.scoring.scorecard import Deviation
from inspector.conformance.through.material import (
    broken,
    bundled,
    deltas,
    error_answer,
    frames,
    message_of,
    paced,
    played,
    streamed,
)
from inspector.protocol import error_for_status
from inspector.recording import Recording

__all__: list[str] = []

_ERRORS = "https://platform.claude.com/docs/en/api/errors"
_EVENTS = "https://platform.claude.com/docs/en/build-with-claude/streaming#event-types"
_KEYS = "https://platform.claude.com/docs/en/api/overview#authentication"
_HTTP = "https://www.rfc-editor.org/rfc/rfc9110#section-15.6"

_EVERY = 0.02
_LEAVE = 4.0  # seconds after which the client leaves, even if nothing has come
_SLOW, _LIMIT = 1.0, 5.0  # seconds until the upstream's connection must have closed: a warning, a failure
_STREAMS = 32


@probe(
    "retry",
    "After a failed try, one answer comes out: one message_start, and no text twice.",
    kind=Kind.THROUGH,
    requests=3,
    max_tokens=3072,
    source=_ERRORS,
    seen=("https://github.com/vercel/ai/issues/18331",),
)
def retry(hop: Hop) -> Iterator[Deviation]:
    """Be overloaded twice, or break off before any event or in a text; answer the next try."""
    good = paced(bundled("hello"), _EVERY)
    overloaded = error_answer(529, "overloaded_error", "Overloaded")
    tries = {
        "529 twice, then an answer": (overloaded, overloaded, good),
        "a cut before any event, then an answer": (broken(good, "cut-fin@ev:1"), good),
        "a cut in a text, then an answer": (broken(good, "cut-fin@ev:20"), good),
    }
    text = "".join(block["text"] for block in (good.message() or {})["content"])
    pairs = hop.play_all([partial(hop.play, *answers) for answers in tries.values()])
    for what, pair in zip(tries, pairs, strict=True):
        if pair.tries < 2:  # then it is up to the client to try again
            continue
        starts = [event for event in pair.front.events if event.type == "message_start"]
        if len(starts) > 1:
            yield pair.front.fail(f"{what}: {len(starts)} message_start come out", starts[1])
        elif len(pair.front.text) > len(text) or (pair.success and pair.front.text != text):
            yield pair.front.fail(f"{what}: {_compared(pair.front.text, text)}")


def _compared(came: str, text: str) -> str:
    if came.count(text[:40]) > 1 or len(came) > len(text):
        return f"text comes out twice: {len(came)} characters, and the answer has {len(text)}"
    return f"the message is called whole, and has {len(came)} of {len(text)} characters"


@probe(
    "cancel",
    "When the client leaves, the connection to the upstream is closed within seconds.",
    kind=Kind.THROUGH,
    requests=2,
    max_tokens=2048,
    source=_HTTP,
    seen=(
        "https://github.com/bman654/clodex/issues/170",
        "https://github.com/diegosouzapw/OmniRoute/issues/14342",
    ),
)
def cancel(hop: Hop) -> Iterator[Deviation]:
    """Leave in the middle of a stream, and in a silence."""
    events = frames(message_of(deltas(f"{number} " for number in range(200))))
    answers = {
        "in the middle of a stream": streamed(events, 0.05),
        "while the upstream is silent": played([(0.02, b"".join(events[:3])), (30.0, b"".join(events[3:]))]),
    }
    leaving = Limits(_LEAVE, _LEAVE, enough=0)
    plays = [partial(hop.play, each, limits=leaving) for each in answers.values()]
    for what, pair in zip(answers, hop.play_all(plays), strict=True):
        end, behind = pair.front.recording.end, pair.last
        left = moment(pair.front.recording, end.t if end else 0.0)
        if behind.end is None:
            yield pair.front.fail(
                f"the client leaves {what}: {_LIMIT:g} s later the upstream still has its connection"
            )
            continue
        later = moment(behind, behind.end.t) - left
        if later > _SLOW:
            yield pair.front.warn(f"the client leaves {what}: the upstream is left {later:.1f} s later")


@probe(
    "concurrent-streams",
    f"{_STREAMS} streams at a time: nobody gets what is another's.",
    kind=Kind.THROUGH,
    alone=True,
    requests=_STREAMS,
    max_tokens=1024 * _STREAMS,
    source=_EVENTS,
    seen=("https://github.com/PostHog/posthog/issues/72287",),
)
def concurrent_streams(hop: Hop) -> Iterator[Deviation]:
    """Play streams side by side, each with a word of its own."""
    names = [f"stream{number:02d}" for number in range(_STREAMS)]
    plays = [partial(hop.play, _repeating(word)) for word in names]
    for word, pair in zip(names, hop.play_all(plays, at_a_time=_STREAMS), strict=True):
        foreign = sorted({each for each in re.findall(r"stream\d\d", pair.front.text) if each != word})
        if foreign:
            yield pair.front.fail(f"text of another stream comes out: {foreign[0]} in {word}")
        elif pair.front.status != 200:
            yield pair.front.fail(f"{_STREAMS} at a time: {pair.front.said}")
        elif pair.front.text.count(word) != _COUNT:
            yield pair.front.fail(
                f"{pair.front.text.count(word)} of {_COUNT} repetitions come out: {pair.front.failure}"
            )


_COUNT = 20


def _repeating(word: str) -> Recording:
    return streamed(frames(message_of(deltas(f"{word} " for _ in range(_COUNT)))), _EVERY)


@probe(
    "leak",
    "No answer and no error has a key in it, or the insides of the hop.",
    kind=Kind.THROUGH,
    requests=4,
    max_tokens=4096,
    source=_KEYS,
)
def leak(hop: Hop) -> Iterator[Deviation]:
    """Answer well, with errors and with a cut; look for keys and stack traces in what comes out."""
    good = paced(bundled("hello"), _EVERY)
    answers = [good, broken(good, "cut-rst@ev:1"), *(_error(status) for status in (401, 500))]
    mine = hop.key or _MADE_UP_KEY
    headers = {} if hop.key else {"x-api-key": mine}
    for pair in hop.play_all([partial(hop.play, each, headers=headers) for each in answers]):
        for key in dict.fromkeys((mine, *pair.keys)):
            whose = "the client" if key == mine else "the hop"
            for where in _places(key.encode(), pair.front) if len(key) >= _SHORTEST_KEY else ():
                yield pair.front.fail(f"the key of {whose} is in {where} (the recording does not have it)")
        trace = _TRACE.search(pair.front.received[:1_000_000])
        if trace is not None:
            said = trace[0].decode("utf-8", "replace")
            yield pair.front.fail(f"a stack trace with paths comes out: {shown(said)}")


def _places(key: bytes, front: Answer) -> Iterator[str]:
    """Name the places of an answer in which a key is, as it came: the recording withholds and masks."""
    if key in front.received:
        yield "what comes out"
    for name, value in front.received_fields:
        if key in value:
            yield f"the header `{name.decode('latin-1').lower()}` that comes out"


_SHORTEST_KEY = 8  # characters: a shorter one may stand in a text by chance
_MADE_UP_KEY = "sk-ant-api03-made-up-for-inspector-probe-leak"

_TRACE = re.compile(
    rb'Traceback \(most recent call last\)|File \\?"/[^"\\]+\\?", line \d+'
    rb"|\bat [^\n\"\\]{0,100}\(?(?:file://|node:)?/[^\s\"\\)]+:\d+:\d+|goroutine \d+ \[|\.go:\d+ \+0x"
)


def _error(status: int) -> Recording:
    return error_answer(status, error_for_status(status)[0], f"This is the upstream's {status}.")
