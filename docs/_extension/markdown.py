"""Plain text, as registries and helps have it, written as Markdown that shows the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from inspector.manual import MANUAL

__all__ = ["ALONE", "code", "fence", "link", "link_commands", "plain", "table"]

ALONE = "---\norphan: true\n---"
"""How a page begins that is in no table of contents: hundreds of them would fill the side of every page."""

_CODE_SPAN = re.compile(r"(`[^`]+`)")
_SPECIAL = re.compile(r"([\\*_<>\[\]|~$^{}#!&])")
_CODE = re.compile(
    r"(?<![\w`-])--?[a-z][a-z-]*\b"  # an option
    r"|-- COMMAND\b"
    r"|\b[a-z]+(?:_[a-z]+)+(?:\.[a-z_]+)*\b"  # a name of the protocol
    r"|\b[a-z_]+(?:\.[a-z_]+)*\(\)"  # a call
    r"|\b[a-z]\w*\.[A-Z]\w+\b"  # an exception
    r"|\b[A-Z]+(?:_[A-Z]+)+\b"  # an environment variable
)
_ADDRESS = re.compile(r"https?://[^\s<>()]+(?<![.,;:])")
_FILE_NUMBER = re.compile(r"https://github\.com/([^/]+/[^/]+)/(?:issues|pull)/(\d+)$")


def plain(text: str) -> str:
    """Escape a paragraph. What stands in backticks is code, and so are options, names and calls."""
    return "".join(_span(part) if at % 2 else _words(part) for at, part in enumerate(_CODE_SPAN.split(text)))


def _span(text: str) -> str:
    return text.replace("|", "\\|")


def _words(text: str) -> str:
    pieces, at = [], 0
    for match in re.finditer(f"(?P<address>{_ADDRESS.pattern})|{_CODE.pattern}", text):
        pieces += [
            _escaped(text[at : match.start()]),
            link(match[0]) if match["address"] else f"`{match[0]}`",
        ]
        at = match.end()
    return "".join([*pieces, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def link_commands(text: str) -> str:
    """Link what Markdown on a command's page names: `inspector rules`, and other pages of the manual."""
    text = re.sub(r"`inspector ([a-z]+)( --help)?`", r"[\g<0>](\1.md)", text)
    return re.sub(rf"\[[^]]*\]\({re.escape(MANUAL)}(\w+)\.html\)", r"[](../\1.md)", text)


def link(address: str) -> str:
    """Link to an address by a short name: `owner/repository#number`, or without its scheme."""
    number = _FILE_NUMBER.fullmatch(address)
    name = f"{number[1]}#{number[2]}" if number else address.partition("://")[2].removesuffix("/")
    return f"[{_escaped(name)}]({address})"


def code(text: str) -> str:
    """Write a short text as code, also in a table."""
    ticks = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}".replace("|", "\\|")


def fence(text: str, language: str = "text", *, wrap: bool = False) -> str:
    """Write lines as a block of code; `wrap` breaks long lines, for what is one sentence."""
    ticks = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 0)
    if wrap:
        return f"{ticks}{{code-block}} {language}\n:class: wrapped\n\n{text}\n{ticks}"
    return f"{ticks}{language}\n{text}\n{ticks}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table. The cells are Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
