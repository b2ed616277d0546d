"""The events of all exchanges that pass, as `inspector stream` shows them, with tags where they overlap."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import click

from inspector.cli._awaited import Waiting
from inspector.cli._live_area import LiveArea, can_redraw
from inspector.cli._live_output import LiveOutput
from inspector.cli._open_rows import OpenRows
from inspector.cli._printers import FORMATS, Printer
from inspector.cli._printing import Output
from inspector.cli._selection import Selection
from inspector.cli._terminal import use_color
from inspector.cli._traffic import Passed
from inspector.recording import End, Head

__all__ = ["TrafficEvents"]

_COLOURS = ("cyan", "green", "yellow", "blue", "magenta", "bright_black")  # of the tags, in turn
_LEAST = 3  # rows of an exchange that is drawn


class TrafficEvents:
    """Print the values of exchanges as they pass, on standard output, or with `err` on standard error.

    With `redraw`, what is not finished is drawn in the last rows of a terminal. Use it on one thread.
    """

    def __init__(
        self, *, err: bool, redraw: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._color = use_color(err=err)
        self._clock = clock
        self._err = err
        redraws = redraw and can_redraw(sys.stderr if err else sys.stdout)
        self._out = LiveOutput(err=err) if redraws else Output(live=True, err=err)
        self._open: dict[int, _Exchange] = {}

    @property
    def area(self) -> LiveArea | None:
        """Where rows are drawn; None if none are."""
        return self._out.area if isinstance(self._out, LiveOutput) else None

    def add(self, passed: Passed, reveal: Callable[[str], str]) -> None:
        """Print the next value of an exchange."""
        self._out.reveal = reveal
        number, value = passed.number, passed.value
        if value is None or isinstance(value, Head):
            if number not in self._open:
                out = _TaggedOutput(number, self._out, err=self._err, color=self._color)
                self._open[number] = _Exchange(out, color=self._color)
            if value is None:
                self._open[number].waiting.begin(self._clock())
                return
        exchange = self._open.get(number)
        if exchange is None:  # its head was left out
            return
        exchange.waiting.note(value, self._clock())
        exchange.begun = True
        out, printer = exchange.out, exchange.printer
        out.tagged = out.tagged or sum(each.begun for each in self._open.values()) > 1
        printer.source = "" if out.tagged else f"#{number}"
        printer.add(value)
        if isinstance(value, End):
            printer.close()
            del self._open[number]

    def draw(self) -> bool:
        """Draw what is not finished; return whether it changes with time."""
        if isinstance(self._out, LiveOutput):
            self._out.draw(list(self._rows(self._out.area.height)))
        return any(exchange.waiting.waits for exchange in self._open.values())

    def close(self) -> None:
        """Print what has come, and leave no rows."""
        if isinstance(self._out, LiveOutput):
            self._out.draw([])

    def _rows(self, height: int) -> Iterator[str]:
        """Yield rows of each exchange, as many as there is room for."""
        now = self._clock()
        drawn = list(self._open.values())[: max(1, (height - 1) // _LEAST)]
        for exchange in drawn:
            yield from exchange.rows((height - 1) // len(drawn), now)
        if more := len(self._open) - len(drawn):
            yield f"… and {more} more under way"


class _Exchange:
    """One exchange that is shown."""

    def __init__(self, out: _TaggedOutput, *, color: bool) -> None:
        self.out = out
        self.printer: Printer = FORMATS["pretty"](Selection(), out, live=True, color=color)
        self.waiting = Waiting()
        self.begun = False
        """Whether anything of it was printed."""
        self._open_rows = OpenRows(self.printer)

    def rows(self, most: int, now: float) -> Iterator[str]:
        """Yield the rows of what is not finished, and what is waited for."""
        waiting = self.waiting.text(now)
        for row in self._open_rows.rows(most - bool(waiting)):
            yield self.out.with_tag(row)
        if waiting:
            yield self.out.with_tag(
                click.style(waiting, dim=True) if self.printer.color else waiting, always=True
            )


class _TaggedOutput(Output):
    """Output of one exchange, whose lines begin with its number while `tagged`."""

    def __init__(self, number: int, out: Output, *, err: bool, color: bool) -> None:
        super().__init__(live=True, err=err)
        self.tagged = False
        self.redraws = out.redraws
        self._out = out
        self._tag = f"#{number} "
        self._shown = click.style(self._tag, fg=_COLOURS[number % len(_COLOURS)]) if color else self._tag

    @property
    def width(self) -> int | None:
        whole = super().width
        return whole - len(self._tag) if whole is not None and self.tagged else whole

    def with_tag(self, line: str, *, always: bool = False) -> str:
        """Return a line as it is shown."""
        return self._shown + line if self.tagged or always else line

    def line(self, text: str) -> None:
        for line in text.split("\n"):
            self._out.line(self.with_tag(line))

    def flush(self) -> None:
        self._out.flush()
