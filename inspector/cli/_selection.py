"""Which blocks of a recording are meant: `--only`, `--block`, `--range`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from inspector.recording import TimedBlock
from inspector.views.timeline import Row, Timeline

__all__ = ["Selection", "selection_options"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that are meant; without any condition, all of them."""

    only: tuple[str, ...] = ()
    blocks: tuple[int, ...] = ()
    first: int = 1
    last: int | None = None

    @property
    def everything(self) -> bool:
        """Whether there is no condition."""
        return not self.only and not self.blocks and self.first <= 1 and self.last is None

    def takes(self, row: Row) -> bool:
        """Say whether a row is meant. Blocks that dispatch no event are only in an unlimited range."""
        if self.only and not row.types.intersection(self.only):
            return False
        if self.blocks and row.block not in self.blocks:
            return False
        if self.first <= 1 and self.last is None:
            return True
        return row.number is not None and self.first <= row.number <= (self.last or row.number)

    def takes_block(self, timeline: Timeline, block: TimedBlock) -> bool:
        """Say whether the next block of a recording is meant; `timeline` has seen those before it."""
        return self.everything or self.takes(timeline.row(block))


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as `only`, `block` and `range_`, for `selection_of`."""
    for option in (
        click.option(
            "--range",
            "range_",
            metavar="A..B",
            callback=_range,
            help="Only events number A to B; `A..`, `..B` and a single number work too.",
        ),
        click.option(
            "--block", type=int, multiple=True, metavar="N", help="Only content block N (repeatable)."
        ),
        click.option(
            "--only",
            multiple=True,
            metavar="TYPE",
            help="Only this type: ping, text_delta, tool_use, … Repeatable.",
        ),
    ):
        command = option(command)
    return command


def _range(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, int | None]:
    if value is None:
        return 1, None
    match = re.fullmatch(r"(\d*)(\.\.)?(\d*)", value)
    if not match or not (match[1] or match[3]):
        raise click.BadParameter(f"{value!r} is not a range; write 3..10, 3.., ..10 or 3")
    first = int(match[1] or 1)
    last = int(match[3]) if match[3] else (None if match[2] else first)
    return first, last
