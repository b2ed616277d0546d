"""Changes as lines of text, for the command's output and for a failing assertion.

Lines are made of pieces that have a style each, for terminals with colours. Without colours the marks of
`git diff --word-diff` say the same. A line is masked and escaped where it becomes text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from inspector.escaping import defused, escape
from inspector.redact import mask_text
from inspector.views.changes import Change, Note, Part
from inspector.views.json_diff import ABSENT, short_value
from inspector.views.word_diff import Piece, pieces

__all__ = ["Line", "change_lines", "hunks", "is_long", "note_text", "seconds", "value_text"]

_SHORT = 60  # characters of a text that stands in a line with the other
_VALUE = 200  # characters of any other value
_CONTEXT = 60  # characters of what both have, on either side of a change
_LONGEST = 1200  # characters of one text that only one side has
_MOST = 60  # pieces of a text that are shown

_SIGNS = {"=": ("", "", "plain"), "-": ("[-", "-]", "removed"), "+": ("{+", "+}", "added")}


class Line(NamedTuple):
    """A line: how far it is indented, and pieces of (style, text).

    Styles are `plain`, `quiet`, `removed`, `added`, `same` and `different`.
    """

    indent: int
    pieces: tuple[tuple[str, str], ...]

    def plain(self) -> str:
        """Return the line without styles."""
        text = "".join(text for _, text in self.pieces)
        return " " * self.indent + defused(escape(mask_text(text)))


def change_lines(change: Change) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield the pieces of each line of a change."""
    before, after = change.before, change.after
    if change.part is Part.EVENTS and change.path[0] == "events":
        for sign, style, steps in (("-", "removed", before), ("+", "added", after)):
            for step in [] if steps is ABSENT else steps:
                yield ("quiet", f"ev {change.path[1]:<5} "), (style, f"{sign} {step}")
        return
    if change.part is not Part.FINDINGS and is_long(before, after):
        yield (("quiet", change.where),)
        for hunk in hunks(*("" if side is ABSENT else side for side in (before, after))):
            yield tuple(_marked(piece) for piece in hunk)
        return
    where = ("quiet", "" if change.part is Part.FINDINGS else f"{change.where}: ")
    if before is ABSENT or after is ABSENT:
        sign, style, value = ("+", "added", after) if before is ABSENT else ("-", "removed", before)
        yield where, (style, f"{sign} {value_text(change, value)}")
        return
    yield (
        where,
        ("removed", value_text(change, before)),
        ("plain", " → "),
        ("added", value_text(change, after)),
    )


def is_long(before: Any, after: Any) -> bool:
    """Return whether two values are texts of which the words are shown."""
    texts = [side for side in (before, after) if side is not ABSENT]
    if not all(isinstance(text, str) for text in texts):
        return False
    return any(len(text) > _SHORT or "\n" in text for text in texts)


def value_text(change: Change, value: Any) -> str:
    """Write a value in a line."""
    if change.part is Part.FINDINGS:
        return f"{change.path[1]} {value}"
    if change.part is Part.TIMING:
        return seconds(value)
    if change.part is Part.BYTES:
        event = f", event {value['event']} ({value['type']})" if "event" in value else ""
        return f"line {value['line']}{event} “{value['bytes']}”"
    return short_value(str(change.path[-1]), value, _VALUE)


def hunks(before: str, after: str) -> Iterator[list[Piece]]:
    """Yield the places in which two texts differ, each in a line or more, with a few words around it."""
    line: list[Piece] = []
    shown = 0
    made = list(pieces(mask_text(before), mask_text(after)))
    for number, (sign, text) in enumerate(made):
        if sign == "=":
            head, tail = _context(text, is_first=number == 0, is_last=number == len(made) - 1)
            line.append(Piece("=", head))
            if head != text:
                if any(piece.text for piece in line):
                    yield [piece for piece in line if piece.text]
                line = [Piece("=", tail)]
                if shown > _MOST:
                    yield [Piece("=", f"… and {sum(sign != '=' for sign, _ in made[number:])} more changes")]
                    return
            continue
        shown += 1
        lines = [each for each in _shortened(text).split("\n") if each] or [text]
        line.append(Piece(sign, lines[0]))
        for each in lines[1:]:
            yield [piece for piece in line if piece.text]
            line = [Piece(sign, each)]
    if rest := [piece for piece in line if piece.text]:
        yield rest


def _context(text: str, *, is_first: bool, is_last: bool) -> tuple[str, str]:
    """Return what of a common text stands after the change before it, and before the change after it."""
    head, line_end, _ = text.partition("\n")
    whole = len(text) <= 2 * _CONTEXT and not line_end
    if is_first:
        line = text.rpartition("\n")[2]
        return "", line if len(line) <= _CONTEXT else "…" + line[-_CONTEXT:].partition(" ")[2]
    if whole:
        return text, ""
    tail = text.rpartition("\n")[2]
    if len(head) > _CONTEXT:
        head = head[:_CONTEXT].rpartition(" ")[0] + " …"
    if len(tail) > _CONTEXT:
        tail = "… " + tail[-_CONTEXT:].partition(" ")[2]
    return head, "" if is_last else tail


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST * 2 // 3]} … {len(text) - _LONGEST:,} characters … {text[-_LONGEST // 3 :]}"


def _marked(piece: Piece) -> tuple[str, str]:
    opens, closes, style = _SIGNS[piece.sign]
    return style, f"{opens}{piece.text}{closes}"


def note_text(note: Note) -> str:
    """Write a fact in which both sides differ."""
    if isinstance(note.before, float) or isinstance(note.after, float):
        return f"{note.what} {seconds(note.before)} → {seconds(note.after)}"
    return f"{note.what} {note.before:,} → {note.after:,}"


def seconds(value: float) -> str:
    """Write a time."""
    return f"{value:.3f} s"
