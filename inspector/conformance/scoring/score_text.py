"""A scorecard as lines for people: a row for each probe, and below it what is wrong and what proves it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from inspector.conformance.scoring.same import Group, Groups, groups_of
from inspector.conformance.scoring.scorecard import Deviation, ProbeResult, Scorecard, State

__all__ = ["Line", "result_lines", "score_lines"]

_STATES = 10  # columns of the longest short state
_SHORT = {State.NOT_APPLICABLE: "n/a"}
_INSIDE = 4  # columns before what belongs to a row


class Line(NamedTuple):
    """A line: how it looks (the name of a state, `warning`, `dim` or nothing), and its text.

    If it is broken, its further lines begin at the column `indent`. One that `may_be_cut` is cut instead.
    """

    style: str
    text: str
    indent: int = 0
    may_be_cut: bool = False


def score_lines(card: Scorecard, *, verbose: bool = False) -> Iterator[Line]:
    """Yield the lines of a scorecard. With `verbose`, also where it is written what must hold."""
    yield Line("", f"{card.endpoint} ({card.model}), set {card.set}")
    yield Line("", "")
    if card.reason:
        yield Line(State.FAIL.value, card.reason, 2)
        for exchange in (each for result in card.results for each in result.exchanges if each.file):
            yield Line("dim", f"  {exchange.file}", 4)
    else:
        width = max((len(result.name) for result in card.results), default=0)
        groups = groups_of(card.results)
        for result in card.results:
            yield from result_lines(result, width, groups[result.name], verbose=verbose)
    yield Line("", "")
    yield from _summary_lines(card)


def result_lines(result: ProbeResult, width: int, groups: Groups, *, verbose: bool) -> Iterator[Line]:
    """Yield the lines of one probe, whose name takes `width` columns, with what is not said before."""
    said = result.reason or result.sentence
    if result.runs > 1 and result.passed < result.runs:
        said = f"passes {result.passed} of {result.runs}. {said}"
    row = f"{_SHORT.get(result.state, result.state.value):<{_STATES}}  {result.name:<{width}}  "
    style = result.state.value
    yield Line(style, row + said, len(row), may_be_cut=result.state is State.PASS)
    if result.known:
        yield Line("warning", f"{'':{_INSIDE}}known failure: {result.known}", _INSIDE + 2)
    shown = set()
    for group in groups.failures:
        failure = group.first
        yield Line(State.FAIL.value, f"{'':{_INSIDE}}{_with_place(failure)}", _INSIDE + 2)
        yield from _same_lines(group, verbose=verbose)
        if failure.exchange not in shown:
            yield from _proof_lines(result, failure)
        shown.add(failure.exchange)
    if groups.before:
        yield Line("dim", f"{'':{_INSIDE}}the same as in {', '.join(groups.before)}", _INSIDE + 2)
    for group in groups.warnings:
        yield Line("warning", f"{'':{_INSIDE}}warning: {_with_place(group.first)}", _INSIDE + 2)
        yield from _same_lines(group, verbose=verbose)
    links = result.links if verbose else result.links[:2] if groups.failures else ()
    for what, link in links:
        yield Line("dim", f"{'':{_INSIDE}}{what}: {link}", _INSIDE + 2)


def _same_lines(group: Group, *, verbose: bool) -> Iterator[Line]:
    if group.more:
        inside = _INSIDE + 2
        yield Line("dim", f"{'':{inside}}{group.said(verbose=verbose)}", inside + 2)


def _proof_lines(result: ProbeResult, failure: Deviation) -> Iterator[Line]:
    """Yield what the SDK does with the exchange of a failure, and where that is kept."""
    exchange = result.exchange(failure.exchange)
    inside = _INSIDE + 2
    for line in (failure.client or "").splitlines():
        yield Line("dim", f"{'':{inside}}{line}", inside + 2)
    if exchange is not None and exchange.file:
        yield Line("dim", f"{'':{inside}}{exchange.file}", inside + 2)


def _with_place(deviation: Deviation) -> str:
    rule = f" ({deviation.rule})" if deviation.rule else ""
    return f"{deviation.where}: {deviation.message}{rule}" if deviation.where else deviation.message + rule


def _summary_lines(card: Scorecard) -> Iterator[Line]:
    state = State.FAIL if card.unexpected or not card.tested else State.PASS
    begun = "interrupted: " if card.interrupted else ""
    warned = f"; warnings: {card.warned}" if card.warned else ""
    yield Line(state.value, f"{begun}{card.score}{warned}", 2)
    if card.interrupted:  # what was still waited for is in no exchange
        yield Line("dim", f"{card.took:.1f} s")
        return
    own = max(0.0, card.took - card.waited)
    yield Line("dim", f"{card.took:.1f} s: {card.waited:.1f} s waiting for the endpoint, {own:.1f} s our own")
