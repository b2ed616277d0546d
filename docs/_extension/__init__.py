"""What Sphinx runs for the manual: it makes the pages of the registries, and mends links out of `docs/`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from _extension.command_pages import command_pages
from _extension.copies import copied_pages
from _extension.fault_pages import fault_pages
from _extension.links import mended
from _extension.rule_pages import rule_pages
from _extension.variable_page import variable_page
from _extension.written import write_pages

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", _write_pages)
    app.connect("source-read", _mend_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write_pages(app: Sphinx) -> None:
    docs = Path(app.srcdir)
    write_pages(
        docs, [*rule_pages(), *fault_pages(), *command_pages(), variable_page(), *copied_pages(docs.parent)]
    )


def _mend_links(app: Sphinx, name: str, source: list[str]) -> None:
    path = Path(app.env.doc2path(name)).relative_to(app.srcdir)
    source[0] = mended(source[0], path.as_posix())
