"""Events as lines of a terminal: a line for a row of the timeline, or a folded row as text that people read.

A line has the number of the event, its time, the seconds since the row before, a label, and what is in it.
The label of a content block is its index and its type: `0 text start`, `0 text` for a delta, `0 text stop`.
Text from the stream is escaped, so that it cannot drive a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import click

from inspector.cli._paragraphs import broken, clip
from inspector.cli._printing import Styles, shown, shown_paragraphs
from inspector.cli._widths import cells
from inspector.views.fold import Run
from inspector.views.timeline import Row, Tone

__all__ = ["STYLES", "Look", "column_names", "event_line", "folded_lines"]

STYLES: dict[Tone, Styles] = {
    Tone.TEXT: {},
    Tone.THINKING: {"italic": True, "fg": "bright_black"},
    Tone.JSON: {"fg": "yellow"},
    Tone.FACT: {"fg": "cyan"},
    Tone.QUIET: {"dim": True},
    Tone.ODD: {"fg": "magenta"},
    Tone.ERROR: {"fg": "red", "bold": True},
}
"""How the content of a row looks."""

_LABEL = 13  # columns; longer labels move the content of their line
_INDENT = 8  # columns before a text that has lines of its own
_MOST_LINES = 6  # of a content that is no text of the answer; `--wide` has all of it
_NARROWEST = 20  # columns for a label and its content; if there are fewer, times give way
_LONG_GAP = 1.0  # seconds
_LONGEST_COMMENT = 30  # characters

_TEXTS = (Tone.TEXT, Tone.THINKING, Tone.JSON)
_BLOCK_EVENTS = {"content_block_start": " start", "content_block_delta": "", "content_block_stop": " stop"}


@dataclass(frozen=True, slots=True)
class Look:
    """How lines are drawn. `width` is that of the terminal, None for no limit; `timed`: times are known."""

    color: bool = False
    width: int | None = None
    timed: bool = True

    def style(self, text: str, **styles: object) -> str:
        """Return a text in colour, if there is colour. A style that is False is left out."""
        used = {name: value for name, value in styles.items() if value} if self.color and text else None
        return click.style(text, **used) if used else text  # type: ignore[arg-type]

    @property
    def times(self) -> bool:
        """Whether lines have a time."""
        return self.timed and self._leaves_room(15)

    @property
    def gaps(self) -> bool:
        """Whether lines have the seconds since the row before."""
        return self.timed and self._leaves_room(23)

    @property
    def left(self) -> int:
        """How many columns stand before a label."""
        return 23 if self.gaps else 15 if self.times else 7

    def _leaves_room(self, left: int) -> bool:
        return self.width is None or self.width >= left + _NARROWEST

    def hanging(self, columns: int) -> int:
        """Return where further lines of a text begin that begins at `columns`: there, if they have room."""
        return columns if self._leaves_room(columns) else 2


def column_names(look: Look) -> str:
    """Write the names of the columns."""
    times = f"{'time':>9} " if look.times else "  "
    gaps = f"{'gap':>6}  " if look.gaps else ""
    return look.style(clip(f"{'#':>5}{times}{gaps}{'event':<{_LABEL}} content", look.width), dim=True)


def event_line(row: Row, look: Look) -> str:
    """Write a row as one line, cut to the width."""
    label, content = _label(row), shown(row.content)
    if look.width is not None:
        label = clip(label, max(look.width - look.left, 1))
        content = clip(content, max(look.width - look.left - cells(_padded(label)), 0))
    return _line(row, label, content, look)


def folded_lines(part: Row | Run, look: Look) -> Iterator[str]:
    """Yield a row, or a run of rows, as lines that are broken at words.

    The text of deltas is whole. The line after it says how the run ended, and how fast it was.
    """
    row, run = (part.row, part) if isinstance(part, Run) else (part, None)
    if row.name == "content_block_delta" and row.tone in _TEXTS:
        yield from _text_lines(row, run.text if run else row.content, look)
    else:
        yield from _content_lines(row, "" if run else shown(row.content), look)
    if run:
        yield from _last_lines(run, look)


def _text_lines(row: Row, text: str, look: Look) -> Iterator[str]:
    """Yield the text beside its label if it fits there, else below."""
    paragraphs = shown_paragraphs(text.strip("\r\n")) if text.strip() else [shown(text)]
    label = _label(row)
    if look.width is not None:
        label = clip(label, max(look.width - look.left, 1))
    room = None if look.width is None else look.width - look.left - cells(_padded(label))
    if len(paragraphs) == 1 and (room is None or cells(paragraphs[0]) <= room):
        yield _line(row, label, paragraphs[0], look)
        return
    yield _line(row, label, "", look)
    indent = look.hanging(_INDENT)
    for paragraph in paragraphs:
        lines = [paragraph] if look.width is None else broken(paragraph, look.width - indent)
        for line in lines:
            yield " " * indent + look.style(line, **STYLES[row.tone]) if line else ""


def _content_lines(row: Row, content: str, look: Look) -> Iterator[str]:
    """Yield a fact: beside its label, with lines below that begin where labels do. Very long ones are cut."""
    label = _label(row)
    if look.width is None:
        yield _line(row, label, content, look)
        return
    label = clip(label, max(look.width - look.left, 1))
    room = look.width - look.left
    lines = broken(content, room, first=room - cells(_padded(label)))
    beside, *below = islice(lines, _MOST_LINES)
    yield _line(row, label, beside, look)
    for line in below:
        yield " " * look.left + look.style(line, **STYLES[row.tone])
    if next(lines, None) is not None:
        more = len(content) - len(beside) - sum(len(line) + 1 for line in below)
        rest = clip(f"… {more:,} more characters (--wide shows them)", room)
        yield " " * look.left + look.style(rest, dim=True)


def _line(row: Row, label: str, content: str, look: Look) -> str:
    number = "" if row.number is None else str(row.number)
    left = f"{number:>5}{row.t:9.3f} " if look.times else f"{number:>5}  "
    gap = f"{_gap(row.gap):>6}  " if look.gaps else ""
    quiet = row.tone is Tone.QUIET
    pieces = (
        look.style(left, dim=True),
        look.style(gap, dim=row.gap < _LONG_GAP),
        look.style(_padded(label) if content else label, dim=quiet, bold=row.name == "error"),
        look.style(content, **STYLES[row.tone]),
    )
    return "".join(pieces).rstrip()


def _last_lines(run: Run, look: Look) -> Iterator[str]:
    """Yield what is known of a run when it ends: its last event, and how fast it came."""
    number = "" if run.last is None else str(run.last)
    left = f"{number:>5}{run.until:9.3f}" if look.times else f"{number:>5}"
    facts = f"… {', '.join(_run_facts(run, timed=look.timed))}"
    lines = [facts] if look.width is None else broken(facts, look.width - look.left - 2)
    for at, line in enumerate(lines):
        yield look.style(" " * (look.left + 2) + line if at else f"{left:<{look.left}}{line}", dim=True)


def _run_facts(run: Run, *, timed: bool) -> Iterator[str]:
    signs = (_sign(name, content, count) for (name, content), count in run.life_signs.items())
    within = "" if not timed else f" in {run.span:.3f} s" if run.span > 0 else " at once"
    if not run.deltas and not run.empty:
        yield ", ".join(signs) + within
        if timed and run.rows > 2 and run.longest > 0:
            yield f"at most {run.longest:.3f} s apart"
        return
    empty = f" and {run.empty:,} empty" if run.empty else ""
    yield f"{run.deltas:,} delta{'s' * (run.deltas != 1)}{empty}"
    yield f"{run.characters:,} characters{within}"
    if timed and run.rate is not None:
        yield f"{run.rate:,.{0 if run.rate >= 10 else 1}f}/s"
    yield from signs
    if timed and run.longest >= _LONG_GAP:
        yield f"silent for {run.longest:.1f} s after {run.longest_after}"


def _sign(name: str, content: str, count: int) -> str:
    name = {"(comment)": "comment", "(blank)": "blank block"}.get(name, name)
    said = clip(shown(content), _LONGEST_COMMENT)
    return f"{count:,} {name}{'s' * (count != 1)}{f' “{said}”' if said else ''}"


def _label(row: Row) -> str:
    if row.block is None and not row.kind:
        return shown(row.name)
    index = "?" if row.block is None else str(row.block)
    block = f"{index} {shown(row.kind)}".rstrip()
    stage = _BLOCK_EVENTS.get(row.name)
    return f"{shown(row.name)} {block}" if stage is None else block + stage


def _padded(label: str) -> str:
    return label + " " * max(_LABEL + 1 - cells(label), 1)


def _gap(seconds: float) -> str:
    """Write the seconds since the row before, in at most six columns."""
    digits = 3 if abs(seconds) < 9.9995 else 2 if abs(seconds) < 99.995 else 1 if abs(seconds) < 999.95 else 0
    return f"{seconds:+.{digits}f}"
