"""Pages that are files of the repository outside `docs/`: the format's specification, the changelog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from _extension.links import PAGES, mended

__all__ = ["copied_pages"]


def copied_pages(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the path below `docs/` and the text of each page that is a copy."""
    for origin, page in PAGES.items():
        below = page.removeprefix("docs/")
        if below.startswith("reference/"):
            yield below, mended((root / origin).read_text("utf-8"), below, origin)
