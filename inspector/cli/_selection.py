"""Which blocks of a recording to show: `--only`, `--block`, `--range`."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from inspector.errors import RecordingError, UsageError
from inspector.formats import opened
from inspector.protocol import BLOCK_TYPES, DELTA_TEXT, EVENT_TYPES
from inspector.recording import TimedBlock
from inspector.views.timeline import Row, Timeline

__all__ = ["Selection", "refuse_unknown", "selection_options"]

_TYPES = sorted({*EVENT_TYPES, *BLOCK_TYPES, *DELTA_TEXT, "citations_delta"})
"""The types that this version knows."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions that a block must meet to be shown; without any, all blocks are shown.

    `only` are types, `blocks` indexes of content blocks, `first` and `last` the numbers of events, from 1.
    """

    only: tuple[str, ...] = ()
    blocks: tuple[int, ...] = ()
    first: int = 1
    last: int | None = None
    _met: set[str] = field(default_factory=set, init=False, compare=False)

    @property
    def everything(self) -> bool:
        """Whether there is no condition."""
        return not self.only and not self.blocks and self._all_numbers

    @property
    def _all_numbers(self) -> bool:
        return self.first == 1 and self.last is None

    def takes(self, row: Row) -> bool:
        """Return whether to show a row. A block without an event has no number, so that no range has it."""
        if self.only:
            met = row.types.intersection(self.only)
            if not met:
                return False
            self._met.update(met)
        if self.blocks and row.block not in self.blocks:
            return False
        if self._all_numbers:
            return True
        number = row.number
        return number is not None and self.first <= number and (self.last is None or number <= self.last)

    def takes_block(self, timeline: Timeline, block: TimedBlock) -> bool:
        """Return whether to show the next block of a recording; `timeline` has seen the blocks before it."""
        return self.everything or self.takes(timeline.row(block))

    @property
    def unknown(self) -> list[str]:
        """The types that this version does not know and that no row had so far."""
        return [name for name in self.only if name not in self._met and name not in _TYPES]

    def refuse_misspelt(self) -> None:
        """Raise `UsageError` for a type that the API does not have and that nothing shown was of.

        The API may add types at any time, so only the streams can tell a new one from a misspelt one.
        """
        for name in self.unknown:
            import difflib  # in a moment like this only: it takes some of the time that a start has

            near = difflib.get_close_matches(name, _TYPES, 2)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(_TYPES)}"
            raise UsageError(f"--only {name}: nothing here is of this type; {hint}")


def refuse_unknown(selection: Selection, paths: Sequence[str]) -> None:
    """Raise `UsageError` for a type that the API does not have and that is in none of the files.

    Standard input can be read only once: `Selection.refuse_misspelt` is for it, after it is shown.
    """
    if selection.unknown and "-" not in paths:
        for path in paths:
            with contextlib.suppress(RecordingError), opened(path) as reader:
                timeline = Timeline()
                for value in reader:
                    if isinstance(value, TimedBlock):
                        selection.takes(timeline.row(value))
                    if not selection.unknown:
                        return
        selection.refuse_misspelt()


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options. A command makes a selection of them: `Selection(only, block, *range_)`."""
    for option in (
        click.option(
            "--range",
            "range_",
            metavar="A..B",
            callback=_range,
            help="Show only events A to B, counted from 1. Also A.., ..B or a single number.",
        ),
        click.option(
            "--block",
            type=click.IntRange(min=0),
            multiple=True,
            metavar="N",
            help="Show only content block N. Repeatable.",
        ),
        click.option(
            "--only",
            multiple=True,
            metavar="TYPE",
            help="Show only this type of event (ping), delta (text_delta) or content block (tool_use). "
            "Repeatable.",
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
    if first < 1 or (last is not None and last < first):
        raise click.BadParameter(f"{value!r} holds no event; events are counted from 1")
    return first, last
