"""The documents are true: they name every command, only options that exist, and show what is printed."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from console_blocks import blocks
from seven_tasks import TASKS, Task, problems_of_task

import inspector
from inspector import pytest_plugin
from inspector.checker import RULES
from inspector.cli import cli
from inspector.faults import FAULTS
from inspector.manual import MANUAL

ROOT = Path(__file__).parents[2]
README_FILE = ROOT / "README.md"
README = README_FILE.read_text()
PAGES = "".join(page.read_text() for page in sorted((ROOT / "docs").glob("*.md")))
OTHER_OPTIONS = {"--help", "--init", "--user"}  # of Click and docker
OTHER_OPTIONS |= {"--disable-plugin-autoload", "--strict-markers"}  # of pytest
OTHER_OPTIONS |= {"--retry-connrefused"}  # of curl
COMMANDS = list(cli.list_commands(click.Context(cli)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_and_explains_itself(name):
    listed = README[README.index("## Commands") : README.index("## Contributing")]
    assert f"`{name}`" in listed
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
    others = r"^(?:\$ (?!inspector )|pip |python ).*"  # other programs have their own
    text = re.sub(others, "", README + PAGES, flags=re.MULTILINE)
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - OTHER_OPTIONS
    assert used <= known


def test_every_name_the_documents_call_exists():
    for name in re.findall(r"inspector\.([a-z_]+)\(", README + PAGES):
        assert name in inspector.__all__


def test_the_examples_of_the_readme_that_belong_to_no_task_are_true(tmp_path):
    beginnings = tuple(beginning for task in TASKS for beginning in task.commands)
    consoles = [block for block in blocks(README_FILE) if block.language == "console"]
    commands = [command.text for block in consoles for command in block.commands() if block.runs]
    others = tuple(text for text in commands if not text.startswith(beginnings))
    assert any("check" in text for text in others)
    assert problems_of_task(Task("the rest", others, ""), tmp_path) == []


def test_each_example_of_the_readme_runs_or_says_why_not():
    assert [
        block.line for block in blocks(README_FILE) if block.language == "console" and not block.runs
    ] == [README[: README.index("$ uvx")].count("\n")]


def test_readme_stays_short():
    assert len(README.splitlines()) < 180


def test_no_example_of_the_readme_is_wider_than_a_page_shows():
    lines = [line for block in blocks(README_FILE) for line in block.text.splitlines()]
    assert [line for line in lines if len(line) > 105] == []


def test_the_readme_counts_the_rules_and_the_faults():
    assert f"{len(RULES)} such [rules]" in README
    assert f"{len(FAULTS)} faults" in README


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)\s]+)\)", README))))
def test_what_the_readme_links_to_exists(link):
    path, _, anchor = link.partition("#")
    if link.startswith("https:"):
        assert path.startswith(MANUAL)
    elif path and not path.startswith("docs/pictures/"):
        assert (ROOT / path).exists()
    if anchor and not link.startswith("https:"):
        text = (ROOT / path).read_text() if path else README
        headings = re.findall(r"^#+ (.*)", text, re.MULTILINE)
        assert anchor in [re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings]


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.stem)
def test_every_page_can_be_reached(page):
    index = (ROOT / "docs/index.md").read_text()
    assert page.stem == "index" or f"docs/{page.name}" in README or re.search(rf"^{page.stem}$", index, re.M)
