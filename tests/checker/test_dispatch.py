"""Calling rules: who is called, and how findings are listed, counted and ordered."""

from __future__ import annotations

import pytest
from check_examples import EXAMPLES
from streams import recording

from inspector.checker import Limits, Profile, Rule, Severity, dispatch, report
from inspector.checker.context import Context
from inspector.checker.dispatch import FINDINGS_PER_RULE, Dispatcher
from inspector.checker.facts import BlockFacts
from inspector.checker.findings import NOWHERE, Place
from inspector.checker.rule import Moment, Note
from inspector.checker.shapes import ShapeFault

ERROR, WARNING, INFO = Severity
UNCACHED = dispatch._rules_that_run.__wrapped__


def rule(judge, name="a", limit=5, **options):
    return Rule(name, "group", "It holds.", (ERROR, WARNING), (), "here", "x", limit, judge, **options)


@pytest.fixture
def context():
    return Context(recording().head, Profile.ANTHROPIC, Limits())


@pytest.fixture
def dispatcher(context, monkeypatch):
    """Make a dispatcher of rules that are called at every moment."""

    def make(*rules, selection=None):
        monkeypatch.setattr(dispatch, "rules_at", lambda moment: list(rules))
        monkeypatch.setattr(dispatch, "_rules_that_run", UNCACHED)
        return Dispatcher(context, selection, "file.jsonl")

    return make


def run(dispatcher, context, *events, block=None):
    for number in events:
        context.event.number, context.event.offset = number, number * 10
        context.content = BlockFacts(block, "text", NOWHERE) if block is not None else None
        dispatcher.run(Moment.PING)
    return dispatcher.findings()


def test_only_selected_rules_are_called(dispatcher, context):
    rules = [rule(lambda c: "x", "a"), rule(lambda c: "x", "b")]
    assert [f.rule for f in run(dispatcher(*rules), context, 1)] == ["a", "b"]
    assert [f.rule for f in run(dispatcher(*rules, selection={"b"}), context, 1)] == ["b"]


def test_a_rule_is_called_for_the_content_blocks_that_it_names(dispatcher, context):
    made = dispatcher(rule(lambda c: "x", "a", blocks=frozenset({"tool_use"})), rule(lambda c: "x", "b"))
    for kind in ("text", "tool_use", None, "sketch"):
        context.content = BlockFacts(0, kind, NOWHERE)
        made.run(Moment.BLOCK_START)
    assert [(f.rule, 1 + f.more) for f in made.findings()] == [("b", 4), ("a", 1)]
    assert {block_type for _, block_type, _ in made._rules} == {"text", "tool_use", None}


def test_a_rule_for_faulty_events_is_called_for_those(dispatcher, context):
    made = dispatcher(rule(lambda c: "x", faulty=True))
    assert run(made, context, 1) == ()
    context.event.faults = (ShapeFault("type", "a string", None, "a", ERROR),)
    assert len(run(made, context, 2)) == 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_a_rule_does_not_look_at_it_has_nothing_to_say_of(name, monkeypatch):
    expected = report(EXAMPLES[name].recording)
    monkeypatch.setattr(dispatch, "_rules_that_run", UNCACHED)
    monkeypatch.setattr(Rule, "looks_at", lambda *_, **__: True)
    assert report(EXAMPLES[name].recording) == expected


@pytest.mark.parametrize(
    ("judgement", "messages"),
    [(None, []), ("x", ["x"]), (Note("x"), ["x"]), ([Note("x"), Note("y", WARNING)], ["x", "y"]), ([], [])],
)
def test_a_rule_returns_nothing_or_a_message_or_notes(dispatcher, context, judgement, messages):
    assert [f.message for f in run(dispatcher(rule(lambda c: judgement)), context, 1)] == messages


def test_a_finding_has_the_place_the_block_and_the_severity_of_the_profile(dispatcher, context):
    context.profile = Profile.COMPAT
    (finding,) = run(dispatcher(rule(lambda c: "x")), context, 3, block=1)
    assert (finding.event, finding.offset, finding.block, finding.block_type) == (3, 30, 1, "text")
    assert (finding.severity, finding.file) == (WARNING, "file.jsonl")


def test_a_note_says_what_differs_from_the_usual(dispatcher, context):
    note = Note("x", INFO, Place(1, 2, None, 7), BlockFacts(4, "thinking", NOWHERE))
    (finding,) = run(dispatcher(rule(lambda c: note)), context, 3, block=0)
    assert (finding.severity, finding.event, finding.line, finding.block) == (INFO, 1, 7, 4)


def test_the_index_of_a_block_that_never_started_is_known_too(dispatcher, context):
    context.event.kind, context.event.payload = "content_block_delta", {"index": 5}
    (finding,) = run(dispatcher(rule(lambda c: "x")), context, 1)
    assert (finding.block, finding.block_type) == (5, None)


def test_findings_without_a_block_are_listed_up_to_the_limit_and_then_counted(dispatcher, context):
    findings = run(dispatcher(rule(lambda c: "x", limit=2)), context, *range(1, 7))
    assert [(f.event, f.more, f.last) for f in findings] == [(1, 0, None), (2, 4, 6)]


def test_findings_in_one_block_are_listed_once(dispatcher, context):
    made = dispatcher(rule(lambda c: "x"))
    run(made, context, 1, 2, 3, block=0)
    findings = run(made, context, 4, 5, block=1)
    assert [(f.block, f.more) for f in findings] == [(0, 2), (1, 1)]


def test_a_rule_with_limit_1_is_listed_once_in_the_whole_recording(dispatcher, context):
    made = dispatcher(rule(lambda c: "x", limit=1))
    run(made, context, 1, block=0)
    assert [(f.block, f.more) for f in run(made, context, 2, 3, block=1)] == [(0, 2)]


def test_a_count_never_hides_a_worse_finding(dispatcher, context):
    severities = iter([WARNING, WARNING, ERROR, WARNING])
    findings = run(dispatcher(rule(lambda c: Note("x", next(severities)))), context, 1, 2, 3, 4, block=0)
    assert [(f.severity, f.event, f.more) for f in findings] == [(WARNING, 1, 2), (ERROR, 3, 0)]


def test_one_rule_cannot_fill_a_report(dispatcher, context):
    made = dispatcher(rule(lambda c: "x"))
    for number in range(100):
        findings = run(made, context, number, block=number)
    assert len(findings) == FINDINGS_PER_RULE
    assert sum(1 + finding.more for finding in findings) == 100


def test_findings_are_in_the_order_of_the_stream_and_of_the_rules(dispatcher, context):
    early = rule(lambda c: Note("x", at=Place(1, 5)) if c.event.number == 3 else None, "early")
    rules = [rule(lambda c: "x", "first"), early, rule(lambda c: "x", "second")]
    findings = run(dispatcher(*rules), context, 3)
    assert [f.rule for f in findings] == ["early", "first", "second"]
