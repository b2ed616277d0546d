"""Tapping a stream that the SDK iterates, compared with the SDK alone: CPU time and delays.

The server is another process, on loopback, and sends an HTTP chunk for each read. The CPU time is that of all
threads of this process until the recording is complete on disk.
"""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import anthropic

import inspector
from tests.benchmarks._measure import Result, Row, interleaved, ratio
from tests.benchmarks._server import served

__all__ = ["rows"]


def rows(*, quick: bool) -> Iterator[Row]:
    """Measure CPU at one and at several events a read, latency, and the delay until an event is on disk."""
    rounds, events, paced = (7, 2_000, 100) if quick else (15, 6_000, 200)
    for what, a_read, goal in (("one event a read", 1, 1.20), ("8 events a read", 8, 1.10)):
        yield _cpu(f"tapping, {what}", events, a_read, 0.0, rounds, goal)
        yield _cpu(f"tapping `messages.stream()`, {what}", events, a_read, 0.0, rounds, accumulated=True)
    yield _cpu("tapping, an event every 5 ms", paced, 1, 0.005, 3 if quick else 11)
    yield from _latency(paced, 0.005, 3 if quick else 11)
    yield _delay_to_disk(paced, 0.005, 2 if quick else 5)


def _cpu(
    what: str,
    events: int,
    a_read: int,
    gap: float,
    rounds: int,
    goal: float | None = None,
    *,
    accumulated: bool = False,
) -> Row:
    read = _accumulate if accumulated else _read
    with served(events, a_read, gap) as url, _clients(url) as (bare, tapped, _):
        alone, with_tap = interleaved(rounds, (lambda: read(bare), lambda: read(tapped)))
    baseline = f"the SDK alone, {alone.each(events)} an event"
    return Row(f"{what}: CPU", with_tap.each(events), baseline, ratio(with_tap, alone), goal)


def _latency(events: int, gap: float, rounds: int) -> Iterator[Row]:
    first: tuple[list[float], list[float]] = ([], [])
    later: tuple[list[float], list[float]] = ([], [])
    with served(events, 1, gap) as url, _clients(url) as (*clients, _):
        for at in itertools.islice(itertools.cycle((0, 1, 1, 0)), 2 * rounds):
            start = time.monotonic_ns()
            arrivals = _read(clients[at], time.monotonic_ns)
            first[at].append((arrivals[0][0] - start) / 1e9)
            later[at].append(median(now - int(text) for now, text in arrivals[1:]) / 1e9)
    for what, (alone, with_tap) in (("request to first event", first), ("an event's latency (p50)", later)):
        ours, theirs = Result(tuple(with_tap)), Result(tuple(alone))
        baseline = f"the SDK alone, {theirs.each(1)}"
        yield Row(f"tapping: {what}", ours.each(1), baseline, ratio(ours, theirs), 1.1)


def _delay_to_disk(events: int, gap: float, rounds: int) -> Row:
    longest = []
    with served(events, 1, gap) as url, _clients(url) as (_, tapped, folder):
        for _ in range(rounds):
            before = set(folder.iterdir())
            with _watched(folder, before) as sizes:
                arrivals = _read(tapped, time.monotonic_ns)
            (file,) = set(folder.iterdir()) - before
            ends = itertools.accumulate(map(len, file.read_bytes().splitlines(keepends=True)[:-1]))
            next(ends)  # the head's
            for end, (arrived, _) in zip(ends, arrivals, strict=True):
                longest.append(next(now for now, size in sizes if size >= end) - arrived)
    slowest = Result((max(longest) / 1e9,))
    return Row(
        "tapping: from an event's arrival to disk (longest)",
        slowest.each(1),
        "50 ms",
        slowest.seconds[0] / 0.05,
        1,
    )


class _watched:  # noqa: N801 - used as a function
    """Note the time and the size of the file that is being written, every half millisecond."""

    def __init__(self, folder: Path, before: set[Path]) -> None:
        self._folder, self._before = folder, before
        self._sizes: list[tuple[int, int]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> list[tuple[int, int]]:
        self._thread.start()
        return self._sizes

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            over = self._over.is_set()
            for file in set(self._folder.iterdir()) - self._before:
                self._sizes.append((time.monotonic_ns(), file.stat().st_size))
            if over:
                return
            time.sleep(0.0005)


class _clients:  # noqa: N801 - used as a function
    """A client without a tap, one with a tap, and the folder that this one records to."""

    def __init__(self, url: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._http = [
            anthropic.DefaultHttpxClient(),
            anthropic.DefaultHttpxClient(event_hooks=inspector.tap(self._folder.name)),
        ]
        self._sdk = [
            anthropic.Anthropic(api_key="none", base_url=url, http_client=http) for http in self._http
        ]

    def __enter__(self) -> tuple[anthropic.Anthropic, anthropic.Anthropic, Path]:
        for client in self._sdk:
            _read(client)
        return self._sdk[0], self._sdk[1], Path(self._folder.name)

    def __exit__(self, *_: object) -> None:
        for http in self._http:
            http.close()
        self._folder.cleanup()


_REQUEST: dict[str, Any] = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "Hello"}],
}


def _read(client: anthropic.Anthropic, clock: Callable[[], int] | None = None) -> list[tuple[int, Any]]:
    """Read a stream to the end; with a clock, return the time and the text of each event."""
    stream = client.messages.create(**_REQUEST, stream=True)
    if clock:
        return [(clock(), event.delta.text) for event in stream]
    for _ in stream:
        pass
    return []


def _accumulate(client: anthropic.Anthropic) -> None:
    """Read a stream to the end with the helper that accumulates the Message."""
    with client.messages.stream(**_REQUEST) as stream:
        for _ in stream:
            pass
