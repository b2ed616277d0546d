"""Links that are right in the repository, made right in the manual.

A page of `docs/` links to `../recordings/README.md`, because that is where a code host shows it. In the
manual it is the page `reference/format`. A file that the manual does not have loses its link and keeps its
text.
"""

from __future__ import annotations

import posixpath
import re

__all__ = ["PAGES", "mended"]

PAGES = {
    "README.md": "docs/index.md",
    "CHANGELOG.md": "docs/reference/changelog.md",
    "recordings/README.md": "docs/reference/format.md",
}
"""The files outside `docs/` that are pages of the manual, and which."""

_FENCES = re.compile(r"^(`{3,}|~{3,}).*?^\1`*$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(
    r"(?<!!)\[([^\]\[]*(?:\[[^\]]*\][^\]\[]*)*)\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)"
)


def mended(text: str, page: str, origin: str | None = None) -> str:
    """Return Markdown whose links lead to pages of the manual.

    `page` is its path below `docs/`. `origin` is the path in the repository that its links start from, if the
    text is a copy of another file.
    """
    here = posixpath.dirname(origin or f"docs/{page}")
    there = posixpath.dirname(f"docs/{page}")

    def link(match: re.Match[str]) -> str:
        text, target, anchor = match[1], match[2], match[3] or ""
        path = posixpath.normpath(posixpath.join(here, target))
        if path in PAGES:
            path, anchor = PAGES[path], anchor if path != "README.md" else ""
        elif not path.startswith("docs/"):
            return text
        return f"[{text}]({posixpath.relpath(path, there)}{anchor})"

    pieces, at = [], 0
    for fence in _FENCES.finditer(text):
        pieces += [_LINK.sub(link, text[at : fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*pieces, _LINK.sub(link, text[at:])])
