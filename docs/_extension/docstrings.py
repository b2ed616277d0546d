"""Docstrings, which are plain text, as the reStructuredText that autodoc expects."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterator

import inspector.types

__all__ = ["as_rst", "is_noise", "parameter_names", "public_name"]

_CODE_SPAN = re.compile(r"(`[^`]+`\w*)")
_SPECIAL = re.compile(r"([\\*_|<>@])")
_PAGE = re.compile(r"docs/(\w+)\.md")
_COMMAND = re.compile(r"inspector ([a-z]+)")


def as_rst(docstring: str, own_names: Collection[str] = ()) -> Iterator[str]:
    """Yield the lines of a docstring as reStructuredText; an indented paragraph is code.

    A public name in backticks becomes a link, except for `own_names`: the parameters of what is described.
    """
    for paragraph in re.split(r"\n\s*\n", docstring.strip("\n")):
        lines = paragraph.splitlines()
        if lines and all(line.startswith("    ") or not line for line in lines):
            yield from (".. code-block:: python", "", *lines)
        else:
            yield from _prose(paragraph, own_names).splitlines()
        yield ""


def _prose(text: str, own_names: Collection[str]) -> str:
    parts = _CODE_SPAN.split(text)
    return "".join(
        _code(part, own_names) if at % 2 else _SPECIAL.sub(r"\\\1", part) for at, part in enumerate(parts)
    )


def _code(span: str, own_names: Collection[str]) -> str:
    text, after = span[1:].split("`")
    name = public_name(text) if text not in own_names else None
    if name:
        role = f":py:obj:`{text} <{name}>`"
    elif page := _PAGE.fullmatch(text):
        role = f":doc:`/{page[1]}`"
    elif command := _COMMAND.fullmatch(text):
        role = f":doc:`{text} </commands/{command[1]}>`"
    else:
        role = f"``{text}``"
    return role + (f"\\ {after}" if after else "")


def public_name(text: str) -> str | None:
    """Return the full public name that `text` stands for, if it is one of the package's own."""
    last = text.removeprefix("inspector.").removeprefix("types.")
    if last in inspector.__all__:
        return f"inspector.{last}"
    return f"inspector.types.{last}" if last in inspector.types.__all__ else None


def parameter_names(value: object) -> Collection[str]:
    """Return the names of what a function or a class takes."""
    try:
        return inspect.signature(value).parameters if callable(value) else ()
    except ValueError:
        return ()


def is_noise(what: str, value: object) -> bool:
    """Return whether a member says nothing: the field of a named tuple, whose type is in the signature."""
    text = inspect.getdoc(value) or ""
    return what == "class" and inspect.isdatadescriptor(value) and text.startswith("Alias for field")
