"""Every link of the repository's Markdown leads to a file that is there, and to a heading of it.

A link may also lead to a page that the manual's build makes.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

import pytest
from _extension.links import PAGES, mended
from _extension.written import FOLDERS, made_pages

ROOT = Path(__file__).parents[2]
MADE = {f"docs/{path}": text for path, text in made_pages(ROOT).items()}

_CODE = re.compile(r"^(`{3,}).*?^\1`*$|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)(#[^)\s]*)?\)")


def own_pages():
    """The Markdown files of the repository, without what a build has made."""
    folders = [ROOT / "docs", ROOT / "recordings", ROOT / ".github"]
    found = [*ROOT.glob("*.md"), *(path for folder in folders for path in folder.rglob("*.md"))]
    names = sorted(path.relative_to(ROOT).as_posix() for path in found)
    return [name for name in names if not name.startswith(tuple(f"docs/{folder}/" for folder in FOLDERS))]


def headings(text):
    """The anchors of a page's headings, as code hosts and the manual name them."""
    titles = re.findall(
        r"^#+ +(.*)", re.sub(r"^(`{3,}).*?^\1`*$", "", text, flags=re.DOTALL | re.MULTILINE), re.M
    )
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in titles]
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in plain}


def broken(text, page):
    """The links of a page that lead nowhere."""
    for target, anchor in _LINK.findall(_CODE.sub("", text)):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), target)) if target else page
        exists = path == page or path in MADE or (ROOT / path).exists()
        if not exists or (anchor and anchor[1:] not in headings(text if path == page else read(path))):
            yield f"{target}{anchor}"


def read(path):
    return MADE.get(path) or (ROOT / path).read_text()


@pytest.mark.parametrize("page", own_pages())
def test_every_link_in_the_repository_leads_somewhere(page):
    assert list(broken((ROOT / page).read_text(), page)) == []


@pytest.mark.parametrize("page", [page for page in own_pages() if page.startswith("docs/")])
def test_every_link_of_a_page_leads_somewhere_in_the_manual(page):
    text = mended((ROOT / page).read_text(), page.removeprefix("docs/"))
    assert list(broken(text, page)) == []
    assert not [target for target, _ in _LINK.findall(_CODE.sub("", text)) if target.startswith("../../")]


@pytest.mark.parametrize("page", MADE)
def test_every_link_of_a_made_page_leads_somewhere(page):
    assert list(broken(MADE[page], page)) == []


def test_a_link_that_leads_nowhere_is_seen():
    text = (
        "# A\n\n[x](nowhere.md) [y](#b) [z](limits.md#no) `[q](code.md)` [a](#a) [b](https://example.com)\n"
    )
    assert list(broken(text, "docs/x.md")) == ["nowhere.md", "#b", "limits.md#no"]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[f](../recordings/README.md#the-end)", "[f](reference/format.md#the-end)"),
        ("[c](../CHANGELOG.md)", "[c](reference/changelog.md)"),
        ("[r](../README.md#in-python)", "[r](index.md)"),
        ("[t](../tests/x.py)", "t"),
        ("[s](stats.md#a)", "[s](stats.md#a)"),
        ("[w](https://example.com/README.md)", "[w](https://example.com/README.md)"),
        ("```\n[f](../README.md)\n```", "```\n[f](../README.md)\n```"),
    ],
)
def test_a_link_out_of_the_manual_leads_to_its_page_or_is_text(link, expected):
    assert mended(link, "proxy.md") == expected


def test_a_copy_has_links_from_where_it_is_shown():
    text = "[d](docs/stats.md) [r](recordings/README.md) [s](.github/SECURITY.md)"
    assert mended(text, "reference/changelog.md", "CHANGELOG.md") == "[d](../stats.md) [r](format.md) s"


def test_made_pages_are_in_folders_that_git_ignores():
    assert {path.split("/")[1] for path in MADE} == set(FOLDERS)
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {f"docs/{folder}/" for folder in FOLDERS} <= set(ignored)
    assert all((ROOT / path).exists() for path in PAGES)
