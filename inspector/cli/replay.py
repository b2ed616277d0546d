"""`inspector replay`: a recording in its own time."""

from __future__ import annotations

import sys
import time

import click

from inspector.cli._inputs import expand, files_argument
from inspector.cli._printers import format_option, printer
from inspector.cli._selection import Selection, selection_options
from inspector.cli._terminal import use_color
from inspector.play.pace import Pace
from inspector.recording import End, Head, TimedBlock, opened, read

__all__ = ["command"]


@click.command("replay")
@files_argument
@format_option
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="How many times the recorded pace.",
)
@click.option(
    "--max-gap", type=click.FloatRange(min=0), metavar="SECONDS", help="Wait no longer than this at once."
)
@selection_options
def command(
    files: tuple[str, ...],
    format_: str,
    speed: float,
    max_gap: float | None,
    only: tuple[str, ...],
    block: tuple[int, ...],
    range_: tuple[int, int | None],
) -> None:
    """Show recordings in their own time; formats and selection are those of `show`."""
    selection = Selection(only, block, *range_)
    pace = Pace(speed, max_gap)
    for name in expand(files):
        out = printer(format_, selection, live=True, color=use_color())
        with opened(name) as (file, label):
            for value in read(file, label):
                if isinstance(value, Head):
                    begun, due_at = time.monotonic(), pace.begin()
                    _wait(begun + due_at(value.response.t if value.response else 0.0))
                elif isinstance(value, TimedBlock | End):
                    _wait(begun + due_at(value.t))
                out.add(value)
        out.close()


def _wait(until: float) -> None:
    """Sleep until that time of the monotonic clock."""
    delay = until - time.monotonic()
    if delay > 0:
        sys.stdout.flush()
        time.sleep(delay)
