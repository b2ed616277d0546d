"""Print a live stream on a thread of its own, so that a slow terminal does not delay the reading."""

from __future__ import annotations

import queue
import signal
import threading

from inspector.cli._printers import FORMATS, Printer
from inspector.cli._printing import say
from inspector.cli._terminal import silence_stdout
from inspector.record.destination import Observer
from inspector.recording import Assembly, End, Head, Recording, TimedBlock

__all__ = ["Screen"]


class Screen(Observer):
    """A printer and the thread that it prints on. It observes one recording after another.

    `stop`: interrupt the process when nobody reads its output any more. `keep`: keep the values of the last
    recording, for `recording`.
    """

    def __init__(self, printer: Printer, *, stop: bool, keep: bool) -> None:
        self.printer = printer
        self._stop = stop
        self._keep = keep
        self._kept: Assembly | None = None
        self._queue: queue.SimpleQueue[Head | TimedBlock | End | None] = queue.SimpleQueue()
        self.reader_left = False
        """Whether the reader of our output has closed it."""
        self.failure: str | None = None
        """Why printing stopped, unless it was the reader who left; None while it works."""
        self.problems: list[str] = []
        """What was wrong with the last response."""
        self._thread = threading.Thread(target=self._run, name="inspector-screen", daemon=True)
        self._thread.start()

    def add(self, value: Head | TimedBlock | End) -> None:
        """Print the next value of a recording, soon."""
        self._queue.put(value)

    def _run(self) -> None:
        try:
            while (value := self._queue.get()) is not None:
                if self._keep and isinstance(value, Head):
                    self._kept = Assembly(value)
                elif self._kept is not None:
                    self._kept.add(value)
                self.printer.add(value)
            self._finish()
        except OSError as error:
            self.reader_left = True
            silence_stdout()
            if not isinstance(error, BrokenPipeError):
                self.failure = f"standard output: {error.strerror}"
                say(self.failure)
            if self._stop:  # nobody sees the stream and no file keeps it, so there is no reason to go on
                signal.raise_signal(signal.SIGINT)

    def _finish(self) -> None:
        summary = self.printer.summary
        self.problems = summary.problems if summary.head else []
        self.printer.close()
        if isinstance(self.printer, FORMATS["pretty"]):
            return
        # The other formats are data. What a person should know goes to stderr.
        for message in (summary.warning, *self.problems, self.printer.sdk if self.problems else ""):
            if message:
                say(message)

    @property
    def recording(self) -> Recording | None:
        """The last recording; None if there was none or it was not kept."""
        return self._kept.recording("the stream") if self._kept is not None else None

    def close(self) -> None:
        """Wait until everything is printed."""
        self._queue.put(None)
        self._thread.join()
