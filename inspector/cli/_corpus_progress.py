"""The progress of a run over many files: how far it is, how fast, what cannot be read, and the time left.

    checking ━━━━━━━━━━━━━━━━━━━━  41,984/100,000  2,341/s  3 unreadable  0:00:24

It is drawn on standard error, if that is a terminal, from half a second on. While the files are still being
listed, nobody knows how many there are, and there is no time left to show.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from inspector.cli._corpus_listing import Listing
from inspector.cli._printing import shown
from inspector.cli._terminal import use_color
from inspector.corpus.jobs import Counts

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["CorpusProgress"]

_MOMENT = 0.5  # seconds
_REFRESH = 0.1  # seconds
_FIELDS = ("count", "rate", "unreadable", "left")


class CorpusProgress:
    """A context in which `show` draws the bar. It starts no thread: workers may be forked meanwhile."""

    def __init__(self, label: str, listing: Listing, *, quiet: bool = False) -> None:
        self._label, self._listing = label, listing
        self._draws = sys.stderr.isatty() and not quiet
        self._start = time.monotonic()
        self._due = self._start + _MOMENT
        self._bar: Progress | None = None
        self._task: Any = None

    def __enter__(self) -> CorpusProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, counts: Counts) -> None:
        """Draw how far it is, if it is time to."""
        now = time.monotonic()
        if not self._draws or now < self._due:
            return
        self._due = now + _REFRESH
        if self._bar is None:
            self._bar = _bar()
            fields: Any = dict.fromkeys(_FIELDS, "")
            self._task = self._bar.add_task(shown(self._label), total=None, **fields)
            self._bar.start()
        rate = counts.sources / max(now - self._start, 0.001)
        total = self._listing.count if self._listing.complete else None
        self._bar.update(
            self._task,
            completed=counts.sources,
            total=total,
            refresh=True,
            count=f"{counts.sources:,}/{total:,}" if total is not None else f"{counts.sources:,}",
            rate=f"{rate:,.0f}/s",
            unreadable=f"{counts.totals.unreadable:,} unreadable" if counts.totals.unreadable else "",
            left=_duration((total - counts.sources) / rate) if total is not None and rate else "",
        )

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar off the screen for what is printed in this context."""
        if self._bar is None or not sys.stdout.isatty():
            yield
            return
        from rich.control import Control
        from rich.segment import ControlType

        self._bar.console.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))
        yield
        sys.stdout.flush()
        self._bar.refresh()


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    return Progress(
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
        BarColumn(bar_width=None),
        *(
            TextColumn("{task.fields[" + name + "]}", markup=False, table_column=Column(no_wrap=True))
            for name in _FIELDS
        ),
        console=Console(stderr=True, no_color=not use_color(err=True)),
        transient=True,
        auto_refresh=False,
        expand=True,  # and in one line, which `aside` takes away
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _duration(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02} left"
