"""A difference as Markdown, for a comment on a pull request.

What a stream says stands in fenced blocks only. A fence is longer than any row of backticks in it, so no text
can leave its block, mention a person or link anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector.escaping import escape
from inspector.redact import mask_text
from inspector.views.changes import Change
from inspector.views.diff_text import hunks, is_long, note_text, value_text
from inspector.views.difference_tree import Difference
from inspector.views.json_diff import ABSENT

__all__ = ["markdown"]

_TICKS = re.compile(r"`+")


def markdown(difference: Difference) -> str:
    """Return a difference as Markdown."""
    return "\n".join(_lines(difference, level=3))


def _lines(difference: Difference, level: int) -> Iterator[str]:
    one, other = difference.one, difference.other
    if one is None or other is None:
        side = "second" if one is None else "first"
        yield from (f"- {_code(one or other or '')} is only in the {side}", "")
        return
    differing = [each for each in difference.inner if not each.same]
    verdict = f"differs in {', '.join(difference.parts)}"
    if difference.same:
        verdict = f"the same in {difference.compared}"
    elif difference.inner:
        verdict = f"{len(differing)} of {len(difference.inner)} differ"
    yield from (f"{'#' * level} {_code(one)} → {_code(other)}: {verdict}", "")
    for each in differing:
        yield from _lines(each, level + 1)
    if difference.changes:
        text = [line for change in difference.changes for line in _change(change)]
        fence = "`" * max(
            3, 1 + max((len(ticks) for line in text for ticks in _TICKS.findall(line)), default=0)
        )
        yield from (f"{fence}diff", *text, fence, "")
    notes = [*map(note_text, difference.notes), *(f"not compared: {each}" for each in difference.uncompared)]
    if notes and not difference.inner:
        yield from (f"Besides: {_code(' · '.join(notes))}", "")


def _change(change: Change) -> Iterator[str]:
    """Yield a change as a hunk of a diff."""
    yield _shown(f"@@ {change.where} @@")
    before, after = change.before, change.after
    if change.path[0] == "events":
        for sign, steps in (("-", before), ("+", after)):
            yield from (_shown(f"{sign} {step}") for step in ([] if steps is ABSENT else steps))
        return
    if not is_long(before, after):
        for sign, value in (("-", before), ("+", after)):
            if value is not ABSENT:
                yield _shown(f"{sign} {value_text(change, value)}")
        return
    for hunk in hunks(*("" if side is ABSENT else side for side in (before, after))):
        for sign in "-+":
            if any(piece.sign == sign for piece in hunk):
                yield _shown(f"{sign} " + "".join(piece.text for piece in hunk if piece.sign in ("=", sign)))


def _shown(line: str) -> str:
    return escape(mask_text(line))


def _code(text: str) -> str:
    """Return a text as a span of code."""
    shown = _shown(text)
    ticks = "`" * (1 + _longest_row(shown))
    return f"{ticks} {shown} {ticks}" if len(ticks) > 1 else f"`{shown}`"


def _longest_row(text: str) -> int:
    """Return the length of the longest row of backticks in a text."""
    return max(map(len, _TICKS.findall(text)), default=0)
