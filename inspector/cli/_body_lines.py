"""A body that is no event stream, as people read it: JSON is laid out in lines, other text keeps its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector import _json
from inspector.cli._event_lines import STYLES, Look
from inspector.cli._paragraphs import broken
from inspector.cli._printing import Styles, shown_paragraphs
from inspector.cli._widths import cells
from inspector.views.timeline import Tone

__all__ = ["body_lines"]

_INDENT = "  "
_NARROWEST = 8  # columns of a value beside its name
_MEMBER = re.compile(r'( *)("(?:[^"\\]|\\.)*": )?(.*)')
_PLAIN: Styles = {}


def body_lines(body: bytes, look: Look) -> Iterator[str]:
    """Yield the lines of a body: JSON is laid out anew, and text keeps its lines. Both are broken at words.

    Of a body that is neither, there is one line that says so.
    """
    try:
        value = _json.loads(body)
    except ValueError:
        value = None
    if isinstance(value, dict | list):
        for line in shown_paragraphs(_json.dumps_text(value, indent=2)):
            yield from _json_lines(line, look)
    elif b"\0" in body:
        yield from _lines(f"{len(body):,} bytes that are no text", look, STYLES[Tone.ODD])
    else:
        for line in shown_paragraphs(body.decode("utf-8", "replace").rstrip()):
            yield from _lines(line, look, STYLES[Tone.FACT])


def _json_lines(line: str, look: Look) -> Iterator[str]:
    match = _MEMBER.fullmatch(line)
    blanks, name, value = match.groups() if match else ("", None, line)
    if look.width is not None:
        blanks = blanks[: look.width // 2 - 6]  # of JSON that is very deep
        if name and cells(_INDENT + blanks + name) > look.width - _NARROWEST:
            name, value = "", name + value
    style = _PLAIN if value.startswith('"') else STYLES[Tone.JSON]
    begin = _INDENT + blanks + look.style(name or "", **STYLES[Tone.FACT])
    before = cells(_INDENT + blanks + (name or ""))
    yield from _lines(value, look, style, begin, before, _INDENT + blanks + "    ")


def _lines(
    text: str, look: Look, style: Styles, begin: str = _INDENT, before: int = 2, hanging: str = _INDENT
) -> Iterator[str]:
    """Yield `text` in lines, the first after `begin` of `before` columns, the others after `hanging`."""
    if look.width is None:
        lines = iter([text])
    else:
        lines = broken(text, look.width - len(hanging), first=look.width - before)
    yield (begin + look.style(next(lines), **style)).rstrip()
    for line in lines:
        yield hanging + look.style(line, **style)
