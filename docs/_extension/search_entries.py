"""The directive of what people search for. Sphinx alone imports this module: it needs docutils."""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

__all__ = ["SearchedFor"]


class SearchedFor(SphinxDirective):
    """Enter the lines of its content into the index as this page's own, and show nothing."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Make an entry of each line, and words that the search counts as the page's."""
        phrases = [line.strip() for line in self.content if line.strip()]
        words = sorted({word for phrase in phrases for word in phrase.lower().split()})
        # An entry without a target leads to the page itself, so the search lists the page once.
        entries = [("single", phrase, "", "main", None) for phrase in phrases]
        return [addnodes.index(entries=entries), nodes.meta("", name="keywords", content=", ".join(words))]
