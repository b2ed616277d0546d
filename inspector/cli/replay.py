"""`inspector replay`: recordings at their recorded pace."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from inspector.cli._inputs import files_argument, paths_of, values_of
from inspector.cli._printers import Printer, View, format_options, printer
from inspector.cli._printing import say
from inspector.cli._selection import Selection, refuse_unknown, selection_options
from inspector.cli._terminal import use_color
from inspector.errors import RecordingError
from inspector.play.pace import Pace
from inspector.recording import End, Head, TimedBlock

if TYPE_CHECKING:  # imported where something is drawn
    from inspector.cli._screen import Screen

__all__ = ["command"]

_LONGEST_SLEEP = 86400.0  # seconds; systems refuse much longer ones


@click.command("replay")
@files_argument
@format_options
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="The pace: 2 is twice as fast as recorded.",
)
@click.option(
    "--max-gap", type=click.FloatRange(min=0), metavar="SECONDS", help="Shorten longer waits to this."
)
@selection_options
def command(
    files: tuple[str, ...],
    format_: str,
    raw_terminal: bool,
    view: View,
    speed: float,
    max_gap: float | None,
    only: tuple[str, ...],
    block: tuple[int, ...],
    range_: tuple[int, int | None],
) -> None:
    """Show recordings at their recorded pace.

    FILE, the formats and the selection of events are as in `inspector show`. A stream that was saved
    without times is shown at once.
    """
    selection = Selection(only, block, *range_)
    pace = Pace(speed, max_gap)
    failed = False
    paths = list(paths_of(files))
    refuse_unknown(selection, [path for path in paths if isinstance(path, str)])
    for name in paths:
        if isinstance(name, RecordingError):
            say(str(name))
            failed = True
            continue
        color = use_color()
        out = printer(
            format_, selection, live=True, color=color, raw_terminal=raw_terminal, view=view, redraw=True
        )
        out.file = name
        try:
            with _shown_by(out) as screen:
                try:
                    _play(screen, name, pace)
                except KeyboardInterrupt:
                    screen.interrupt()
                    raise
        except RecordingError as error:  # the other files are shown all the same
            say(str(error))
            failed = True
        finally:
            out.close()
    if failed:
        sys.exit(3)
    selection.refuse_misspelt()


@contextlib.contextmanager
def _shown_by(out: Printer) -> Iterator[Printer | Screen]:
    """Give what takes the values for a printer: a screen, if there are rows to draw again, or itself."""
    if not out.out.redraws:
        yield out
        return
    from inspector.cli._screen import Screen

    screen = Screen(out, stop=True, keep=False)
    try:
        yield screen
    finally:
        screen.close()


def _play(out: Printer | Screen, name: str, pace: Pace) -> None:
    for value in values_of(name):
        if isinstance(value, Head):
            if not isinstance(out, Printer):
                out.wait_for()
            begun, due_at = time.monotonic(), pace.begin()
            _wait(begun + due_at(value.response.t if value.response else 0.0))
        elif isinstance(value, TimedBlock | End):
            _wait(begun + due_at(value.t))
        out.add(value)


def _wait(until: float) -> None:
    """Sleep until that time of the monotonic clock."""
    while (delay := until - time.monotonic()) > 0:
        sys.stdout.flush()
        time.sleep(min(delay, _LONGEST_SLEEP))
