"""What a proxy or a server shows of the exchanges that pass: a line for each at its end, or its events.

A thread of its own prints, so that a slow terminal delays neither a stream nor its recording.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator

from inspector._json import as_text
from inspector.cli._frames import run
from inspector.cli._printing import Styles, echo, say
from inspector.cli._terminal import silence_stdout
from inspector.cli._traffic import Passed
from inspector.cli._traffic_events import TrafficEvents
from inspector.recording import End
from inspector.views.summary import Summary

__all__ = ["TrafficView", "exchange_line"]

_LONGEST = 160  # characters of a reason
_BOUND = 100_000  # values that may wait; what comes beyond is counted and left out


class TrafficView:
    """Print what passes, from entering to leaving it.

    `lines`: print a line for each exchange at its end, on standard error. `events`: print every event on
    standard output, or with `err` on standard error, where another program may write, too: then no rows are
    drawn again. Reports of exchanges that were checked come in any case.
    """

    def __init__(self, *, lines: bool, events: bool, err: bool = False) -> None:
        self._lines = lines
        self._events = TrafficEvents(err=err, redraw=not err) if events else None
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
        area = self._events.area if self._events else None
        with area.above_errors() if area else contextlib.nullcontext():
            run(self._queue, self._print, self._draw if area else None)
            if self._events is not None:
                with self._going_on():
                    self._events.close()

    def _draw(self) -> bool:
        with self._going_on():
            return self._events is not None and self._events.draw()
        return False

    @contextlib.contextmanager
    def _going_on(self) -> Iterator[None]:
        """Print no more if nobody reads it, or if it is full; the exchanges go on."""
        try:
            yield
        except OSError as error:
            self._events, self._lines = None, False
            silence_stdout()
            if not isinstance(error, BrokenPipeError):
                self.failure = f"the output cannot be written: {error.strerror}"
                say(self.failure)

    def _print(self, passed: Passed) -> None:
        with self._going_on():
            self._print_passed(passed)

    def _print_passed(self, passed: Passed) -> None:
        if self._events is not None:
            self._events.add(passed, self.reveal)
        elif self._lines and passed.value is not None:
            echo(exchange_line(passed.number, passed.subject, passed.summary), err=True)
        if passed.report is not None:
            from inspector.cli._check_text import echo_report
            from inspector.cli._observing import has_problems

            if has_problems(passed.report):
                echo_report(passed.report, err=True)


def exchange_line(number: int, subject: str, summary: Summary) -> Iterator[tuple[str, Styles]]:
    """Yield the pieces of the line for an exchange that has ended, each with its style."""
    status, end = summary.status, summary.end
    bad = bool(summary.problems)
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
    outcome = summary.outcome.replace("_", " ") if status is None else summary.outcome
    reasons = [each if len(each) <= _LONGEST else f"{each[:_LONGEST]}…" for each in _reasons(summary) if each]
    text = ": ".join([outcome, *(reason.removeprefix(f"{outcome}: ") for reason in reasons if bad)])
    yield text, {"fg": "red" if bad else "yellow" if summary.warning else "green"}


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
