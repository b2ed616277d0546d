"""Print a live stream on a thread of its own, so that a slow terminal does not delay the reading.

On a terminal, what is not finished is drawn in its last rows: the run of events that grows, and what is
waited for. In a pipe or a file, lines come as the events do, and nothing else.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable

import click

from inspector.cli._awaited import Waiting
from inspector.cli._frames import run
from inspector.cli._live_area import LiveArea, can_redraw
from inspector.cli._live_output import LiveOutput
from inspector.cli._open_rows import OpenRows
from inspector.cli._printers import FORMATS, Printer
from inspector.cli._printing import say, shown
from inspector.cli._terminal import silence_stdout
from inspector.record.destination import Observer
from inspector.recording import Assembly, End, Head, Line, Recording, TimedBlock

__all__ = ["Screen"]


class _Awaited(str):
    """What is waited for from now on, in the queue of a screen."""


class _Interrupted:
    """Somebody stopped the command here, in the queue of a screen."""


class Screen(Observer):
    """A printer and the thread that it prints on. It observes one recording after another.

    `stop`: interrupt the process when nobody reads its output any more. `keep`: keep the values of the last
    recording, for `recording`. `clock` returns seconds.
    """

    def __init__(
        self, printer: Printer, *, stop: bool, keep: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.printer = printer
        self._stop = stop
        self._keep = keep
        self._kept: Assembly | None = None
        self._clock = clock
        self._waiting = Waiting()
        self._open_rows = OpenRows(printer)
        self._beside = _area_beside(printer)
        self._heads_are_silent = not isinstance(printer, FORMATS["pretty"] | FORMATS["jsonl"])
        self._queue: queue.SimpleQueue[Line | _Awaited | _Interrupted | None] = queue.SimpleQueue()
        self.reader_left = False
        """Whether the reader of our output has closed it."""
        self.failure: str | None = None
        """Why printing stopped, unless it was the reader who left; None while it works."""
        self.problems: list[str] = []
        """What was wrong with the last response."""
        self._thread = threading.Thread(target=self._run, name="inspector-screen", daemon=True)
        self._thread.start()

    def add(self, value: Line) -> None:
        """Print the next value of a recording, soon."""
        self._queue.put(value)

    def for_request(self) -> Screen:
        """Return what observes a request that is being sent: this screen."""
        self.wait_for()
        return self

    def wait_for(self, what: str = "the response's head") -> None:
        """Say that nothing has come yet, and for how long, until something comes."""
        self._queue.put(_Awaited(what))

    def interrupt(self) -> None:
        """Note that what follows of the recording will not come, because somebody stopped the command."""
        self._queue.put(_Interrupted())

    def _run(self) -> None:
        try:
            with self._area.above_errors() if self._area else contextlib.nullcontext():
                run(self._queue, self._take, self._draw if self._area else None, clock=self._clock)
                self._finish()
        except OSError as error:
            self.reader_left = True
            silence_stdout()
            if not isinstance(error, BrokenPipeError):
                self.failure = f"standard output: {error.strerror}"
                say(self.failure)
            if self._stop:  # nobody sees the stream and no file keeps it, so there is no reason to go on
                signal.raise_signal(signal.SIGINT)

    @property
    def _area(self) -> LiveArea | None:
        return self.printer.out.area if isinstance(self.printer.out, LiveOutput) else self._beside

    def _take(self, value: Line | _Awaited | _Interrupted) -> None:
        if isinstance(value, _Interrupted):
            self.printer.interrupt()
            return
        if isinstance(value, _Awaited):
            self._waiting.begin(self._clock(), value)
            return
        self._waiting.note(value, self._clock())
        if self._keep and isinstance(value, Head):
            self._kept = Assembly(value)
        elif self._kept is not None and isinstance(value, TimedBlock | End):
            self._kept.add(value)
        if self._beside is not None and not (isinstance(value, Head) and self._heads_are_silent):
            self._beside.clear()  # data begins: it may end in the middle of a line of this terminal
            self._beside = None
        self.printer.add(value)

    def _draw(self) -> bool:
        """Draw what is not finished; return whether it changes with time."""
        waiting = self._waiting.text(self._clock())
        out = self.printer.out
        if isinstance(out, LiveOutput):
            rows = self._open_rows.rows(out.area.height - 1)
            out.draw([*rows, *([self._faint(shown(waiting))] if waiting else [])])
        elif self._beside is not None:
            self._beside.draw([shown(waiting)] if waiting else [])
        return self._waiting.waits

    def _faint(self, text: str) -> str:
        return click.style(text, dim=True) if self.printer.color else text

    def _finish(self) -> None:
        summary = self.printer.summary
        self.problems = summary.problems if summary.head else []
        if self._beside is not None:
            self._beside.clear()
        self.printer.close()
        if isinstance(self.printer.out, LiveOutput):
            self.printer.out.draw([])
        if isinstance(self.printer, FORMATS["pretty"]):
            return
        # The other formats are data. What a person should know goes to stderr.
        for message in (*summary.warnings, *self.problems, self.printer.sdk if self.problems else ""):
            if message and message != self.printer.said:
                say(message)

    @property
    def recording(self) -> Recording | None:
        """The last recording; None if there was none or it was not kept."""
        return self._kept.recording("the stream") if self._kept is not None else None

    def close(self) -> None:
        """Wait until everything is printed."""
        self._queue.put(None)  # one that comes after it is never read
        self._thread.join()


def _area_beside(printer: Printer) -> LiveArea | None:
    """Return where to say what is waited for if standard output has no live rows: on standard error."""
    if isinstance(printer.out, LiveOutput) or not can_redraw(sys.stderr):
        return None
    return LiveArea(sys.stderr)
