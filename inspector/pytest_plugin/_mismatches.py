"""Where a test's requests and its recordings do not match, in sentences for the test's report.

A player is what answered the test: a server or a transport, with its `requests` and its `unused` recordings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from inspector.play.matching import Match, differences
from inspector.play.misses import joined
from inspector.play.received import ReceivedRequest
from inspector.protocol import is_side_traffic
from inspector.recording import Head
from inspector.views.comparison import Comparison

__all__ = ["Judgement", "calls_of", "judged"]

_SHOWN = 5
"""How many differences of one request are shown."""


class Judgement(NamedTuple):
    """What fails a test, and what its report only notes."""

    failures: list[str]
    notes: list[str]


def judged(
    player: Any,
    heads: Mapping[str, Head],
    places: Mapping[int, str],
    *,
    match: Match,
    comparison: Comparison,
    faulty: bool,
    own: bool = False,
) -> Judgement:
    """Compare the requests that a player has answered with its recordings.

    `heads` are those of the recordings by name, `places` say who sent a request, by its number. `comparison`
    says which members of a body do not count. A `faulty` test may stop early, and leave recordings unplayed.
    The recordings may be the test's `own`, which pytest writes.
    """
    failures = _missed(player, places)
    notes = _changed(player, heads, comparison) if match in ("order", "request") else []
    if not calls_of(player):
        return Judgement([*failures, _SILENT, *(f"not played: {name}" for name in player.unused)], notes)
    # By name, recordings are there to choose from.
    (notes if faulty or match == "name" else failures).extend(_unplayed(player, own=own))
    if failures and own and not faulty:
        failures.append(_RECORD_AGAIN)
    return Judgement(failures, notes)


_SILENT = "this test sent no request to Claude. Remove its marker, or find out why the request is missing"


_RECORD_AGAIN = (
    "To record what this test sends now, run it with --inspector=rewrite. --inspector=new keeps what is "
    "recorded, and adds what is not"
)


def calls_of(player: Any) -> list[ReceivedRequest]:
    """Return the requests without side traffic."""
    return [each for each in player.requests if not is_side_traffic(each.method, each.path)]


def _missed(player: Any, places: Mapping[int, str]) -> list[str]:
    """Describe the requests that no recording answered: why, and each difference on a line of its own."""
    described = []
    for number, each in enumerate(player.requests, 1):
        if each.miss:
            why = each.miss.removeprefix("inspector: ")
            listed = _listed(each.differences) if len(each.differences) > 1 else []
            if listed:
                why = why.replace(f": {joined(each.differences)}.", ", see below.")
            described += [f"request {number}, {each.method} {each.path}: {why}", *listed]
            if place := places.get(each.number):
                described.append(f"request {number} was sent by {place}")
    return described


def _listed(different: tuple[str, ...]) -> list[str]:
    shown = [f"    {each}" for each in different[: 2 * _SHOWN]]
    more = len(different) - len(shown)
    return [*shown, f"    and {more} more differences"] if more else shown


def _unplayed(player: Any, *, own: bool) -> list[str]:
    """Describe the recordings that were not played."""
    remedy = "Find" if own else "Remove it from the marker, or find"
    return [
        f"not played: {name}. No request of this test was answered from it. {remedy} out why the request is "
        "missing"
        for name in player.unused
    ]


def _changed(player: Any, heads: Mapping[str, Head], comparison: Comparison) -> list[str]:
    """Describe the requests that were answered although the recorded request was another one."""
    stricter = Comparison(ignore=comparison.ignore)
    notes = []
    for number, each in enumerate(player.requests, 1):
        head = heads.get(each.recording or "")
        if head is None or not head.request.body:
            continue
        if different := "; ".join([*differences(each, head.request, stricter)][:_SHOWN]):
            notes.append(
                f"request {number} is not the one recorded in {each.recording}: {different}. "
                'With match="body" this would fail the test'
            )
    return notes
