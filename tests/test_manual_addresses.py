"""Every rule, fault and command has a page in the manual, at an address that needs no escaping anywhere."""

from __future__ import annotations

import ast
import re
import tomllib
from urllib.parse import urlsplit

import click
import pytest
from conftest import ROOT

from inspector.checker import RULES
from inspector.cli import cli
from inspector.faults import FAULTS
from inspector.manual import MANUAL, command_page, fault_page, page, rule_page

PAGES = {
    "rules": (rule_page, [*RULES]),
    "faults": (fault_page, [*FAULTS]),
    "commands": (command_page, [*cli.list_commands(None)]),
}


@pytest.mark.parametrize("folder", PAGES)
def test_a_page_stands_below_the_manual_under_the_name_that_users_write(folder):
    page, names = PAGES[folder]
    assert names
    assert [page(name) for name in names] == [f"{MANUAL}{folder}/{name}.html" for name in names]


@pytest.mark.parametrize("folder", PAGES)
def test_an_address_is_plain_in_terminals_pages_and_documents(folder):
    page, names = PAGES[folder]
    for name in names:
        assert re.fullmatch(r"https://[a-z0-9./-]+", page(name))


def test_the_manual_is_a_folder_on_a_safe_host():
    parts = urlsplit(MANUAL)
    assert (parts.scheme, parts.path[-1], parts.query, parts.fragment) == ("https", "/", "", "")


def test_the_package_names_the_same_manual():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["urls"]["Documentation"] == MANUAL


def command_texts():
    """Yield each command's help, and those of its options."""
    for name in cli.list_commands(None):
        command = cli.get_command(None, name)
        yield name, command.help or ""
        for option in command.params:
            if isinstance(option, click.Option):
                yield f"{name} {option.opts[0]}", option.help or ""


def code_texts():
    """Yield each text in the code that is no docstring: a message, or a part of one."""
    for path in sorted((ROOT / "inspector").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        alone = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in alone:
                yield f"{path.name}:{node.lineno}", node.value


TEXTS = [*command_texts(), *code_texts()]


def test_no_text_sends_a_user_to_a_file_that_an_installed_package_lacks():
    assert len(TEXTS) > 5000
    assert [
        where for where, text in TEXTS if re.search(r"\b(docs/\w+\.md|README\.md|CONTRIBUTING)", text)
    ] == []


def test_every_page_of_the_manual_that_a_text_names_exists():
    written = [name for _, text in TEXTS for name in re.findall(re.escape(MANUAL) + r"([\w/]+)\.html", text)]
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "inspector").rglob("*.py"))
    named = {*written, *re.findall(r"\{page\('([\w/]+)'\)\}", sources)}
    assert {"tables", "verdict", "object_stores"} <= named
    assert [name for name in named if not (ROOT / f"docs/{name}.md").is_file()] == []
    assert page("tables") == f"{MANUAL}tables.html"
