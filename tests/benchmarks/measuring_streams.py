"""`inspector.stats`, compared with framing and parsing the same body: at two sizes, and from a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from inspector import sse
from inspector.formats import opened
from inspector.recording import End, Ending, Head, Recorder, Recording, Request, Response, save
from inspector.views.measuring import session_statistics, stats
from tests.benchmarks import _streams
from tests.benchmarks._measure import Row, interleaved, ratio

__all__ = ["rows"]

_GOAL = 3.0
_EVENT_TIME = 0.013  # seconds


def rows(*, quick: bool) -> Iterator[Row]:
    """Measure a stream and half of it, in memory, and the whole one in a file."""
    rounds, count = (5, 20_000) if quick else (9, 100_000)
    whole, half = _recorded(count), _recorded(count // 2)
    body, half_body = whole.body, half.body
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stream.jsonl"
        save(whole, file)
        base, half_base, ours, half_ours, from_file, reading = interleaved(
            rounds,
            (
                lambda: _framed(body),
                lambda: _framed(half_body),
                lambda: stats(whole),
                lambda: stats(half),
                lambda: _measured(file),
                lambda: _read(file),
            ),
        )
    for recording, result, baseline in ((half, half_ours, half_base), (whole, ours, base)):
        events = len(recording.blocks)
        what = f"stats of {events:,} events"
        versus = f"framing + orjson, {baseline.each(events)}"
        yield Row(what, result.each(events), versus, ratio(result, baseline), _GOAL)
    events = len(whole.blocks)
    grown = ratio(ours, half_ours)
    yield Row("stats of twice as many events", ours.each(1), f"half as much, {half_ours.each(1)}", grown, 3.0)
    versus = f"reading the file, {reading.each(events)}"
    yield Row("stats of a file", from_file.each(events), versus, ratio(from_file, reading))


def _recorded(count: int) -> Recording:
    recorder, events = Recorder(), _streams.events(count)
    reads = ((1.0 + number * _EVENT_TIME, event) for number, event in enumerate(events))
    blocks = (*recorder.feed(reads), *recorder.close())
    head = Head("", Request(), Response(0.5, headers={"content-type": "text/event-stream"}))
    return Recording(head, blocks, End(1.0 + len(events) * _EVENT_TIME, Ending.COMPLETE))


def _framed(body: bytes) -> None:
    decoder = sse.Decoder()
    for at in range(0, len(body), 65536):
        for block in decoder.feed(body[at : at + 65536]):
            if block.data:
                orjson.loads(block.data)


def _measured(file: Path) -> None:
    with opened(file) as reader:
        list(session_statistics(reader))


def _read(file: Path) -> None:
    with opened(file) as reader:
        for _ in reader:
            pass
