"""What a terminal shows of a rule or a fault is all that was gathered, and so all that the manual has."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from inspector.checker import RULES
from inspector.cli import cli
from inspector.cli._explained import fault_text, rule_text
from inspector.faults import FAULTS


def shown(*arguments):
    """What a command prints, without line breaks."""
    return " ".join(CliRunner().invoke(cli, arguments).stdout.split())


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize("name", RULES)
def test_the_terminal_shows_all_that_is_said_of_a_rule(name):
    text, page = rule_text(RULES[name]), shown("rules", name)
    said = [text.sentence, text.severity, text.example, text.advice, *text.observed, *text.sources]
    assert [each for each in said if flat(each) not in page] == []
    assert all(each.startswith("http") for each in text.sources[1:])


@pytest.mark.parametrize("name", FAULTS)
def test_the_terminal_shows_all_that_is_said_of_a_fault(name):
    text, page = fault_text(FAULTS[name]), shown("faults", name)
    said = [text.usage, text.sentence, text.client, text.incident, text.example]
    for setting in text.settings:
        said += [f"{setting.name}: {setting.text}", *(part for pair in setting.values for part in pair)]
    said += [part for pair in text.observed for part in pair]
    assert [each for each in said if flat(each) not in page] == []


@pytest.mark.parametrize("name", FAULTS)
def test_the_example_of_a_fault_is_the_fault_with_its_defaults(name):
    text = fault_text(FAULTS[name])
    assert text.example.startswith(name)
    assert text.position == text.example.partition("@")[2]
