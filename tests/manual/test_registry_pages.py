"""The manual has a page for each rule, fault, command and public name, and no page leaves anything out."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from _extension.api_pages import TOPICS
from _extension.command_pages import commands, options
from _extension.examples import broken_rules, findings_of_faults
from _extension.markdown import link_commands, plain
from _extension.written import made_pages
from click.testing import CliRunner

import inspector
import inspector.corpus
import inspector.types
from inspector import manual, pytest_plugin
from inspector.checker import RULES
from inspector.cli import cli
from inspector.cli._explained import fault_text, rule_text
from inspector.faults import FAULTS, POSITIONS, PRESETS
from inspector.recording.bundled import bundled_names

PAGES = made_pages(Path(__file__).parents[2])
COMMANDS = commands()


def page_at(address):
    """The page that is built at an address of the manual."""
    return PAGES[address.removeprefix(manual.MANUAL).removesuffix(".html") + ".md"]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_all_that_a_terminal_shows_at_the_address_that_findings_link_to(name):
    text, page = rule_text(RULES[name]), page_at(manual.rule_page(name))
    said = [plain(each) for each in (text.sentence, text.advice, *text.observed, *text.sources)]
    assert [each for each in [f"# {name}", text.example, *said] if each not in page] == []
    assert f"--select {name}" in page
    assert f"--ignore {name}" in page
    others = {rule.id for rule in RULES.values() if rule.group == text.group} - {name}
    assert {other for other in others if f"- [{other}]({other}.md): " in page} == others


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_all_that_a_terminal_shows_at_its_address(name):
    text, page = fault_text(FAULTS[name]), page_at(manual.fault_page(name))
    said = [text.sentence, text.client, text.incident]
    said += [part for setting in text.settings for part in (setting.text, *dict(setting.values).values())]
    said += [sentence for _, sentence in text.observed]
    assert [each for each in [f"# {name}", text.usage, *map(plain, said)] if each not in page] == []
    assert f"--fault {text.example} | inspector check -" in page


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_every_option_with_its_help_and_its_variable(name):
    page = page_at(manual.command_page(name))
    variables = PAGES["reference/environment.md"]
    assert f"# inspector {name}" in page
    for option in options(COMMANDS[name]):
        for written in (*option.opts, *option.secondary_opts):
            assert re.search(rf"^:::\{{option\}} .*(?<![\w-]){written}(?![\w-])", page, re.MULTILINE), written
        assert f"[{option.envvar}]{{.variable}}" in page
        assert f"`{option.envvar}`" in variables
        assert link_commands(plain((option.help or "").partition("\n")[0].split(". ")[0])) in page
    for argument in COMMANDS[name].params:
        if isinstance(argument, click.Argument):
            assert argument.make_metavar(click.Context(cli)) in page


def test_the_lists_have_everything():
    rules, faults, every = PAGES["rules/index.md"], PAGES["faults/index.md"], PAGES["commands/index.md"]
    assert [name for name in RULES if f"[{name}]({name}.md)" not in rules] == []
    assert [name for name in FAULTS if f"[{name}]({name}.md)" not in faults] == []
    assert [name for name in COMMANDS if f"[inspector {name}]({name}.md)" not in every] == []
    assert [name for name in [*POSITIONS, *PRESETS] if f"`{name}`" not in faults] == []


def test_every_public_name_is_on_one_page():
    named = sorted(name for topic in TOPICS for name in topic.full_names)
    public = [f"inspector.{name}" for name in inspector.__all__ if not name.startswith("__")]
    for module in (inspector.corpus, inspector.types):
        public += [f"{module.__name__}.{name}" for name in module.__all__]
    assert named == sorted(public)


def test_the_page_of_the_plugin_has_its_options_marker_and_fixtures():
    page = PAGES["reference/pytest.md"]
    parser = pytest.Parser(_ispytest=True)
    pytest_plugin.pytest_addoption(parser)
    for option in parser.getgroup("inspector").options:
        assert f":::{{option}} {option.names()[0]}" in page
    assert [name for name in pytest_plugin.__all__ if f"### {name}\n" not in page] == []
    assert "@pytest.mark.recording(*names" in page


def test_what_the_pages_say_of_faults_is_what_check_says_in_a_terminal():
    for name, (recording, rules) in findings_of_faults().items():
        run = CliRunner()
        edited = run.invoke(cli, ["edit", recording, "--fault", fault_text(FAULTS[name]).example])
        assert edited.exit_code == 0, name
        checked = run.invoke(cli, ["check", "-", "--no-sdk", "-v"], input=edited.stdout_bytes).stdout
        assert [rule for rule in rules if rule not in checked] == [], name


def test_a_recording_that_a_rule_names_breaks_it():
    assert {name for names in broken_rules().values() for name in names} <= set(bundled_names())
    output = CliRunner().invoke(cli, ["check", "broken/cut_tool", "--select", "message-stop-missing"])
    assert "broken/cut_tool" in broken_rules()["message-stop-missing"]
    assert output.exit_code == 1
