"""What changed between sets of tables, as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspector.cli._printing import Styles, echo, shown
from inspector.cli._tables import Cell, Column, print_table
from inspector.cli._terminal import screen_width, wrap
from inspector.corpus.trends.trend_lines import Compared, Trends
from inspector.corpus.trends.trend_texts import (
    change_text,
    facts_text,
    label,
    letter,
    result_text,
    value_text,
    within_text,
)

__all__ = ["print_trends"]

_PLAIN: Styles = {}
_BOLD: Styles = {"bold": True}
_DIM: Styles = {"dim": True}


def print_trends(trends: Trends, *, everything: bool) -> None:
    """Print what the sets are, a line for each number that changed beyond chance, and what that means.

    `everything` also prints the lines of those that did not.
    """
    for number, facts in enumerate(trends.sets):
        _say(f"{letter(number)}  {facts.name}", indent=3, style=_BOLD)
        _say(f"   {facts_text(facts)}")
    echo()
    two = len(trends.sets) == 2
    lines = trends.lines if everything or not two else trends.changed
    if lines:
        columns = list(_columns(trends, marks=two and everything))
        print_table(columns, [_row(line, trends, marks=two and everything) for line in lines])
        echo()
    _say(result_text(trends))
    for note in trends.notes:
        _say(f"- {note}", indent=2, style=_DIM)
    if two and len(lines) < len(trends.lines):
        other = "other " if lines else ""
        _say(f"--all shows the {other}{len(trends.lines) - len(lines):,} numbers.", style=_DIM)


def _columns(trends: Trends, *, marks: bool) -> Iterator[Column]:
    if marks:
        yield Column("")
    if trends.by:
        yield Column(trends.by, least=8)
    yield Column("what", least=22)
    letters = [letter(number) for number in range(len(trends.sets))]
    yield from (Column(each, right=True) for each in letters)
    if len(trends.sets) == 2:
        yield Column("B - A", right=True, rank=3)
        yield Column("B - A within", right=True, rank=1)
    yield Column(f"count {' / '.join(letters)}", right=True, rank=2)


def _row(line: Compared, trends: Trends, *, marks: bool) -> list[Cell]:
    numbers = range(len(trends.sets))
    texts = ["*" if line.changed else ""] if marks else []
    texts += [line.group or ""] if trends.by else []
    texts += [label(line), *(value_text(line, number) for number in numbers)]
    if len(numbers) == 2:
        texts += [change_text(line), within_text(line)]
    texts += [" / ".join(f"{side.count:,}" for side in line.sides)]
    style = _BOLD if marks and line.changed else _PLAIN
    return [(text, style) for text in texts]


def _say(text: str, *, indent: int | None = None, style: Styles = _PLAIN) -> None:
    lines: Sequence[str] = wrap(shown(text), screen_width(), indent=indent).split("\n")
    echo(*lines, **style)
