"""What a proxy shows of the exchanges that pass: a line for each at its end, or its events as they pass.

A thread of its own prints, so that a slow terminal delays neither a stream nor its recording.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import click

from inspector._json import as_object, as_text
from inspector.cli._printers import FORMATS, Printer
from inspector.cli._printing import Output, Styles, echo, say
from inspector.cli._selection import Selection
from inspector.cli._terminal import silence_stdout, use_color
from inspector.cli._traffic import Passed
from inspector.recording import End, Ending, Head
from inspector.views.summary import Summary

__all__ = ["TrafficView", "exchange_line"]

_LONGEST = 160  # characters of a reason
_BOUND = 100_000  # values that may wait; what comes beyond is counted and left out
_COLOURS = ("cyan", "green", "yellow", "blue", "magenta", "bright_black")  # of the tags, in turn


class TrafficView:
    """Print what passes, from entering to leaving it.

    `lines`: print a line for each exchange at its end, on standard error. `events`: print every event on
    standard output, or with `err` on standard error. Reports of exchanges that were checked come in any case.
    """

    def __init__(self, *, lines: bool, events: bool, err: bool = False) -> None:
        self._lines = lines
        self._events = _Events(err=err) if events else None
        self.reveal: Callable[[str], str] = lambda line: line
        """Puts ids in the place of their pseudonyms."""
        self._queue: queue.Queue[Passed | None] = queue.Queue(_BOUND)
        self._left_out = 0
        self.failure: str | None = None
        """Why printing stopped; None while it works."""
        self._thread = threading.Thread(target=self._run, name="inspector-traffic", daemon=True)

    def see(self, passed: Passed) -> None:
        """Print a value soon; never waits."""
        if self._events is None and not isinstance(passed.value, End):
            return
        try:
            self._queue.put_nowait(passed)
        except queue.Full:
            self._left_out += 1

    def __enter__(self) -> TrafficView:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()
        if self._left_out:
            say(f"{self._left_out:,} lines are not shown: the terminal could not keep up")

    def _run(self) -> None:
        while (passed := self._queue.get()) is not None:
            try:
                self._print(passed)
            except OSError as error:  # nobody reads it, or it is full; the proxy goes on
                self._events, self._lines = None, False
                silence_stdout()
                if not isinstance(error, BrokenPipeError):
                    self.failure = f"the output cannot be written: {error.strerror}"
                    say(self.failure)

    def _print(self, passed: Passed) -> None:
        if self._events is not None:
            self._events.add(passed, self.reveal)
        elif self._lines:
            echo(exchange_line(passed.number, passed.subject, passed.summary), err=True)
        if passed.report is not None:
            from inspector.cli._check_text import echo_report
            from inspector.cli._observing import has_problems

            if has_problems(passed.report):
                echo_report(passed.report, err=True)


class _Events:
    """The events of all exchanges, each in the view of `inspector stream`; with a tag once it overlaps."""

    def __init__(self, *, err: bool) -> None:
        self._err = err
        self._color = use_color(err=err)
        self._open: dict[int, tuple[_TaggedOutput, Printer]] = {}

    def add(self, passed: Passed, reveal: Callable[[str], str]) -> None:
        if isinstance(passed.value, Head):
            out = _TaggedOutput(passed.number, err=self._err, color=self._color)
            out.reveal = reveal
            self._open[passed.number] = out, FORMATS["pretty"](Selection(), out, live=True, color=self._color)
        if passed.number not in self._open:  # its head was left out
            return
        out, printer = self._open[passed.number]
        out.tagged = out.tagged or len(self._open) > 1
        printer.source = "" if out.tagged else f"#{passed.number}"
        printer.add(passed.value)
        if isinstance(passed.value, End):
            printer.close()
            del self._open[passed.number]


class _TaggedOutput(Output):
    """Output of one exchange, whose lines begin with its number while `tagged`."""

    def __init__(self, number: int, *, err: bool, color: bool) -> None:
        super().__init__(live=True, err=err)
        self.tagged = False
        self._tag = f"#{number} "
        self._shown = click.style(self._tag, fg=_COLOURS[number % len(_COLOURS)]) if color else self._tag

    @property
    def width(self) -> int | None:
        whole = super().width
        return whole - len(self._tag) if whole is not None and self.tagged else whole

    def line(self, text: str) -> None:
        for line in text.split("\n"):
            super().line(self._shown + line if self.tagged else line)


def exchange_line(number: int, subject: str, summary: Summary) -> Iterator[tuple[str, Styles]]:
    """Yield the pieces of the line for an exchange that has ended, each with its style."""
    status, end = summary.status, summary.end
    bad = bool(summary.problems) and not _is_plain_answer(summary)
    yield f"#{number} {'---' if status is None else status} ", {"fg": "red"} if bad else {"dim": True}
    yield subject, {"bold": True}
    facts = [] if summary.first_text is None else [f"first {summary.first_text:.2f} s"]
    took = f" in {end.t:.2f} s" if end else ""
    if summary.events:
        facts.append(f"{summary.events:,} event{'s' * (summary.events != 1)}{took}")
    elif status is not None:
        facts.append(f"{summary.size:,} byte{'s' * (summary.size != 1)}{took}")
    facts += ["request cut in the recording"] if summary.cut_request else []
    yield "".join(f" · {fact}" for fact in facts) + " · ", {"dim": True}
    outcome = "no response" if status is None else summary.outcome
    reasons = [each if len(each) <= _LONGEST else f"{each[:_LONGEST]}…" for each in _reasons(summary) if each]
    text = ": ".join([outcome, *(reasons if bad else ())])
    yield text, {"fg": "red" if bad else "yellow" if summary.warning else "green"}


def _is_plain_answer(summary: Summary) -> bool:
    """Whether a whole answer came that is no stream, to a request for none."""
    if summary.head is None or summary.events or summary.status is None or summary.status >= 400:
        return False
    whole = summary.end is not None and summary.end.how is Ending.COMPLETE
    return whole and as_object(summary.head.request.json()).get("stream") is not True


def _reasons(summary: Summary) -> Iterator[str]:
    """Yield why an exchange did not turn out well."""
    if summary.http_error is not None:
        yield summary.error_text
    elif summary.error is not None:
        yield as_text(summary.error.get("message") or "")
    elif summary.end and summary.end.error:
        yield summary.end.error
    elif summary.status is not None and not summary.events:
        yield from summary.problems
