"""How the cost grows on streams that nobody should send: twice as much must cost twice as much."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

from inspector import _json, sse
from inspector.checker import report
from inspector.protocol import fold
from inspector.recording import Head, Recorder, Recording, Request, Response
from tests.benchmarks import _streams
from tests.benchmarks._measure import Row, interleaved, ratio

__all__ = ["rows"]

_GOAL = 3.0  # what grows with the square takes four times as long
_MEMORY = 12
"""How many times the size of a frame `check` may take to read it."""


def rows(*, quick: bool) -> Iterator[Row]:
    """Measure framing, `check` and the Message on half a body and on a whole one, and the memory."""
    rounds, scale = (3, 4) if quick else (5, 1)
    for what, line, count in _ODD_BODIES:
        body = line * (count // scale)
        yield _growth(f"framing {what}", body, line * (count // scale // 2), _count, rounds)
        yield _growth(f"check on {what}", body, line * (count // scale // 2), _checked, rounds)
    for what, size in (("128,000 deltas", 6), ("30 MB in one content block", 234)):
        body, half = _deltas(128_000 // scale, size), _deltas(64_000 // scale, size)
        yield _growth(f"the Message of {what}", body, half, _message, rounds)
    yield _memory(8_000_000 // scale)


_PAYLOAD = b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}'
_ODD_BODIES = (
    ("blank lines", b"\n", 200_000),
    ("one frame of short lines", b"data: x\n", 250_000),
    ("one frame of payloads", b"data: %b\n" % _PAYLOAD, 20_000),
    ("one frame of comments", b":\n", 1_000_000),
)
"""What, one line of it, and how many."""


def _deltas(count: int, size: int) -> bytes:
    first, opened = _streams.events(1)[:2]
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x" * size}}
    return first + opened.replace(b"thinking", b"text") + _streams.block("content_block_delta", delta) * count


def _growth(what: str, body: bytes, half: bytes, work: Callable[[bytes], object], rounds: int) -> Row:
    once, twice = interleaved(rounds, (lambda: work(half), lambda: work(body)))
    name = f"{what}, {len(body) / 1e6:.2g} MB"
    return Row(name, twice.each(1), f"half as much, {once.each(1)}", ratio(twice, once), _GOAL)


def _memory(size: int) -> Row:
    recording = _recorded(b":\n" * (size // 2))
    tracemalloc.start()
    report(recording)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    what = f"memory of check on one frame of {size / 1e6:.2g} MB"
    return Row(what, f"{peak / 1e6:.3g} MB", "the frame", peak / size, _MEMORY)


def _framed(body: bytes) -> Iterator[sse.Block]:
    decoder = sse.Decoder()
    for at in range(0, len(body), 65536):
        yield from decoder.feed(body[at : at + 65536])


def _count(body: bytes) -> int:
    return sum(1 for _ in _framed(body))


def _recorded(body: bytes) -> Recording:
    recorder = Recorder()
    reads = [(0.0, body[at : at + 65536]) for at in range(0, len(body), 65536)]
    head = Head("", Request(), Response(0.0, headers={"content-type": "text/event-stream"}))
    return Recording(head, (*recorder.feed(reads), *recorder.close()))


def _checked(body: bytes) -> None:
    report(_recorded(body))


def _message(body: bytes) -> None:
    blocks = (block for block in _framed(body) if block.event and block.data)
    events = ((block.event.decode(), _json.loads(block.data)) for block in blocks)
    _json.dumps_text(fold(events), indent=2)
