"""The exchanges that pass a proxy: each is numbered, summed up, checked, counted, and named."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from inspector.record.destination import Observer
from inspector.record.naming import exchange_name, subject_of
from inspector.recording import End, Head, TimedBlock
from inspector.views.metrics import Metrics
from inspector.views.summary import Summary

if TYPE_CHECKING:  # imported when something is checked
    from inspector.checker import Report

__all__ = ["Passed", "Traffic"]


class Passed(NamedTuple):
    """A value of an exchange that passed, the number of the exchange, and what is known of it by now.

    `value` is None for a request that is being sent. `report` comes with the end, if exchanges are checked.
    `played` is the file that a server plays as the response.
    """

    number: int
    value: Head | TimedBlock | End | None
    subject: str
    summary: Summary
    report: Report | None
    played: str = ""


class Traffic:
    """All exchanges of a proxy, from number `first` on; `see` gets every value of each, as it passes.

    With `check`, each is checked against the protocol.
    """

    def __init__(self, see: Callable[[Passed], None], *, first: int = 1, check: bool = False) -> None:
        self.see = see
        self.check = check
        self.findings: Counter[tuple[str, str]] = Counter()
        """How often each rule has been violated, by rule and severity."""
        self.checked = self.faulty = 0
        """How many exchanges were checked, and how many of them have errors or warnings."""
        self._next = first
        self._metrics = Metrics()
        self._lock = threading.Lock()  # requests begin on one thread, end on another, and are counted on both

    @property
    def begun(self) -> int:
        """How many requests there were."""
        return self._metrics.begun

    @property
    def in_progress(self) -> int:
        """How many responses have not ended."""
        with self._lock:
            return self._metrics.begun - self._metrics.ended

    def metrics(self, *, recording: bool) -> str:
        """Return all counts for Prometheus; `recording`: whether recordings can be written."""
        with self._lock:
            return self._metrics.text(recording=recording)

    def observe(self) -> Observer:
        """Observe an exchange whose request is being sent."""
        with self._lock:
            self._metrics.begin()
            number, self._next = self._next, self._next + 1
        self.see(Passed(number, None, "", Summary(), None))
        return _Exchange(self, number)

    def end(self, summary: Summary, events: Counter[str | None], report: Report | None) -> None:
        """Count an exchange that has ended."""
        findings: Counter[tuple[str, str]] = Counter()
        for finding in report.findings if report else ():
            findings[finding.rule, finding.severity] += 1 + finding.more
        with self._lock:
            self._metrics.end(summary, events, findings)
            self.findings.update(findings)
            if report is not None:
                self.checked += 1
                self.faulty += any(severity != "info" for _, severity in findings)


class _Exchange(Observer):
    """One exchange. What is printed and counted of it comes from here, so that it is parsed once."""

    def __init__(self, traffic: Traffic, number: int) -> None:
        self._traffic = traffic
        self._number = number
        self._summary = Summary()
        self._events: Counter[str | None] = Counter()
        self._subject = ""
        self._report: Report | None = None

    def add(self, value: Head | TimedBlock | End) -> None:
        self._summary.add(value)
        if isinstance(value, TimedBlock):
            if value.data is not None:
                self._events[value.event] += 1
            if self._traffic.check:
                self._checker.feed((value,))
        elif isinstance(value, Head):
            self._begin(value)
        else:
            self._end(value)
        self._traffic.see(
            Passed(self._number, value, self._subject, self._summary, self._report, self.played)
        )

    def _begin(self, head: Head) -> None:
        self._subject = subject_of(head)
        self.file_name = exchange_name(self._number, head, self._summary.outcome)
        if self._traffic.check:
            from inspector.checker.checker import Checker

            self._checker = Checker(head, file=f"#{self._number}")

    def _end(self, end: End) -> None:
        head = self._summary.head
        assert head is not None
        self.file_name = exchange_name(self._number, head, self._summary.outcome)
        if self._traffic.check:
            self._report = self._checker.close(end)
        self._traffic.end(self._summary, self._events, self._report)
