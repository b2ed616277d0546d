"""Probes of answers that are text: how they begin, end and are counted."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.conformance.calling import Endpoint
from inspector.conformance.probes import probe
from inspector.conformance.prompts import user
from inspector.conformance.scorecard import Deviation

__all__: list[str] = []

_STREAM = "https://platform.claude.com/docs/en/build-with-claude/streaming"
_STOPS = "https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons"


@probe(
    "text",
    "A streamed answer follows the grammar, ends with end_turn, names its model and counts its tokens.",
    requests=1,
    max_tokens=256,
    source=_STREAM,
)
def text(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask for a short answer."""
    answer = endpoint.ask(user("Reply with the single word: hello"), max_tokens=256).accepted()
    yield from answer.clean()
    if answer.message and answer.stop_reason not in ("end_turn", "max_tokens"):
        yield answer.fail(f"a short answer stops for {answer.stop_reason!r}; it should be 'end_turn'")


@probe(
    "max-tokens",
    "An answer stops at its limit of tokens, and says so.",
    requests=1,
    max_tokens=5,
    source=_STOPS,
    seen=("https://github.com/Wei-Shaw/sub2api/issues/4141",),
)
def max_tokens(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask for much more than five tokens hold."""
    answer = endpoint.ask(user("Count from one to one hundred, in words."), max_tokens=5).accepted()
    yield from answer.clean()
    if answer.message and answer.stop_reason != "max_tokens":
        yield answer.fail(f"it stops for {answer.stop_reason!r}; with max_tokens 5 it should be 'max_tokens'")
    counted = answer.usage.get("output_tokens")
    if isinstance(counted, int) and counted > 5:
        yield answer.fail(f"usage says {counted} output tokens, and the limit was 5")
