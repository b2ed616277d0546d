"""Probes of thinking: its blocks, its signature on the way back, and what keeps a long pause alive."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from inspector import _json
from inspector.conformance.calling import Endpoint
from inspector.conformance.evidence import Answer
from inspector.conformance.probes import NotTested, probe
from inspector.conformance.prompts import WEATHER, Turns, tool_result, user
from inspector.conformance.scoring.scorecard import Deviation
from inspector.recording import Event

__all__: list[str] = []

_THINKING = "https://platform.claude.com/docs/en/build-with-claude/extended-thinking"
_PINGS = "https://platform.claude.com/docs/en/build-with-claude/streaming#ping-events"
_FORMS = ({"type": "enabled", "budget_tokens": 1024}, {"type": "adaptive"})
"""How a request enables thinking: newer models know only the second form."""
_RIDDLE = user("A farmer has 17 sheep, and all but 9 run away. How many are left? Think first.")
_PAUSE = 10.0  # seconds after which a client wants to see a ping
_AT_ONCE = 1.0  # seconds: a ping that comes right after content keeps nothing alive
_GAP = 30.0  # seconds without a byte that are too long


@probe(
    "thinking",
    "Thinking is a block before the text, with a signature, and its tokens are counted.",
    requests=2,
    max_tokens=4096,
    source=_THINKING,
    seen=(
        "https://github.com/invergent-ai/surogate/issues/113",
        "https://github.com/ankitcharolia/kiro-gateway/issues/74",
    ),
)
def thinking(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask with thinking enabled."""
    answer = _thoughtful(endpoint, _RIDDLE, 2048).accepted(optional="thinking")
    yield from answer.ended("thinking-unsigned")
    kinds = [block.get("type") for block in answer.content]
    thoughts = answer.blocks("thinking")
    if "redacted_thinking" in kinds and not thoughts:
        raise NotTested("all thinking is redacted")
    if not thoughts:
        raise NotTested("thinking is accepted, and the answer has no thinking block")
    if "text" in kinds and kinds.index("text") < kinds.index("thinking"):
        yield answer.fail("the text comes before the thinking; it should follow")
    if not all(isinstance(block.get("signature"), str) and block["signature"] for block in thoughts):
        yield answer.fail("a thinking block has no signature: it cannot be sent back")
    if not answer.usage.get("output_tokens"):
        yield answer.fail("usage counts no output tokens for an answer with thinking")


@probe(
    "thinking-round-trip",
    "Thinking and a call go back unchanged with the result, and are accepted.",
    requests=3,
    max_tokens=6144,
    source=_THINKING,
    seen=("https://github.com/open-webui/open-webui/issues/29860",),
)
def thinking_round_trip(endpoint: Endpoint) -> Iterator[Deviation]:
    """Have the model think and call a tool, and send both back with the result."""
    turns = user("What is the weather in Paris? Think about it, and then use the tool.")
    first = _thoughtful(endpoint, turns, 2048, tools=[WEATHER]).accepted(optional="thinking")
    call = next(iter(first.blocks("tool_use")), None)
    if call is None:
        raise NotTested("the model called no tool")
    if not (first.blocks("thinking") or first.blocks("redacted_thinking")):
        raise NotTested("the model did not think before its call")
    turns += [
        {"role": "assistant", "content": first.sent_back},
        {"role": "user", "content": [tool_result(call["id"], "Sunny, 21 degrees")]},
    ]
    thinking_form = _json.as_object(first.recording.request.json()).get("thinking")
    answer = endpoint.ask(turns, max_tokens=2048, thinking=thinking_form, tools=[WEATHER])
    if answer.status == 400:
        yield answer.fail(f"its own thinking is refused when it comes back: {answer.said}")
        return
    yield from answer.accepted().clean("message-empty")


@probe(
    "idle",
    "`ping` events come while a model thinks; a comment is no ping.",
    requests=3,
    max_tokens=12288,
    source=_PINGS,
    seen=(
        "https://github.com/decolua/9router/issues/3409",
        "https://github.com/diegosouzapw/OmniRoute/issues/5063",
    ),
)
def idle(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask for what takes long to think about, and look at the pauses."""
    turns = user("Find all integer solutions of x^2 - 61*y^2 = 1 with y below 10^10. Think step by step.")
    answer = _thoughtful(endpoint, turns, 4096)
    if answer.status == 400:
        answer = endpoint.ask(turns, max_tokens=4096)
    yield from answer.accepted().clean("message-empty", "thinking-unsigned", "gap-idle")
    silent = _longest_silence(answer)
    if silent > _GAP:
        yield answer.warn(f"no byte came for {silent:.0f} s; clients and proxies give up after 20 to 60 s")
    head = answer.recording.response.t if answer.recording.response else 0.0
    if head >= _PAUSE:
        yield answer.warn(f"the response begins after {head:.0f} s, and no ping can come before it")
    pauses = _pauses(answer)
    if not pauses and head < _PAUSE:
        raise NotTested(f"the answer came without a pause of {_PAUSE:g} s, so no ping was due")
    without_ping = [pause for pause in pauses if not _has_ping(answer, pause)]
    if without_ping:
        longest = max(without_ping, key=lambda pause: pause.end - pause.begin)
        inside = (block for block in answer.recording.blocks if longest.begin < block.t <= longest.end)
        comments = sum(block.data is None for block in inside)
        what = f"{comments} comment{'s' * (comments > 1)} and no ping" if comments else "no ping"
        yield answer.fail(
            f"{what} came in {longest.end - longest.begin:.0f} s without content", longest.event
        )


def _thoughtful(endpoint: Endpoint, turns: Turns, max_tokens: int, **members: Any) -> Answer:
    """Ask with thinking, in the second form if the first is refused."""
    for form in _FORMS:
        answer = endpoint.ask(turns, max_tokens=max_tokens, thinking=form, **members)
        if answer.status != 400:
            break
    return answer


class _Pause(NamedTuple):
    """A time without content: when it began and ended, in seconds, and the event that ended it."""

    begin: float
    end: float
    event: Event


def _pauses(answer: Answer) -> list[_Pause]:
    """Return the pauses of a stream that are so long that a ping is due."""
    response = answer.recording.response
    contents = [event for event in answer.events if event.type != "ping"]
    begins = [response.t if response else 0.0, *(event.t for event in contents)]
    pauses = (_Pause(begin, event.t, event) for begin, event in zip(begins, contents, strict=False))
    return [pause for pause in pauses if pause.end - pause.begin >= _PAUSE]


def _has_ping(answer: Answer, pause: _Pause) -> bool:
    """Whether a ping comes within a pause, and not only at its begin."""
    return any(
        event.type == "ping" and pause.begin + _AT_ONCE < event.t <= pause.end for event in answer.events
    )


def _longest_silence(answer: Answer) -> float:
    """Return for how long no byte of the body came, at most, in seconds."""
    response = answer.recording.response
    times = [response.t if response else 0.0, *(t for t, _ in answer.recording.chunks())]
    return max((after - before for before, after in pairwise(times)), default=0.0)
