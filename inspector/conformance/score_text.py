"""A scorecard as lines for people: a row for each probe, and below it what is wrong and what proves it."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.conformance.scorecard import Deviation, ProbeResult, Scorecard, State

__all__ = ["score_lines"]

Line = tuple[str, str]
"""How a line looks (the name of a state, `warning`, `dim` or nothing), and its text."""


def score_lines(card: Scorecard, *, verbose: bool = False) -> Iterator[Line]:
    """Yield the lines of a scorecard. With `verbose`, also what holds and where that is said."""
    yield "", f"{card.endpoint} ({card.model}), set {card.set}"
    if card.reason:
        yield State.FAIL.value, card.reason
    else:
        width = max((len(result.name) for result in card.results), default=0)
        for result in card.results:
            yield from _result_lines(result, width, verbose=verbose)
    yield "", ""
    yield from _summary_lines(card)


def _result_lines(result: ProbeResult, width: int, *, verbose: bool) -> Iterator[Line]:
    said = result.reason or result.sentence
    if result.runs > 1 and result.passed < result.runs:
        said = f"passes {result.passed} of {result.runs}: {said}"
    yield result.state.value, f"{result.state.value:<14}  {result.name:<{width}}  {said}"
    if result.known:
        yield "warning", f"    known failure: {result.known}"
    shown = set()
    for failure in result.failures:
        yield from _deviation_lines(result, failure, view=failure.exchange not in shown)
        shown.add(failure.exchange)
    if result.failures:
        for link in (result.source, *result.seen):
            yield "dim", f"    see {link}"
    for warning in result.warnings:
        yield "warning", f"    warning: {_with_place(warning)}"


def _deviation_lines(result: ProbeResult, failure: Deviation, *, view: bool) -> Iterator[Line]:
    yield State.FAIL.value, f"    {_with_place(failure)}"
    exchange = result.exchange(failure.exchange)
    if view and failure.client:
        for line in failure.client.splitlines():
            yield "dim", f"      {line}"
    if view and exchange is not None and exchange.file:
        yield "dim", f"      {exchange.file}"


def _with_place(deviation: Deviation) -> str:
    where = " ".join(filter(None, [deviation.exchange, deviation.place]))
    rule = f" [{deviation.rule}]" if deviation.rule else ""
    return f"{where}: {deviation.message}{rule}" if where else deviation.message + rule


def _summary_lines(card: Scorecard) -> Iterator[Line]:
    state = State.FAIL if card.failed or not card.tested else State.PASS
    yield state.value, card.score
    own = max(0.0, card.took - card.waited)
    yield "dim", f"{card.took:.1f} s: {card.waited:.1f} s waiting for the endpoint, {own:.1f} s our own"
