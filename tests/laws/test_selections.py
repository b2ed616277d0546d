"""Any selection of rules is a filter.

`select` and `ignore` give exactly the findings that the full run gives, without those of the other rules: the
same ones, in the same order, with the same messages, counts and severities, and with the same verdict.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import captures
import pytest
from check_examples import EXAMPLES, VARIANTS
from mutants import mutant

from inspector import checker
from inspector.checker import RULES, Checker, Report, check, report
from inspector.recording import Recording

GROUPS = {name: frozenset(r.id for r in rules) for name, rules in groupby(RULES.values(), lambda r: r.group)}
ALL = frozenset(RULES)

Run = Callable[[Collection[str] | None], Report]


def runner(sent: Recording) -> Run:
    def run(rules: Collection[str] | None) -> Report:
        checking = Checker(sent.head, rules=rules)
        checking.feed(sent.blocks)
        return checking.close(sent.end, torn=sent.torn)

    return run


def hold(run: Run, selections: Iterable[Collection[str]]) -> None:
    full = run(None)
    for rules in selections:
        kept = tuple(finding for finding in full.findings if finding.rule in rules)
        assert run(rules) == replace(full, findings=kept)


def every_rule() -> Iterator[frozenset[str]]:
    """Each rule alone, and all rules but one."""
    for rule in RULES:
        yield frozenset({rule})
        yield ALL - {rule}


def some(chance: random.Random, groups: int) -> Iterator[frozenset[str]]:
    """A few groups, a few rules alone and left out, and halves of all rules."""
    yield from chance.sample(list(GROUPS.values()), groups)
    for rule in chance.sample(sorted(ALL), 3):
        yield frozenset({rule})
        yield ALL - {rule}
    for _ in range(2):
        yield frozenset(rule for rule in sorted(ALL) if chance.random() < 0.5)


@pytest.mark.parametrize("rule", EXAMPLES)
def test_a_selection_filters_the_findings_of_an_example(rule):
    hold(lambda rules: EXAMPLES[rule].report(rules=rules), every_rule())


def test_a_selection_filters_the_findings_of_every_variant():
    chance = random.Random(4)
    for _, example in VARIANTS:
        hold(lambda rules, example=example: example.report(rules=rules), some(chance, len(GROUPS)))


def test_a_selection_filters_the_findings_of_the_bundled_recordings():
    chance = random.Random(1)
    for sent in captures.bundled():
        hold(runner(sent), some(chance, len(GROUPS)))


def test_a_selection_filters_the_findings_of_real_streams():
    chance = random.Random(2)
    streams = list(captures.streams())
    if not streams:
        pytest.skip("the corpus of real streams is not here")
    for _, sent in streams:
        hold(runner(sent), some(chance, 3))


def test_a_selection_filters_the_findings_of_damaged_streams():
    chance = random.Random(3)
    pool = [example.recording for example in EXAMPLES.values()]
    for _ in range(400):
        hold(runner(mutant(chance, pool)), some(chance, 3))


@pytest.mark.parametrize("group", GROUPS)
def test_select_and_ignore_take_the_same_names(group):
    for rule in GROUPS[group]:
        sent = EXAMPLES[rule].recording
        findings = check(sent)
        assert check(sent, select=[group]) == [f for f in findings if f.rule in GROUPS[group]]
        assert check(sent, ignore=[group]) == [f for f in findings if f.rule not in GROUPS[group]]
        assert report(sent, select=[rule]).verdict is report(sent).verdict


def test_what_one_rule_suppresses_stays_suppressed_without_that_rule():
    foreign, spliced = (EXAMPLES[rule].recording for rule in ("foreign-stream", "keepalive-spliced"))
    assert "message-start-missing" not in {f.rule for f in check(foreign, ignore=["foreign-stream"])}
    assert check(spliced, select=["frame-unknown-field"]) == []


WRITING_CALLS = {
    "add",
    "append",
    "clear",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "setdefault",
    "update",
}


@pytest.mark.parametrize(
    "path", sorted((Path(checker.__file__).parent / "rules").glob("*.py")), ids=lambda path: path.stem
)
def test_rules_write_no_facts(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute | ast.Subscript):
            assert isinstance(node.ctx, ast.Load), f"line {node.lineno} writes"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            base = node.func.value
            while isinstance(base, ast.Attribute | ast.Subscript | ast.Call):
                base = base.func if isinstance(base, ast.Call) else base.value
            fact = isinstance(base, ast.Name) and base.id == "c"
            assert not (fact and node.func.attr in WRITING_CALLS), f"line {node.lineno} writes"
