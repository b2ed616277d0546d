"""Calling the rules at each moment, and keeping their findings."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from inspector.checker.context import Context
from inspector.checker.findings import Finding, Severity
from inspector.checker.rule import Judge, Judgement, Moment, Note, Rule, rules_at
from inspector.protocol import BLOCK_TYPES
from inspector.protocol.grammar import Misstep
from inspector.redact import mask_text

__all__ = ["Dispatcher"]

FINDINGS_PER_RULE = 40
"""How many findings of one rule are listed for one recording; further ones are counted."""

_BLOCK_EVENTS = {"content_block_start", "content_block_delta", "content_block_stop"}


class _Key(NamedTuple):
    """What findings have in common that are listed as one."""

    rule: str
    severity: Severity
    block: int | None
    position: int


class Dispatcher:
    """Call the selected rules (`rules` None: all of them) with the context; keep their findings.

    One rule's findings in one content block are listed once and counted, except for rules with `limit` 1:
    they are listed once in the whole recording. Findings of another severity are listed on their own, so
    that a count never hides an error.
    """

    __slots__ = ("_context", "_counts", "_file", "_findings", "_first", "_more", "_rules")

    def __init__(self, context: Context, rules: Collection[str] | None, file: str) -> None:
        self._context, self._file = context, file
        self._rules = _rules_that_run(None if rules is None else frozenset(rules), context.head.absent)
        self._findings: dict[_Key, Finding] = {}
        self._more: dict[_Key, tuple[int, int | None]] = {}  # how many more, and the event of the last one
        self._first: dict[tuple[str, Severity], _Key] = {}
        self._counts: dict[str, int] = {}

    def findings(self) -> tuple[Finding, ...]:
        """Return the findings, in the order of the stream."""
        if not self._findings:
            return ()
        counted = self._more
        findings = (
            replace(finding, more=counted[key][0], last=counted[key][1]) if key in counted else finding
            for key, finding in self._findings.items()
        )
        return tuple(sorted(findings, key=lambda f: (f.offset or 0, f.event or 0)))

    def run(self, moment: Moment | Misstep) -> None:
        """Call every rule that registered for this moment and looks at the current event."""
        context, content = self._context, self._context.content
        block_type = None if content is None else content.type
        for rule, judge in self._rules[moment, block_type, context.event.faults != ()]:
            judgement = judge(context)
            if judgement is not None:
                for note in _notes(judgement):
                    self._add(rule, note)

    def _add(self, rule: Rule, note: Note) -> None:
        c, findings = self._context, self._findings
        content = note.block or c.content
        index: Any = content.index if content else None
        if content is None and c.event.kind in _BLOCK_EVENTS:
            index = c.event.payload.get("index")
        block = index if index.__class__ is int else None
        at = note.at or c.place
        severity = note.severity or rule.severity(c.profile)
        count = self._counts.get(rule.id, 0)
        self._counts[rule.id] = count + 1
        apart = block if rule.limit > 1 else None
        key = _Key(rule.id, severity, apart, 0 if apart is not None else min(count, rule.limit - 1))
        if key not in findings and count >= FINDINGS_PER_RULE:
            key = self._first.get(key[:2], key)
        if key in findings:
            self._more[key] = (self._more.get(key, (0, None))[0] + 1, at.event)
            return
        self._first.setdefault(key[:2], key)
        findings[key] = Finding(
            rule=rule.id,
            severity=severity,
            message=_masked(note.message),
            event=at.event,
            offset=at.offset,
            t=at.t,
            block=block,
            block_type=content.type if content else None,
            file=self._file,
            line=at.line,
        )


class _RulesThatRun(dict[tuple[Moment | Misstep, str | None, bool], tuple[tuple[Rule, Judge], ...]]):
    """The rules to call, with their functions: by the moment, the content block's type, and whether the event
    has faults. Each entry is made when it is first needed, and serves many recordings.
    """

    def __init__(self, selection: frozenset[str] | None, absent: frozenset[str]) -> None:
        self._selection, self._absent = selection, absent

    def __missing__(self, key: tuple[Moment | Misstep, str | None, bool]) -> tuple[tuple[Rule, Judge], ...]:
        moment, block_type, faulty = key
        if block_type is not None and block_type not in BLOCK_TYPES:
            return self[moment, None, faulty]  # streams may have any number of types
        self[key] = rules = tuple(
            (rule, rule.judge)
            for rule in rules_at(moment)
            if (self._selection is None or rule.id in self._selection)
            and not rule.needs & self._absent
            and rule.looks_at(block_type, faulty=faulty)
        )
        return rules


_masked = functools.lru_cache(256)(mask_text)
"""The same rules say the same of many recordings, and a search for secrets takes longer than most rules."""

_rules_that_run = functools.lru_cache(64)(_RulesThatRun)


def _notes(judgement: Judgement) -> Iterable[Note]:
    if isinstance(judgement, str):
        return (Note(judgement),)
    return (judgement,) if isinstance(judgement, Note) else judgement or ()
