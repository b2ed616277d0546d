"""What a client sees of a failure: the installed SDK is given the recording that proves it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from inspector.conformance.scoring.scorecard import Exchange, ProbeResult
from inspector.recording import Ending

__all__ = ["with_client_views"]

_MOST_BLOCKS = 10_000  # the SDK takes many seconds for a longer stream


def with_client_views(results: Iterable[ProbeResult]) -> tuple[ProbeResult, ...]:
    """Return the results, their failures with what the SDK does with their recordings.

    The first recording imports the SDK, which takes a second or two; without a failure nothing is imported.
    """
    return tuple(map(_with_client_view, results))


def _with_client_view(result: ProbeResult) -> ProbeResult:
    if not result.failures:
        return result
    from inspector.play.observation import observe

    views = {}
    for name in {failure.exchange for failure in result.failures}:
        exchange = result.exchange(name)
        if exchange is None or len(exchange.recording.blocks) > _MOST_BLOCKS or _was_left(exchange):
            continue
        if (seen := observe(exchange.recording)).outcomes:
            views[name] = "\n".join(seen.lines())
    return replace(
        result,
        failures=tuple(replace(each, client=views.get(each.exchange)) for each in result.failures),
    )


def _was_left(exchange: Exchange) -> bool:
    """Whether our own client left before the end, or nothing says how it ended: the SDK would only wait."""
    end = exchange.recording.end
    return bool(exchange.stopped) or end is None or end.how is Ending.ABANDONED
