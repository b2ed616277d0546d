"""`inspector rules`: a list of all rules, and each explained."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from inspector.checker import RULES
from inspector.cli import cli
from inspector.cli import rules as rules_command
from inspector.manual import rule_page


def rules(*args):
    return CliRunner().invoke(cli, ["rules", *args], prog_name="inspector")


def test_it_lists_every_rule():
    out = rules().stdout
    assert [rule for rule in RULES if f"  {rule} " not in out] == []


@pytest.mark.parametrize("rule", list(RULES))
def test_it_explains_a_rule_with_its_example_and_source(rule):
    out = rules(rule).stdout
    assert RULES[rule].sentence in out
    assert RULES[rule].example in out
    assert RULES[rule].source.split(" http")[0] in out
    assert out.split()[-1] == rule_page(rule)


def test_it_lists_the_rules_of_a_group():
    ids = [line.split()[0] for line in rules("timing").stdout.splitlines()[1:]]
    assert ids == [rule.id for rule in RULES.values() if rule.group == "timing"]


def test_a_rule_that_does_not_exist_is_wrong_use_and_the_nearest_is_named():
    result = rules("mesage-empty")
    assert result.exit_code == 2
    assert "did you mean message-empty?" in result.stderr


@pytest.mark.parametrize("width", [60, 80, 100])
def test_on_a_terminal_lines_are_wrapped_and_nothing_is_lost(width, monkeypatch):
    plain = rules().stdout
    monkeypatch.setattr(rules_command, "screen_width", lambda: width)
    wrapped = rules().stdout
    assert max(map(len, wrapped.splitlines())) <= max(width, 72)  # a sentence begins at 48, and gets 24
    assert wrapped.split() == plain.split()


@pytest.mark.parametrize("width", [60, 80, 100])
def test_on_a_terminal_an_address_is_broken_only_if_it_is_longer_than_a_line(width, monkeypatch):
    monkeypatch.setattr(rules_command, "screen_width", lambda: width)
    for rule in RULES:
        last = rules(rule).stdout.splitlines()[-1]
        assert len(last) <= width or len(rule_page(rule)) > width, last


def test_on_a_terminal_an_explanation_is_wrapped_and_nothing_is_lost(monkeypatch):
    plain = [rules(rule).stdout.split() for rule in RULES]
    monkeypatch.setattr(rules_command, "screen_width", lambda: 60)
    assert [rules(rule).stdout.split() for rule in RULES] == plain
