"""The progress of long work: how far it is, how fast, what cannot be read, and the time left.

    checking ━━━━━━━━━━━━━━━━━━━━  41,984/100,000  2,341/s  3 unreadable  0:00:24 left

Rule 1: it is one line on standard error, drawn on a terminal only, after half a second, gone at the end.
Rule 2: what is printed meanwhile stands above it: `_printing` hides the line for that.
Rule 3: the cursor stays as it is, so nothing has to be restored, whatever ends the program.

rich draws the line. Its `Live` does not: it hides the cursor, and draws a millisecond for each line printed.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from inspector.cli._printing import bars, print_bar, shown
from inspector.cli._terminal import use_color

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

__all__ = ["Progress", "quiet_option"]

_MOMENT = 0.5  # seconds
_REFRESH = 0.1  # seconds
_FREE = 3  # columns: the terminal shows `^C` behind the line, and only one line is erased
_FIELDS = ("count", "rate", "unreadable", "left")
_ERASED = "\r\x1b[2K"

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Show no progress on standard error.")
"""For every command that works long, and has nothing else to be quiet about."""


class Progress:
    """A context in which work shows its progress; `step` and `show` say how far it is.

    `total` is the number of steps; None, or a function that returns None, while nobody knows it. A thread
    draws while a step takes long. With `forks`, there is none: this process may be forked meanwhile.
    """

    def __init__(
        self,
        label: str,
        total: int | Callable[[], int | None] | None = None,
        *,
        quiet: bool = False,
        forks: bool = False,
    ) -> None:
        self._label, self._total, self._forks = label, total, forks
        self._draws = not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._done = self._unreadable = 0
        self._start = time.monotonic()
        self._due = self._start + _MOMENT
        self._line = ""
        self._bar: Bar | None = None
        self._process = os.getpid()

    def __enter__(self) -> Progress:
        if self._draws:
            import threading

            self._lock, self._over = threading.RLock(), threading.Event()
            bars.append(self)
            if not self._forks:
                threading.Thread(target=self._keep_drawing, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._draws:
            self._over.set()
            with self.hidden():
                self._line = ""
            bars.remove(self)

    def step(self, count: int = 1) -> None:
        """Count steps that are done."""
        self.show(self._done + count)

    def show(self, done: int, *, unreadable: int = 0) -> None:
        """Say how many steps are done, and how many of them could not be done."""
        self._done, self._unreadable = done, unreadable
        if self._draws and time.monotonic() >= self._due:
            self._draw()

    @contextlib.contextmanager
    def hidden(self) -> Any:
        """Take the line off the screen for what is printed in this context."""
        with self._lock:
            if self._line:
                self._write(_ERASED)
            yield
            if self._line:
                self._write(self._line)

    def _keep_drawing(self) -> None:
        wait = _MOMENT
        while not self._over.wait(wait):
            self._draw()
            wait = _REFRESH

    def _draw(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now >= self._due and not self._over.is_set():
                self._due = now + _REFRESH
                with contextlib.suppress(OSError, ValueError):  # the terminal may be gone
                    self._line = self._drawn(now - self._start)
                self._write(_ERASED + self._line)

    def _write(self, text: str) -> None:
        if os.getpid() == self._process:  # a worker that was forked has this object too
            with contextlib.suppress(OSError, ValueError):
                print_bar(text)

    def _drawn(self, seconds: float) -> str:
        """Return the line as it is now."""
        total = self._total() if callable(self._total) else self._total
        rate = self._done / max(seconds, 0.001)
        left = (total - self._done) / rate if total is not None and rate else None
        bar = self._bar = self._bar or _bar(shown(self._label))
        count = f"{self._done:,}" if self._done else ""
        bar.update(
            bar.task_ids[0],
            completed=self._done,
            total=total if self._done else None,  # no part of anything is done: the bar moves all the same
            count=f"{self._done:,}/{total:,}" if total is not None else count,
            rate=f"{rate:,.{0 if rate >= 10 else 1}f}/s" if self._done else "",
            unreadable=f"{self._unreadable:,} unreadable" if self._unreadable else "",
            left=_clock(seconds) if left is None else f"{_clock(left)} left",
        )
        with bar.console.capture() as captured:
            bar.console.print(bar.get_renderable(), end="", width=max(bar.console.width - _FREE, 1))
        return captured.get().strip("\n")


def _bar(label: str) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.table import Column

    bar = Bar(
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
        BarColumn(bar_width=None),
        *(
            TextColumn("{task.fields[" + name + "]}", markup=False, table_column=Column(no_wrap=True))
            for name in _FIELDS
        ),
        console=Console(stderr=True, no_color=not use_color(err=True)),
        auto_refresh=False,
        expand=True,
    )
    fields: Any = dict.fromkeys(_FIELDS, "")
    bar.add_task(label, total=None, **fields)
    return bar


def _clock(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}"
