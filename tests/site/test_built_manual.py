"""The manual as it is built: no warning, every page at its address, no link into nothing, no foreign host.

A plain `pytest` leaves it out, because it needs Sphinx: `pip install -e ".[docs]" && pytest tests/site`. If
MANUAL_HTML names the folder of a manual that is built already, nothing is built.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from _extension.internals import MADE, SEAMS
from _extension.search_phrases import PHRASES

import inspector
import inspector.corpus
import inspector.types
from inspector.checker import RULES
from inspector.cli import cli
from inspector.faults import FAULTS
from inspector.manual import MANUAL, command_page, fault_page, rule_page

ROOT = Path(__file__).parents[2]
ADDRESSES = [*map(rule_page, RULES), *map(fault_page, FAULTS), *map(command_page, cli.list_commands(None))]

FETCHED = {("script", "src"), ("img", "src"), ("img", "srcset"), ("iframe", "src"), ("source", "src")}
"""What a browser fetches when it opens a page, besides `link`: the tag, and the attribute that names it."""

NOT_FETCHED = {"canonical", "next", "prev", "index", "search", "author"}
"""The relations of a `link` that a browser fetches nothing for."""


class Page(HTMLParser):
    """What is looked at in one page: ids, links, what a browser fetches, and the text outside of code."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.prose: list[str] = []
        self._code = 0
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids.add(values.get("id") or "")
        self._code += tag in ("pre", "code", "script", "style")
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
        self.fetched += [value for name, value in attrs if (tag, name) in FETCHED and value]
        if tag == "link" and not NOT_FETCHED & set((values.get("rel") or "").split()):
            self.fetched.append(values.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("pre", "code", "script", "style")

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.prose.append(data)


class Site:
    """The folder of a built manual."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Every page by its path below the manual's address."""
        found = sorted(self.folder.rglob("*.html"))
        return {path.relative_to(self.folder).as_posix(): Page(path) for path in found}

    def broken(self, name: str) -> Iterator[str]:
        """Yield the links and resources of a page that are not there."""
        page = self.pages[name]
        for address in [*page.links, *page.fetched]:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            there = posixpath.normpath(
                posixpath.join(posixpath.dirname(name), unquote(parts.path) or Path(name).name)
            )
            if there in self.pages:
                if parts.fragment and unquote(parts.fragment) not in self.pages[there].ids:
                    yield address
            elif not (self.folder / there).is_file():
                yield address


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    if "MANUAL_HTML" in os.environ:
        return Site(Path(os.environ["MANUAL_HTML"]))
    pytest.importorskip("sphinx", reason="the manual needs Sphinx: pip install -e '.[docs]'")
    folder = tmp_path_factory.mktemp("manual")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-d"]
    run = subprocess.run(
        [*command, folder / "doctrees", "docs", folder / "html"], cwd=ROOT, capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    return Site(folder / "html")


def test_a_rule_a_fault_and_a_command_has_its_page_where_findings_link_to(site):
    missing = [each for each in ADDRESSES if each.removeprefix(MANUAL) not in site.pages]
    assert (missing, len(ADDRESSES)) == ([], len(RULES) + len(FAULTS) + len(cli.list_commands(None)))


def test_every_link_and_every_picture_is_there(site):
    broken = {name: found for name in site.pages if (found := sorted(set(site.broken(name))))}
    assert broken == {}


def test_a_browser_fetches_nothing_from_another_host(site):
    foreign = {name: page.fetched for name, page in site.pages.items() if any(map(is_foreign, page.fetched))}
    assert foreign == {}
    for path in [*site.folder.rglob("*.css"), *site.folder.rglob("*.svg")]:
        text = path.read_text("utf-8")
        addresses = re.findall(
            r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)|<image[^>]*href=\"([^\"]+)", text
        )
        assert not [each for groups in addresses for each in groups if is_foreign(each)], path.name
    for path in site.folder.rglob("*.js"):
        text = path.read_text("utf-8")
        assert not re.search(r"(fetch|import|importScripts|\.open)\(\s*['\"`](https?:)?//", text), path.name
        assert not re.search(r"\.src\s*=\s*['\"`](https?:)?//", text), path.name


def is_foreign(address: str) -> bool:
    return bool(re.match(r"(https?:)?//", address))


def test_every_public_name_can_be_linked_to(site):
    ids = set().union(*(page.ids for name, page in site.pages.items() if name.startswith("api/")))
    names = [f"inspector.{name}" for name in inspector.__all__ if not name.startswith("__")]
    for module in (inspector.corpus, inspector.types):
        names += [f"{module.__name__}.{name}" for name in module.__all__]
    assert [name for name in names if name not in ids] == []


def test_every_page_can_be_reached_from_the_first(site):
    reached, waiting = {"index.html"}, ["index.html"]
    while waiting:
        name = waiting.pop()
        for link in site.pages[name].links:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), urlsplit(link).path))
            if not urlsplit(link).scheme and path in site.pages and path not in reached:
                reached.add(path)
                waiting.append(path)
    assert sorted(site.pages.keys() - reached - {"search.html", "genindex.html", "py-modindex.html"}) == []


