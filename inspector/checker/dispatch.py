"""The desk: asks the rules at each moment, and keeps what they say."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from inspector.checker.context import BlockFacts, Scene
from inspector.checker.findings import Finding, Profile
from inspector.checker.rule import Judgement, Moment, Note, Place, Rule, rules_at
from inspector.protocol.grammar import Misstep

__all__ = ["Desk"]

FINDINGS_PER_RULE = 40
"""How many findings of one rule are told apart in one recording; the rest is counted."""

_CONTENT = {"content_block_start", "content_block_delta", "content_block_stop"}


class Desk:
    """Ask the chosen rules (`rules` None: all of them) about a scene; hold their findings."""

    __slots__ = ("_asked", "_file", "_found", "_profile", "_rules", "_told", "scene")

    def __init__(self, scene: Scene, rules: Collection[str] | None, profile: Profile, file: str) -> None:
        self.scene = scene
        self._rules, self._profile, self._file = rules, profile, file
        self._asked: dict[Moment | Misstep, list[Rule]] = {}
        self._found: dict[tuple[str, int | None, int], Finding] = {}
        self._told: dict[str, int] = {}

    def findings(self) -> tuple[Finding, ...]:
        """What was found, in the order of the stream."""
        return tuple(sorted(self._found.values(), key=lambda f: (f.offset or 0, f.event or 0)))

    def ask(self, moment: Moment | Misstep) -> None:
        """Ask every rule that registered for this moment."""
        rules = self._asked.get(moment)
        if rules is None:
            wanted = self._rules
            rules = [rule for rule in rules_at(moment) if wanted is None or rule.id in wanted]
            self._asked[moment] = rules
        self.scene.moment = moment
        for rule in rules:
            judgement = rule.judge(self.scene)
            if judgement is not None:
                for note in _notes(judgement):
                    self._tell(rule, note)

    def _tell(self, rule: Rule, note: Note) -> None:
        s = self.scene
        content = note.block or s.content
        index: Any = content.index if content else s.payload.get("index") if s.kind in _CONTENT else None
        block = index if index.__class__ is int else None
        at = note.at or s.place
        count = self._told.get(rule.id, 0)
        apart = block if rule.limit > 1 else None
        key = (rule.id, apart, 0 if apart is not None else min(count, rule.limit - 1))
        if key not in self._found and count >= FINDINGS_PER_RULE:
            key = next(known for known in self._found if known[0] == rule.id)
        self._told[rule.id] = count + 1
        told = self._found.get(key)
        self._found[key] = self._finding(rule, note, at, content, block) if told is None else _again(told, at)

    def _finding(
        self, rule: Rule, note: Note, at: Place, content: BlockFacts | None, block: int | None
    ) -> Finding:
        s = self.scene
        sdk = note.sdk or rule.sdk
        return Finding(
            rule=rule.id,
            severity=note.severity or rule.severity(self._profile),
            message=note.message,
            event=at.event,
            offset=at.offset,
            t=at.t if s.timed else None,
            block=block,
            block_type=content.type if content else None,
            sdk=sdk.text() if sdk else None,
            file=self._file,
            line=at.line,
        )


def _notes(judgement: Judgement) -> Iterable[Note]:
    if isinstance(judgement, str):
        return (Note(judgement),)
    return (judgement,) if isinstance(judgement, Note) else judgement or ()


def _again(finding: Finding, at: Place) -> Finding:
    return replace(finding, more=finding.more + 1, last=at.event)
