"""The page of PyPI is the README with links that lead somewhere there: to the manual."""

from __future__ import annotations

import re
import tomllib

import pytest
from conftest import ROOT

from inspector.manual import MANUAL

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LINK = re.compile(r"\]\(([^)\s]+)\)")

NOT_BY_NAME = {"reference/format": "recordings/README.md", "house": ".github/CONTRIBUTING.md"}
"""Pages of the manual that are not made of the page of `docs/` with their name."""


def page():
    hook = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    assert [each["path"] for each in hook["fragments"]] == ["README.md"]
    text = (ROOT / "README.md").read_text()
    for each in hook["substitutions"]:
        text = re.sub(each["pattern"], each["replacement"], text)
    return text


def test_the_build_makes_the_page():
    assert "readme" in PROJECT["project"]["dynamic"]
    assert any(each.startswith("hatch-fancy-pypi-readme") for each in PROJECT["build-system"]["requires"])


def test_it_has_no_relative_link():
    links = LINK.findall(page())
    assert links
    assert [link for link in links if not link.startswith(("#", MANUAL))] == []


def test_nothing_but_links_differs_from_the_readme():
    assert LINK.sub("", page()) == LINK.sub("", (ROOT / "README.md").read_text())


@pytest.mark.parametrize("link", sorted(set(LINK.findall(page()))))
def test_a_link_leads_to_a_page_that_the_manual_has(link):
    name = link.partition("#")[0].removeprefix(MANUAL)
    if name.startswith("_images/"):
        picture = f"pictures/{name.removeprefix('_images/')}"
        assert (ROOT / "docs" / picture).exists()
        assert any(f"]({picture})" in each.read_text() for each in (ROOT / "docs").glob("*.md"))
    elif name:
        page_name = name.removesuffix(".html")
        assert (ROOT / NOT_BY_NAME.get(page_name, f"docs/{page_name}.md")).exists()
