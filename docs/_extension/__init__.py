"""What Sphinx runs for the manual.

It makes the pages of the registries, mends links out of `docs/`, and enters what people search for.
"""

from __future__ import annotations

from enum import EnumType
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _extension.console import ConsoleLexer
from _extension.docstrings import as_rst, is_noise, parameter_names, public_name
from _extension.internals import MADE, SEAMS
from _extension.links import mended
from _extension.search_phrases import with_phrases
from _extension.written import made_pages, write_pages

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    from _extension.search_entries import SearchedFor

    app.add_lexer("console", ConsoleLexer)
    app.add_directive("searched-for", SearchedFor)
    app.connect("builder-inited", _make_pages)
    app.connect("source-read", _prepare)
    app.connect("autodoc-process-docstring", _write_docstring)
    app.connect("autodoc-process-signature", _write_signature)
    app.connect("autodoc-skip-member", _skip_member)
    app.connect("missing-reference", _find_public_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _make_pages(app: Sphinx) -> None:
    docs = Path(app.srcdir)
    write_pages(docs, made_pages(docs.parent))


def _prepare(app: Sphinx, name: str, source: list[str]) -> None:
    path = Path(app.env.doc2path(name)).relative_to(app.srcdir).as_posix()
    source[0] = with_phrases(mended(source[0], path), path)


def _write_docstring(
    app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]
) -> None:
    lines[:] = as_rst("\n".join(lines), parameter_names(value))


def _write_signature(
    app: Sphinx, what: str, name: str, value: object, options: object, takes: str | None, gives: str | None
) -> tuple[str | None, str | None]:
    """Show the default that a function makes as `...`: with `<factory>` in it, nothing can be parsed.

    A class that users do not call is shown without what it takes: an enum, and what a function makes.
    """
    if isinstance(value, EnumType) or (what == "class" and name.rpartition(".")[2] in MADE):
        return "", None
    return takes and takes.replace("<factory>", "..."), gives


def _skip_member(
    app: Sphinx, what: str, name: str, value: object, skip: bool, options: object
) -> bool | None:
    function = value.fget if isinstance(value, property) else value
    is_seam = getattr(function, "__qualname__", "") in SEAMS
    return True if is_seam or is_noise(what, value) else None


def _find_public_name(app: Sphinx, env: Any, node: Any, content: Any) -> Any:
    """Let a type in a signature, such as `inspector.recording.values.Recording`, lead to the public name."""
    name = public_name(str(node.get("reftarget", "")).rpartition(".")[2])
    if node.get("refdomain") != "py" or not name:
        return None
    return env.domains["py"].resolve_xref(env, node.get("refdoc"), app.builder, "obj", name, node, content)
