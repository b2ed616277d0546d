"""Two recordings of a long answer, compared: of the same text in other reads, and of other texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import orjson

from inspector import sse
from inspector.recording import End, Ending, Head, Recorder, Recording, Request, Response
from inspector.views.diff_choices import Choices
from inspector.views.diffing import compared
from inspector.views.word_diff import pieces
from tests.benchmarks import _streams
from tests.benchmarks._measure import Row, interleaved, ratio

__all__ = ["rows"]

_SIZES = (7_000, 70_000)


def rows(*, quick: bool) -> Iterator[Row]:
    """Compare with framing and parsing both streams, at two sizes; and texts with ten times longer ones."""
    rounds = 5 if quick else 11
    for size in _SIZES[: 1 if quick else 2]:
        blocks = _streams.events(size)
        one = _recording(_streams.grouped(blocks, 4))
        same = _recording(_streams.grouped([re.sub(rb" *}\n", b"}\n", block) for block in blocks], 7))
        other = _recording(_streams.grouped(_streams.events(size, seed=2), 4))
        count = len(one.blocks) + len(same.blocks)
        for what, second in (("the same answer", same), ("another answer", other)):
            base, ours = interleaved(
                rounds,
                (
                    partial(_parsed, one.body, second.body),
                    partial(compared, one, second, Choices(), ("a", "b")),
                ),
            )
            versus = f"framing + orjson.loads, {base.each(count)}"
            what = f"diff with {what}, {size:,} events each"
            yield Row(what, ours.each(count), versus, ratio(ours, base), 3)
    short, long = (_texts(words) for words in (20_000, 200_000))
    brief, tenfold = interleaved(rounds, (partial(_all, *short), partial(_all, *long)))
    versus = f"20,000 words, {brief.each(1)}"
    yield Row("word diff of 200,000 words", tenfold.each(1), versus, ratio(tenfold, brief), 15)


def _parsed(*bodies: bytes) -> None:
    for body in bodies:
        decoder = sse.Decoder()
        for at in range(0, len(body), 65536):
            for block in decoder.feed(body[at : at + 65536]):
                if block.data:
                    orjson.loads(block.data)


def _recording(reads: list[bytes]) -> Recording:
    recorder = Recorder()
    blocks = recorder.feed((1 + number / 100, read) for number, read in enumerate(reads))
    head = Head("", Request(url="https://api.anthropic.com/v1/messages"), Response(0.5))
    return Recording(head, tuple(blocks), End(2 + len(reads) / 100, Ending.COMPLETE))


def _texts(words: int) -> tuple[str, str]:
    one = [f"word{number % 997}" for number in range(words)]
    other = [word if number % 20 else "other" for number, word in enumerate(one)]
    return " ".join(one), " ".join(other)


def _all(one: str, other: str) -> None:
    for _ in pieces(one, other):
        pass
