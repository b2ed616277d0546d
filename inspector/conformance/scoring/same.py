"""What of a scorecard says the same, so that people read it once: one cause has many deviations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from inspector.conformance.scoring.scorecard import Deviation, ProbeResult

__all__ = ["Group", "Groups", "groups_of"]

_VARIES = re.compile(r'"[^"]*"|\b[a-z]+_(?=\w*\d)\w{6,}|\d+')
"""Quoted text, an id such as `toolu_01Ab`, or a number."""
_NAMED = 3  # exchanges

_Kind = tuple[str | None, str]
"""What deviations that say the same have in common: the rule, and the message without what varies."""
_Kinds = dict[_Kind, list[tuple[str, Deviation]]]


class Group(NamedTuple):
    """A deviation, and how many more say the same; `places` names their exchanges, each once."""

    first: Deviation
    more: int = 0
    places: tuple[str, ...] = ()

    def said(self, *, verbose: bool = False) -> str:
        """Say how many more there are, and where: empty without one. Only with `verbose` all are named."""
        if not self.more:
            return ""
        shown = self.places if verbose else self.places[:_NAMED]
        cut = ["…"] if len(shown) < len(self.places) else []
        return f"the same in {self.more} more ({', '.join([*shown, *cut])})"


class Groups(NamedTuple):
    """What one result shows: each group at the first place of the card. `before` names earlier places.

    These are the exchanges whose failures say the same as one of this result.
    """

    failures: tuple[Group, ...]
    warnings: tuple[Group, ...]
    before: tuple[str, ...] = ()


def groups_of(results: Iterable[ProbeResult]) -> dict[str, Groups]:
    """Return by the name of each result what it shows of its deviations.

    Two say the same if they have one rule, and one message but for numbers, ids and quoted text. A warning
    that says the same as a failure is one of that failure's group.
    """
    results = tuple(results)
    all_: _Kinds = {}
    for warns in (False, True):
        for result in results:
            for kind, each in _by_kind(result):
                if each.warns is warns:
                    all_.setdefault(kind, []).append((result.name, each))
    return {result.name: _groups(result, all_) for result in results}


def _groups(result: ProbeResult, all_: _Kinds) -> Groups:
    first: dict[bool, list[Group]] = {False: [], True: []}
    before: dict[str, None] = {}
    own: dict[_Kind, Deviation] = {}
    for kind, each in _by_kind(result):  # failures first
        own.setdefault(kind, each)
    for kind in own:
        (name, deviation), *others = all_[kind]
        if name == result.name:
            places = dict.fromkeys(each.exchange or probe for probe, each in others)
            first[deviation.warns].append(Group(deviation, len(others), tuple(places)))
        elif not own[kind].warns:
            before.setdefault(deviation.exchange or name)
    return Groups(tuple(first[False]), tuple(first[True]), tuple(before))


def _by_kind(result: ProbeResult) -> Iterator[tuple[_Kind, Deviation]]:
    for each in (*result.failures, *result.warnings):
        yield (each.rule, _VARIES.sub("0", each.message)), each
