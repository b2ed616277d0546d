"""The pages that a build makes, as files below `docs/`. Git ignores their folders."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

__all__ = ["FOLDERS", "write_pages"]

FOLDERS = ("api", "commands", "faults", "reference", "rules")
"""The folders below `docs/` that hold nothing but made pages."""


def write_pages(docs: Path, pages: Iterable[tuple[str, str]]) -> None:
    """Write pages, and remove those of an earlier build. A page that stays the same keeps its time."""
    made = {docs / path: text for path, text in pages}
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
    for folder in FOLDERS:
        for path in (docs / folder).glob("*.md"):
            if path not in made:
                path.unlink()
