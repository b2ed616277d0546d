"""Every rule: the example that breaks it, and what it says of that."""

from __future__ import annotations

import re

import pytest
from check_examples import EXAMPLES, VARIANTS
from streams import ANTHROPIC, COMPAT, GOOD, recording

from inspector.checker import RULES, Profile, Severity, check

TABLE = [pytest.param(rule, example, id=rule) for rule, example in EXAMPLES.items()]
ALL = TABLE + [pytest.param(rule, example, id=f"{rule}:{n}") for n, (rule, example) in enumerate(VARIANTS)]


def findings(rule, example):
    found = example.report().findings
    return [f for f in found if f.rule == rule], [f for f in found if f.rule != rule]


def test_every_rule_has_an_example_and_every_example_a_rule():
    assert list(RULES) and set(EXAMPLES) == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_says_what_must_hold_and_where_that_comes_from(rule):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    assert rule.sentence.endswith(".") and len(rule.sentence) < 120
    assert rule.source
    assert rule.example


@pytest.mark.parametrize(("rule", "example"), ALL)
def test_an_example_breaks_its_rule(rule, example):
    mine, _ = findings(rule, example)
    assert len(mine) == 1


@pytest.mark.parametrize(("rule", "example"), TABLE)
def test_what_rules_shows_as_example_is_what_check_says(rule, example):
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
def test_some_rules_weigh_differently_on_anthropic_and_on_those_who_speak_like_it(rule, ours, theirs):
    sent = EXAMPLES[rule].recording
    by_profile = {
        profile: next(f.severity for f in check(sent, profile=profile) if f.rule == rule)
        for profile in Profile
    }
    assert by_profile == {Profile.ANTHROPIC: ours, Profile.COMPAT: theirs}


@pytest.mark.parametrize(
    ("url", "severity"),
    [
        (ANTHROPIC, "error"),
        (COMPAT, "warning"),
        ("https://anthropic.com.evil.example/", "warning"),
        ("", "warning"),
    ],
)
def test_the_recorded_host_chooses_the_profile(url, severity):
    sent = recording(EXAMPLES["thinking-unsigned"].recording.body, url=url)
    assert [f.severity for f in check(sent)] == [severity]
