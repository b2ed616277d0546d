"""The pages that a build makes, as files below `docs/`. Git ignores their folders."""

from __future__ import annotations

from pathlib import Path

from _extension.api_pages import api_pages
from _extension.command_pages import command_pages
from _extension.copies import copied_pages
from _extension.fault_pages import fault_pages
from _extension.pytest_page import pytest_page
from _extension.rule_pages import rule_pages
from _extension.variable_page import variable_page

__all__ = ["FOLDERS", "made_pages", "write_pages"]

FOLDERS = ("api", "commands", "faults", "reference", "rules")
"""The folders below `docs/` that hold nothing but made pages."""


def made_pages(root: Path) -> dict[str, str]:
    """Make every page of the repository at `root`: its text by its path below `docs/`."""
    several = (rule_pages(), fault_pages(), command_pages(), api_pages(), copied_pages(root))
    return dict([page for pages in several for page in pages] + [variable_page(), pytest_page()])


def write_pages(docs: Path, pages: dict[str, str]) -> None:
    """Write pages, and remove those of an earlier build. A page that stays the same keeps its time."""
    made = {docs / path: text for path, text in pages.items()}
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
    for folder in FOLDERS:
        for path in (docs / folder).glob("*.md"):
            if path not in made:
                path.unlink()
