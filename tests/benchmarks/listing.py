"""`inspector ls`: the cost of a row beside checking alone, and the whole command at two sizes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from inspector.checker.session import session_reports
from inspector.formats import opened
from inspector.views.listing import listing
from tests.benchmarks._measure import Row, interleaved, ratio

__all__ = ["rows"]

RECORDINGS = Path(__file__).parents[2] / "recordings"
GOAL, GOAL_COUNT = 3.0, 10_000  # seconds, recordings


def rows(quick: bool) -> Iterator[Row]:
    """Measure a row of one process, and then the command with all cores."""
    sources = sorted(RECORDINGS.glob("*.jsonl"))
    with tempfile.TemporaryDirectory() as folder:
        paths = _copies(sources, 320, Path(folder))
        yield _a_row(paths, check=True, rounds=3 if quick else 9, goal=1.4)
        yield _a_row(paths, check=False, rounds=3 if quick else 9, goal=0.7)
    for count in (250, 1000) if quick else (2500, GOAL_COUNT):
        with tempfile.TemporaryDirectory() as folder:
            _copies(sources, count, Path(folder))
            for options in ((), ("--no-check",)):
                yield _the_command(Path(folder), count, options)


def _copies(sources: list[Path], count: int, folder: Path) -> list[str]:
    paths = [folder / f"{at:05}-{sources[at % len(sources)].name}" for at in range(count)]
    for at, path in enumerate(paths):
        path.write_bytes(sources[at % len(sources)].read_bytes())
    return list(map(str, paths))


def _a_row(paths: list[str], *, check: bool, rounds: int, goal: float) -> Row:
    def check_alone() -> None:
        for path in paths:
            with opened(path) as reader:
                list(session_reports(reader))

    def listed() -> None:
        for path in paths:
            with opened(path) as reader:
                list(listing(reader, check=check))

    alone, ours = interleaved(rounds, (check_alone, listed))
    what = "a row of `inspector ls`" + ("" if check else " --no-check")
    count = len(paths)
    return Row(what, ours.each(count), f"checking alone, {alone.each(count)}", ratio(ours, alone), goal)


def _the_command(folder: Path, count: int, options: tuple[str, ...]) -> Row:
    start = time.perf_counter()
    command = [sys.executable, "-m", "inspector", "ls", *options, str(folder)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env={**os.environ, "NO_COLOR": "1"})
    seconds = time.perf_counter() - start
    what = f"`{' '.join(('inspector ls', *options))}` of {count:,} recordings"
    goal = 1.0 if count == GOAL_COUNT else None
    return Row(what, f"{seconds:.2f} s", f"{GOAL:g} s for {GOAL_COUNT:,}", seconds / GOAL, goal)
