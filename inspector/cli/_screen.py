"""A screen that draws beside a stream, so that a slow terminal never holds up the reading."""

from __future__ import annotations

import queue
import signal
import threading

import click

from inspector.cli._printers import FORMATS, Printer
from inspector.cli._terminal import escape, silence_stdout
from inspector.recording import End, Head, Recording, TimedBlock

__all__ = ["Screen"]


class Screen:
    """Prints what it is given on a thread of its own.

    `stop`: interrupt the process when nobody reads its output any more. `keep`: hold on to the values of
    the last recording, as `recording`.
    """

    def __init__(self, out: Printer, *, stop: bool, keep: bool) -> None:
        self.out = out
        self._stop = stop
        self._keep = keep
        self._kept: list[Head | TimedBlock | End] = []
        self._queue: queue.SimpleQueue[Head | TimedBlock | End | None] = queue.SimpleQueue()
        self.broken = False
        """Whether whoever read our output has gone."""
        self.failure: str | None = None
        """Why drawing stopped, where it is worth saying."""
        self.put = self._queue.put
        self.problems: list[str] = []
        """What was wrong with the last response."""
        self._thread = threading.Thread(target=self._draw, name="inspector-screen", daemon=True)
        self._thread.start()

    def _draw(self) -> None:
        try:
            while (value := self._queue.get()) is not None:
                if self._keep:
                    if isinstance(value, Head):
                        self._kept.clear()
                    self._kept.append(value)
                self.out.add(value)
            self._conclude()
        except OSError as error:
            self.broken = True
            silence_stdout()
            if not isinstance(error, BrokenPipeError):
                self.failure = f"standard output: {error.strerror}"
                click.echo(f"inspector: {self.failure}", err=True)
            if self._stop:  # nobody sees it and nothing keeps it: no reason to go on
                signal.raise_signal(signal.SIGINT)

    def _conclude(self) -> None:
        summary = self.out.summary
        self.problems = summary.problems if summary.head else []
        self.out.close()
        if isinstance(self.out, FORMATS["pretty"]):
            return
        # The other formats are data: what a person should know besides goes to stderr.
        for told in (summary.warning, *self.problems, self.out.sdk if self.problems else ""):
            if told:
                click.echo(f"inspector: {escape(told)}", err=True)

    @property
    def recording(self) -> Recording | None:
        """The last recording, where it was to be kept and there was one."""
        if not self._kept:
            return None
        head, *rest = self._kept
        assert isinstance(head, Head)
        blocks = tuple(value for value in rest if isinstance(value, TimedBlock))
        end = rest[-1] if rest and isinstance(rest[-1], End) else None
        return Recording(head, blocks, end, source="the stream")

    def close(self) -> None:
        """Wait until everything is drawn."""
        self.put(None)
        self._thread.join()
