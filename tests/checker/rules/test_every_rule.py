"""Every rule: the example that breaks it, and what it reports then."""

from __future__ import annotations

import re

import pytest
from check_examples import EXAMPLES, VARIANTS
from streams import GOOD, PING, STOP, event, message_delta, opens, recording, start, stops

from inspector.checker import RULES, Profile, Severity, check

TABLE = [pytest.param(rule, example, id=rule) for rule, example in EXAMPLES.items()]
ALL = TABLE + [pytest.param(rule, example, id=f"{rule}:{n}") for n, (rule, example) in enumerate(VARIANTS)]


def findings(rule, example):
    """The rule's own findings, and those of others."""
    all_findings = example.report().findings
    return [f for f in all_findings if f.rule == rule], [f for f in all_findings if f.rule != rule]


def test_every_rule_has_an_example_and_every_example_a_rule():
    assert list(RULES) and set(EXAMPLES) == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_has_a_sentence_an_example_and_a_source(rule):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    assert rule.sentence.endswith(".") and len(rule.sentence) < 120
    assert rule.source
    assert rule.example


@pytest.mark.parametrize(("rule", "example"), ALL)
def test_an_example_breaks_its_rule(rule, example):
    mine, _ = findings(rule, example)
    assert len(mine) == 1


@pytest.mark.parametrize(("rule", "example"), TABLE)
def test_the_example_in_the_docstring_is_what_the_rule_reports(rule, example):
    mine, _ = findings(rule, example)
    assert mine[0].message == RULES[rule].example


@pytest.mark.parametrize(("rule", "example"), [p for p in ALL if p.values[1].alone])
def test_one_cause_gives_one_finding(rule, example):
    _, others = findings(rule, example)
    assert [f.rule for f in others if f.severity is not Severity.INFO] == []


@pytest.mark.parametrize(("rule", "example"), ALL)
def test_a_finding_lies_within_the_stream(rule, example):
    mine, _ = findings(rule, example)
    body, count = example.recording.body, sum(1 for _ in example.recording.events())
    assert 0 <= mine[0].offset <= len(body)
    assert mine[0].event is None or 1 <= mine[0].event <= count


def test_a_good_stream_has_no_findings():
    assert check(recording(GOOD)) == []


@pytest.mark.parametrize(
    ("rule", "ours", "theirs"),
    [
        ("thinking-unsigned", Severity.ERROR, Severity.WARNING),
        ("block-overlap", Severity.WARNING, Severity.ERROR),
        ("stop-end-turn-with-tool", Severity.WARNING, Severity.ERROR),
        ("data-no-space", Severity.INFO, Severity.WARNING),
    ],
)
def test_some_rules_have_another_severity_for_servers_that_are_not_anthropics(rule, ours, theirs):
    sent = EXAMPLES[rule].recording
    by_profile = {
        profile: next(f.severity for f in check(sent, profile=profile) if f.rule == rule)
        for profile in Profile
    }
    assert by_profile == {Profile.ANTHROPIC: ours, Profile.COMPAT: theirs}


def test_padding_pings_and_unknown_things_are_only_worth_knowing():
    odd = event("brand_new") + PING + opens(0, "sketch") + stops(0)
    sent = recording(PING + start() + odd + message_delta("pause_turn") + STOP + PING)
    assert {finding.severity for finding in check(sent)} == {Severity.INFO}
