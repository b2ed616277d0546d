"""How fast `check` is, on long and on small recordings, on one core and on two; how its cost grows, and how
much memory it takes.

Run from the repository: `python tests/benchmarks/check.py [EVENTS]`. It compares with framing and
`orjson.loads`, and prints tables. Trust the ratios.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections import deque
from pathlib import Path
from statistics import median

import orjson

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from streams import (  # noqa: E402
    END,
    PING,
    STOP,
    delta,
    message_delta,
    opens,
    recording,
    start,
    stops,
    tool_delta,
)

from inspector import sse  # noqa: E402
from inspector.checker import Checker, report  # noqa: E402
from inspector.checker.session import session_reports  # noqa: E402
from inspector.formats import opened  # noqa: E402
from inspector.recording import dump, save  # noqa: E402

BUNDLED = Path(__file__).parents[2] / "recordings"

ROUNDS = 7
WORDS = [
    "the",
    "of",
    "a",
    "stream",
    "event",
    "block",
    "recording",
    "says",
    "that",
    "it",
    "was",
    "cut",
    "here",
    "and",
    "there",
    "is",
    "no",
    "end",
    "to",
    "it",
]


def body(events: int) -> list[bytes]:
    """A long answer: text in blocks of 500 deltas, padded as the API pads, a ping now and then."""
    chance = random.Random(7)
    made = [start()]
    for index in range(max(events // 500, 1)):
        made.append(opens(index))
        for _ in range(min(500, events)):
            text = " ".join(chance.choices(WORDS, k=chance.randint(1, 4)))
            pad = b" " * chance.randint(0, 15)
            made.append(
                b"event: content_block_delta\ndata: "
                b'{"type":"content_block_delta","index":%d,"delta":{"type":"text_delta","text":"%b"}%b}\n\n'
                % (index, text.encode(), pad)
            )
        made += [stops(index), PING]
    return [*made, message_delta(output=events), STOP]


def framing_and_json(whole: bytes) -> int:
    decoder, count = sse.Decoder(), 0
    for at in range(0, len(whole), 65536):
        for block in decoder.feed(whole[at : at + 65536]):
            if block.data:
                orjson.loads(block.data)
                count += 1
    return count


def medians(*functions, rounds=ROUNDS, clock=time.perf_counter):
    """Return the median time of each, in interleaved rounds."""
    times = [[] for _ in functions]
    for _ in range(rounds):
        for kept, function in zip(times, functions, strict=True):
            begun = clock()
            function()
            kept.append(clock() - begun)
    return [median(each) for each in times]


def speed(events: int) -> None:
    reads = body(events)
    whole, large = b"".join(reads), recording(*reads)
    base, rules = medians(lambda: framing_and_json(whole), lambda: report(large))
    count = len(large.blocks)
    print(f"{count:,} events, {len(whole) / 1e6:.1f} MB")
    print(f"  framing + orjson.loads     {base / count * 1e6:6.2f} µs an event")
    print(f"  check, all rules           {rules / count * 1e6:6.2f} µs an event   {rules / base:.2f} x")


SMALL_LIMIT = 5.0
"""How often the CPU of reading the bundled recordings their check may take, reading included. It takes 4.2 to
4.8 times as much on two busy cores; 4.9 to 5.4 while each rule saw every event.
"""


def small(rounds: int = 15) -> None:
    """Check the bundled recordings from their files, as folders and packs hold them by the million."""
    files = [path for path in sorted(BUNDLED.glob("*.jsonl")) if path.stat().st_size < 64 * 1024]

    def read() -> None:
        for path in files:
            with opened(path) as reader:
                deque(reader, maxlen=0)

    def check() -> None:
        for path in files:
            with opened(path) as reader:
                deque(session_reports(reader), maxlen=0)

    reading, checking = (
        each / len(files) * 1e6 for each in medians(read, check, rounds=rounds, clock=time.process_time)
    )
    size = sum(path.stat().st_size for path in files) / len(files)
    print(f"{len(files)} small recordings of {size / 1e3:.1f} kB on average, CPU of one core")
    print(f"  read                       {reading:6.0f} µs each")
    print(f"  read and check, all rules  {checking:6.0f} µs each   {checking / reading:.2f} x")
    if checking > SMALL_LIMIT * reading:
        print(f"  more than the limit of {SMALL_LIMIT} x")


BLOCKS = {
    "unclosed content blocks": (2400, lambda index: opens(index) + delta(index)),
    "tools left open": (2400, lambda index: opens(index, "tool_use") + tool_delta(index, '{"a": ')),
    "closed content blocks": (8000, lambda index: opens(index) + delta(index) + stops(index)),
}


def growth() -> None:
    """Twice as many content blocks must cost about twice as much."""
    for what, (count, block) in BLOCKS.items():
        sizes = (count, 2 * count)
        streams = [recording(start() + b"".join(map(block, range(size))) + END) for size in sizes]
        once, twice = medians(lambda one=streams[0]: report(one), lambda two=streams[1]: report(two))
        print(f"  {count:,} and {2 * count:,} {what}: {once:.3f} s, {twice:.3f} s   {twice / once:.2f} x")


def cores(files: int, events: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(files):
            save(recording(*body(events)), Path(folder) / f"{number:04}.jsonl")

        def run(jobs: int) -> None:
            subprocess.run(
                [sys.executable, "-m", "inspector", "check", "-q", "-j", str(jobs), folder],
                check=True,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            )

        one, two = medians(lambda: run(1), lambda: run(2))
    print(f"{files:,} recordings of about {events} events in one command")
    print(f"  one process {one:.2f} s, two {two:.2f} s   {one / two:.2f} x")


def memory() -> None:
    for events in (10_000, 100_000):
        large = recording(*body(events))
        checker = Checker(large.head)
        tracemalloc.start()
        checker.feed(large.blocks)
        checker.close(large.end)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        size = sum(map(len, dump(large)))
        print(f"  {events:>9,} events, a file of {size / 1e6:5.1f} MB: {peak / 1e3:,.0f} kB at most")


if __name__ == "__main__":
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    speed(events)
    small()
    print("growth")
    growth()
    for size in (30, 100, 300):
        cores(1000, size)
    print("memory beyond the recording's own")
    memory()
