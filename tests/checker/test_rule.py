"""A rule: its docstring, its registration, and the text it quotes."""

from __future__ import annotations

import pytest

from inspector.checker import RULES, Profile, Severity
from inspector.checker import rule as rule_module
from inspector.checker.rule import ERROR, WARNING, Moment, parse_docstring, quote, rule, rules_at
from inspector.protocol.grammar import Misstep


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(rule_module, "RULES", {})
    monkeypatch.setattr(rule_module, "_AT", {})
    return rule_module


@pytest.mark.parametrize(
    ("docstring", "sentence", "example"),
    [
        ("It holds.\n\n    Example: it does not\n    ", "It holds.", "it does not"),
        ("It holds.\n\nExample: it does not\n", "It holds.", "it does not"),
        (
            "It\n    holds.\n\n    Example: it\n    does not: Example: x\n",
            "It holds.",
            "it does not: Example: x",
        ),
    ],
)
def test_a_docstring_is_a_sentence_and_an_example(docstring, sentence, example):
    assert parse_docstring(docstring) == (sentence, example)


@pytest.mark.parametrize("docstring", ["", "It holds.", "It holds. Example: no", "\n\n    Example: no"])
def test_a_rule_needs_both(docstring):
    with pytest.raises(AssertionError, match="needs a sentence and an example"):
        parse_docstring(docstring)


def test_a_function_becomes_a_rule_by_its_name_and_module(registry):
    @rule(on=(Moment.END, Misstep.OVERLAP), severity=(ERROR, WARNING), source="here", limit=3)
    def never_twice(c):
        """It holds.

        Example: it does not
        """

    made = registry.RULES["never-twice"]
    assert (made.group, made.limit, made.source) == ("test_rule", 3, "here")
    assert [made.severity(profile) for profile in Profile] == [ERROR, WARNING]
    assert rules_at(Moment.END) == rules_at(Misstep.OVERLAP) == [made]
    assert rules_at(Moment.HEAD) == []
    with pytest.raises(AssertionError, match="two rules have the id never-twice"):
        rule(on=Moment.END, severity=ERROR, source="here")(never_twice)


def test_one_severity_is_for_both_profiles():
    assert RULES["json-invalid"].severities == (Severity.ERROR, Severity.ERROR)


def test_groups_are_listed_together():
    groups = [each.group for each in RULES.values()]
    assert groups == sorted(groups)


def test_every_moment_and_every_misstep_has_a_rule():
    assert [moment for moment in (*Moment, *Misstep) if not rules_at(moment)] == []


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("end_turn", '"end_turn"'),
        ("a\nb\x1b[2J", r'"a\nb\x1b[2J"'),
        ("x" * 41, '"' + "x" * 39 + '…"'),
        ("x" * 40, '"' + "x" * 40 + '"'),
    ],
)
def test_a_quotation_is_one_short_line(text, quoted):
    assert quote(text) == quoted
