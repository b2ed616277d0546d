"""Counts of many exchanges, in the text format that Prometheus reads.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format. Labels come from
closed sets, so that no upstream can make the number of time series grow: what is in none counts as `other`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from inspector._version import __version__
from inspector.protocol import EVENT_TYPES, STOP_REASONS
from inspector.views.summary import Summary

__all__ = ["Metrics"]

_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 60.0, 120.0, 300.0, 600.0)  # seconds

Labels = tuple[str, ...]


class _Histogram:
    """How many values lie below each bound, how many there are, and their sum."""

    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._sum = 0.0

    def add(self, value: float | None) -> None:
        if value is not None:
            self._counts[sum(value > bound for bound in _BOUNDS)] += 1
            self._sum += value

    def samples(self, name: str) -> Iterator[str]:
        bounds = (*map(str, _BOUNDS), "+Inf")
        below = list(accumulate(self._counts))
        for bound, count in zip(bounds, below, strict=True):
            yield f'{name}_bucket{{le="{bound}"}} {count}'
        yield f"{name}_sum {self._sum:.6f}"
        yield f"{name}_count {below[-1]}"


class Metrics:
    """Counts; `begin` and `end` each exchange, and `text` writes all of them."""

    def __init__(self) -> None:
        self.begun = self.ended = 0
        """How many requests were sent, and how many responses have ended."""
        self._bytes = 0
        self._exchanges: Counter[Labels] = Counter()
        self._stops: Counter[Labels] = Counter()
        self._events: Counter[Labels] = Counter()
        self._findings: Counter[Labels] = Counter()
        self._first_event, self._first_text, self._duration = _Histogram(), _Histogram(), _Histogram()

    def begin(self) -> None:
        """Count a request that is sent."""
        self.begun += 1

    def end(
        self, summary: Summary, events: Mapping[str | None, int], findings: Mapping[tuple[str, str], int]
    ) -> None:
        """Count a response that has ended.

        `events` counts its events by name, `findings` what rules report, by rule and severity.
        """
        self.ended += 1
        self._bytes += summary.size
        status = "none" if summary.status is None else str(summary.status)
        self._exchanges[status, summary.end.how if summary.end else "none"] += 1
        if summary.stop_reason is not None:
            self._stops[_known(summary.stop_reason, STOP_REASONS),] += 1
        for name, count in events.items():
            self._events[_known(name, EVENT_TYPES),] += count
        self._findings.update(findings)
        if summary.status is not None:
            self._first_event.add(summary.first_event)
            self._first_text.add(summary.first_text)
        self._duration.add(summary.end.t if summary.end else None)

    def text(self, *, recording: bool) -> str:
        """Write all counts. `recording`: whether recordings can be written."""
        return "".join(f"{line}\n" for line in self._lines(recording=recording))

    def _lines(self, *, recording: bool) -> Iterator[str]:
        yield from _family("info", "gauge", "The version that runs.", {(__version__,): 1}, "version")
        yield from _family("recording", "gauge", "1 if recordings are written, 0 if that fails.", recording)
        waiting = self.begun - self.ended
        yield from _family(
            "exchanges_in_progress", "gauge", "Requests whose response has not ended.", waiting
        )
        about = "Exchanges that have ended, by the status and by how the body ended."
        yield from _family("exchanges_total", "counter", about, self._exchanges, "status", "ending")
        about = "Messages, by their stop reason."
        yield from _family("messages_total", "counter", about, self._stops, "stop_reason")
        yield from _family("events_total", "counter", "Events of streams.", self._events, "event")
        about = "Bytes of response bodies, decoded."
        yield from _family("response_body_bytes_total", "counter", about, self._bytes)
        about = "What the rules of `inspector check` report. Only with --check."
        yield from _family("findings_total", "counter", about, self._findings, "rule", "severity")
        for name, histogram, about in (
            ("first_event_seconds", self._first_event, "From the request to the first event."),
            (
                "first_text_seconds",
                self._first_text,
                "From the request to the first text, thinking or input.",
            ),
            ("exchange_seconds", self._duration, "From the request to the end of the response."),
        ):
            yield from _comments(name, "histogram", about)
            yield from histogram.samples(f"inspector_{name}")


def _comments(name: str, kind: str, about: str) -> Iterator[str]:
    yield f"# HELP inspector_{name} {about}"
    yield f"# TYPE inspector_{name} {kind}"


def _family(
    name: str, kind: str, about: str, value: Mapping[Labels, int] | int, *labels: str
) -> Iterator[str]:
    yield from _comments(name, kind, about)
    if not isinstance(value, Mapping):
        yield f"inspector_{name} {int(value)}"
        return
    for values, count in sorted(value.items()):
        listed = ",".join(f'{label}="{each}"' for label, each in zip(labels, values, strict=True))
        yield f"inspector_{name}{{{listed}}} {count}"


def _known(name: str | None, names: Iterable[str]) -> str:
    return name if name is not None and name in names else "other"
