"""What was seen of a subject by hand, in the terms of a scorecard, and how a scorecard is held against it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from inspector.conformance.scoring.scorecard import State


@dataclass(frozen=True)
class Seen:
    """What a scorecard must say: for a probe, a regular expression that one of its sentences matches.

    `fails` names every probe that fails, and no other may. `warns` and `untested` name some: a probe with a
    warning, and one that is not applicable or not tested, with the reason.
    """

    fails: Mapping[str, str] = field(default_factory=dict)
    warns: Mapping[str, str] = field(default_factory=dict)
    untested: Mapping[str, str] = field(default_factory=dict)

    def differences(self, card):
        """Say in what a scorecard differs, a sentence each; nothing if it does not."""
        if card.reason or card.interrupted:
            return [f"nothing was judged: {card.reason or 'interrupted'}"]
        lines = [
            f"{result.name} fails: {'; '.join(each.message for each in result.failures)}"
            for result in card.failed
            if result.name not in self.fails
        ]
        for name, pattern in self.fails.items():
            lines += _missing(card, name, pattern, "failure", lambda r: [d.message for d in r.failures])
        for name, pattern in self.warns.items():
            lines += _missing(card, name, pattern, "warning", lambda r: [d.message for d in r.warnings])
        for name, pattern in self.untested.items():
            lines += _missing(card, name, pattern, "reason", _reason)
        return lines


def _reason(result):
    return [result.reason] if result.state in (State.NOT_APPLICABLE, State.NOT_TESTED) else []


def _missing(card, name, pattern, what, sentences_of):
    result = card.result(name)
    if result is None:
        return [f"{name} did not run"]
    sentences = sentences_of(result)
    if any(re.search(pattern, sentence) for sentence in sentences):
        return []
    return [f"{name} ({result.state.value}) has no {what} like {pattern!r}; it has {sentences}"]
