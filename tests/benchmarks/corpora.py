"""Corpora: many small recordings from a folder and from packs, on the pool and on dask, as tables.

    python -m tests.benchmarks.corpora [RECORDINGS]       default: 2,000; the goals are for 100,000

The recordings are copies of the small bundled ones, each with message ids of its own. A rate is recordings in
two seconds of CPU, which is what two idle cores do in a second: so a busy machine disturbs it less. Memory is
that of the largest process. Dask and the pool are compared by the clock, in turns, since both wait. The goal
for dask is for 20,000 recordings or more: below that, starting its cluster counts most.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from inspector import storage
from tests.benchmarks._measure import Row, table

__all__ = ["rows"]

RECORDINGS = Path(__file__).parents[2] / "recordings"
DEFAULT = 2_000
LARGEST = 12_000  # bytes of a bundled recording that counts as small
ROUNDS = 3
AT_RANDOM = 200

IN_TURN = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(status, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
"""
"""A process that runs one command, so that what it says of its children is said of that command alone."""


class Used(NamedTuple):
    """What a command used: seconds by the clock, seconds of CPU, and bytes of its largest process."""

    clock: float
    cpu: float
    memory: float


def inspector(*arguments: str | Path) -> Used:
    """Run a command of inspector, with all its processes."""
    command = [sys.executable, "-c", IN_TURN, sys.executable, "-m", "inspector", *map(str, arguments)]
    start = time.perf_counter()
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    clock = time.perf_counter() - start
    if int(said[0]) not in (0, 1):  # 1: findings
        raise RuntimeError(f"inspector {' '.join(map(str, arguments))}: exit status {said[0]}")
    return Used(clock, float(said[1]), float(said[2]))


def rows(count: int, folder: Path) -> Iterator[Row]:
    """Measure everything with `count` recordings, in a folder."""
    captures, packs = folder / "captures", folder / "packs"
    write(captures, count)
    packing = inspector("export", "--pack", captures, "-o", packs)
    yield Row("packing", f"{count / packing.cpu:,.0f}/s", "a second of one core", count / packing.cpu)
    yield from _reading(packs)
    for source, goal in ((captures, 1500), (packs, 5000)):
        used = inspector("check", "-q", "--no-sdk", source)
        rate = 2 * count / used.cpu
        what = f"`check` of {count:,} recordings from {source.name}"
        yield Row(what, f"{rate:,.0f}/s", f"{goal:,}/s on two cores", rate / goal, 1.0, above=True)
        yield Row("  memory", f"{used.memory / 1e6:.0f} MB", "300 MB", used.memory / 300e6, 1.0)
    yield _tables(packs, folder / "tables")
    yield _dask(packs, count)


def write(folder: Path, count: int) -> None:
    """Write small recordings, a thousand in each folder."""
    small = [path.read_bytes() for path in sorted(RECORDINGS.glob("*.jsonl"))]
    small = [text for text in small if len(text) <= LARGEST]
    for number in range(count):
        if number % 1000 == 0:
            (folder / f"{number // 1000:03}").mkdir(parents=True)
        text = small[number % len(small)].replace(b"msg_01", b"msg_%06x" % number)
        (folder / f"{number // 1000:03}" / f"{number:06}.jsonl").write_bytes(text)


def _reading(packs: Path) -> Iterator[Row]:
    start = time.process_time()
    names = []
    for member in storage.read(storage.listed(packs)):
        member.file.read()
        names.append(member.name)
    each = (time.process_time() - start) / len(names)
    yield Row("reading a source of a pack, without parsing", f"{each * 1e6:.1f} µs", "1 s", each)
    start = time.process_time()
    for name in names[:: max(len(names) // AT_RANDOM, 1) + 1]:
        with storage.opened(name) as file:
            file.read()
    each = (time.process_time() - start) / len(names[:: max(len(names) // AT_RANDOM, 1) + 1])
    yield Row("opening one source of a pack by its name", f"{each * 1e3:.2f} ms", "1 ms", each * 1e3)


def _tables(packs: Path, tables: Path) -> Row:
    """Compare CPU with and without tables: their rows and pyarrow's start are in it, not only Parquet."""
    plain, written = [], []
    for round_ in range(ROUNDS):
        plain.append(inspector("check", "-q", "--no-sdk", packs).cpu)
        written.append(inspector("check", "-q", "--no-sdk", packs, "-o", tables / str(round_)).cpu)
    share = median(b / a for a, b in zip(plain, written, strict=True))
    return Row("`check -o`, CPU", f"{median(written):.1f} s", f"`check`, {median(plain):.1f} s", share)


def _dask(packs: Path, count: int) -> Row:
    pool, dask = [], []
    for _ in range(ROUNDS):
        pool.append(inspector("check", "-q", "--no-sdk", "-j", "2", packs).clock)
        dask.append(inspector("check", "-q", "--no-sdk", "-j", "2", "--engine", "dask", packs).clock)
    ratio = median(b / a for a, b in zip(pool, dask, strict=True))
    goal = 1.25 if count >= 20_000 else None
    return Row(
        "dask with two workers", f"{median(dask):.1f} s", f"the pool, {median(pool):.1f} s", ratio, goal
    )


def main() -> None:
    """Measure, and print each row as soon as it is known."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        for line in table(rows(count, Path(folder))):
            print(line, flush=True)


if __name__ == "__main__":
    main()
