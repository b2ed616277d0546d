"""What the pages of rules and faults say of the SDK is what the installed SDK does with their examples."""

from __future__ import annotations

import re
import subprocess
import sys

import anthropic
import pytest
from click.testing import CliRunner
from observed_examples import fault_examples, rule_examples, sentence

import inspector
from inspector import faults
from inspector.checker import RULES
from inspector.checker.advice import ADVICE
from inspector.cli import _observed, cli

OLD = anthropic.__version__.startswith("0.")
TABLE = _observed._table()


def pages(*arguments):
    return CliRunner().invoke(cli, arguments).output


@pytest.mark.parametrize(
    ("kind", "name", "recording"),
    [
        *(pytest.param("rules", *each, id=each[0]) for each in rule_examples()),
        *(pytest.param("faults", *each, id=each[0]) for each in fault_examples()),
    ],
)
def test_the_table_is_what_the_installed_sdk_does(kind, name, recording):
    sentences = TABLE[kind][name]
    assert sentence(inspector.observe(recording)) == sentences[-1 if OLD else 0]


def test_the_table_has_every_rule_and_every_fault():
    assert set(TABLE["rules"]) == set(RULES)
    assert {faults.parse(name.split(" ", 1)[1]).kind.name for name in TABLE["faults"]} == set(faults.FAULTS)
    assert len(TABLE["versions"]) == 2


@pytest.mark.parametrize("name", list(faults.FAULTS))
def test_a_page_of_a_fault_has_what_was_observed_of_its_examples(name):
    page = " ".join(pages("faults", name).split())
    examples = list(_observed.fault_observations(name))
    assert examples
    for example, text in examples:
        assert re.sub(r"\s+", " ", f"{example}: {text}") in page


@pytest.mark.parametrize("name", list(RULES))
def test_a_page_of_a_rule_has_what_was_observed_and_what_to_do(name):
    page = pages("rules", name)
    for text in TABLE["rules"][name]:
        assert text in page
    assert ADVICE[RULES[name].group] in page
    for severity in {*RULES[name].severities, *RULES[name].also}:
        assert str(severity) in page


def test_where_the_generations_differ_each_is_named():
    new, old = TABLE["versions"]
    text = "; ".join(_observed.rule_observations("message-start-missing"))
    assert text.startswith(f"anthropic {new}: messages.stream() raises AssertionError")
    assert f"; anthropic {old}: messages.stream() raises RuntimeError" in text
    assert _observed.rule_observations("index-gap")[0].startswith(f"anthropic {new} and {old}: ")


@pytest.mark.parametrize("arguments", [["rules", "index-gap"], ["faults", "cut-clean"]])
def test_a_page_imports_no_sdk(arguments):
    code = (
        "import sys; from inspector.cli import cli; cli.main(sys.argv[1:], standalone_mode=False);"
        "assert not {'anthropic', 'httpx', 'httpx2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=True)
