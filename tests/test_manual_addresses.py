"""Every rule, fault and command has a page in the manual, at an address that needs no escaping anywhere."""

from __future__ import annotations

import re
import tomllib
from urllib.parse import urlsplit

import pytest
from conftest import ROOT

from inspector.checker import RULES
from inspector.cli import cli
from inspector.faults import FAULTS
from inspector.manual import MANUAL, command_page, fault_page, rule_page

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
