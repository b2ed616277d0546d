"""The documents are true: they name every command, only options that exist, and show what is printed."""

from __future__ import annotations

import re
from pathlib import Path

import anthropic
import click
import pytest
from click.testing import CliRunner

import inspector
from inspector import pytest_plugin
from inspector.checker import RULES
from inspector.cli import cli
from inspector.faults import FAULTS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
MANUAL = "".join(page.read_text() for page in sorted((ROOT / "docs").glob("*.md")))
COMMANDS = list(cli.list_commands(click.Context(cli)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_and_explains_itself(name):
    assert f"`inspector {name}" in README
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    command = cli.get_command(click.Context(cli), name)
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert all(option.help for option in options), name


def test_every_option_the_documents_name_exists():
    known = {
        option
        for name in COMMANDS
        for parameter in cli.get_command(click.Context(cli), name).params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    parser = pytest.Parser(_ispytest=True)
    pytest_plugin.pytest_addoption(parser)
    known |= {name for option in parser.getgroup("inspector").options for name in option.names()}
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README + MANUAL)) - {"--help"}
    assert used <= known


def test_every_name_the_documents_call_exists():
    for name in re.findall(r"inspector\.([a-z_]+)\(", README + MANUAL):
        assert name in inspector.__all__


def shown(command, text=README):
    """What the README, or another text, shows below a command, up to the next one or the end of its block."""
    block = text[text.index(f"$ {command}\n") + len(command) + 3 :]
    return re.split(r"^(?:\$ |```)", block, maxsplit=1, flags=re.MULTILINE)[0].splitlines()


@pytest.mark.parametrize(
    "command",
    re.findall(r"^\$ inspector ((?:show|check) recordings[^|\n]*)", README, re.MULTILINE),
    ids=lambda text: text[:40],
)
def test_what_the_readme_shows_is_what_is_printed(command, monkeypatch):
    monkeypatch.chdir(ROOT)
    printed = CliRunner().invoke(cli, command.split()).output.splitlines()
    line = next(line for line in README.splitlines() if line.startswith(f"$ inspector {command}"))
    if "| jq" in line:
        return
    for expected in shown(line[2:]):
        expected = re.sub(r"anthropic [\d.]+", f"anthropic {anthropic.__version__}", expected)
        assert expected.rstrip() in [each.rstrip() for each in printed]


def test_the_manual_of_show_has_what_it_prints(monkeypatch):
    monkeypatch.chdir(ROOT)
    command = "show recordings/comments.jsonl"
    printed = CliRunner().invoke(cli, command.split()).stdout.splitlines()
    assert shown(f"inspector {command}", (ROOT / "docs/show.md").read_text()) == printed


def test_the_python_in_the_readme_runs(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(code.replace('tap("recordings/")', f'tap("{tmp_path}")'), {})
    assert capsys.readouterr().out.startswith("Hello!")


def without_times(text):
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "DATE", text)
    text = re.sub(r"\banthropic \d+\.\d+\.\d+", "anthropic VERSION", text)
    text = re.sub(r"\b[\d,.]+/s", "RATE", text)
    return " ".join(re.sub(r"[+]?\d+\.\d{3}", "TIME", text).split())


def test_the_first_demo_is_what_a_terminal_shows(monkeypatch):
    monkeypatch.setattr("inspector.cli._printing.screen_width", lambda err: 80)
    printed = (
        CliRunner().invoke(cli, ["stream", "--offline", "--speed", "1000", "--fold"]).stdout.splitlines()
    )
    lines = list(map(without_times, printed))
    for expected in shown("pip install . && inspector stream --offline"):
        assert expected.strip() == "…" or without_times(expected) in lines


def test_readme_stays_short():
    assert len(README.splitlines()) <= 300


def test_the_readme_counts_the_rules_and_the_faults():
    assert f"{len(RULES)} rules" in README
    assert len(FAULTS) == 49
    assert "Forty-nine faults" in README