def test_no_page_shows_markup(site):
    markup = re.compile(r"``|\]\(|\{option\}|\{py:obj\}|:py:obj:|:doc:|\]\{\.|^#+ ")
    shown = {
        name: found
        for name, page in site.pages.items()
        if (found := [text.strip() for text in page.prose if markup.search(text)])
    }
    assert shown == {}


def test_the_search_knows_rules_and_options(site):
    index = (site.folder / "searchindex.js").read_text("utf-8")
    assert "rules/message-stop-missing" in index
    assert "faults/cut-clean" in index
    assert "--fail-on" in index


FIRST = {
    "529": "faults/http-error",
    "badge": "guides/conformance_badge",
    "bucket": "guides/bucket_of_streams",
    "cache tokens": "stats",
    "check": "commands/check",
    "Claude Code": "guides/claude_code",
    "cut-fin": "faults/cut-fin",
    "docker": "container",
    "fault": "faults/index",
    "gateway": "guides/misbehaving_gateway",
    "message stop missing": "rules/message-stop-missing",
    "my stream was cut": "guides/cut_stream",
    "no message_stop": "rules/message-stop-missing",
    "overloaded": "faults/http-error",
    "overloaded error": "faults/http-error",
    "proxy": "proxy",
    "pytest": "pytest",
    "rate limit": "faults/http-error",
    "record my agent": "guides/agent_fixtures",
    "retry": "verdict",
    "stall": "faults/stall",
    "stream cut": "guides/cut_stream",
    "Tap.flush": "api/recording#inspector.Tap.flush",
    "time to first token": "stats",
    "tool use": "tutorial",
    "--fail-on": "commands/check",
}
"""What people search for, and the page that is to come first."""


@pytest.fixture(scope="module")
def results(site: Site) -> dict[str, list[str]]:
    """What the search lists for each query: pages, with an anchor or without one."""
    if (node := shutil.which("node")) is None:
        pytest.skip("the search is a program for browsers, which Node runs")
    command = [node, Path(__file__).with_name("searching.mjs"), site.folder, *FIRST]
    return dict(zip(FIRST, json.loads(subprocess.check_output(command, text=True)), strict=True))


@pytest.mark.parametrize("query", FIRST)
def test_the_search_lists_the_page_that_is_meant_first_and_once(results, query):
    assert results[query][0] == FIRST[query]
    assert results[query].count(FIRST[query]) == 1


def test_what_is_searched_for_belongs_to_a_page(site):
    assert [page for page in PHRASES if f"{page}.html" not in site.pages] == []


def test_a_class_that_a_function_makes_is_shown_without_its_constructor_and_seams(site):
    ids = set().union(*(page.ids for name, page in site.pages.items() if name.startswith("api/")))
    assert [name for name in SEAMS if f"inspector.{name}" in ids] == []
    assert {"inspector.Tap.flush", "inspector.Server.url"} <= ids
    for path in (site.folder / "api").glob("*.html"):
        text = path.read_text("utf-8")
        for name in MADE:
            if declared := re.search(rf'<dt [^>]*id="inspector\.{name}">(.*?)</dt>', text, re.DOTALL):
                assert "sig-paren" not in declared[1], name
