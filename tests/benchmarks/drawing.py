"""`inspector replay` on a terminal: what it costs to draw an open text, against a row for every event."""

from __future__ import annotations

import os
import pty
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from inspector import load, save
from tests.benchmarks import _streams
from tests.benchmarks._measure import Row, interleaved, ratio

__all__ = ["rows"]


def rows(*, quick: bool) -> Iterator[Row]:
    """Replay streams of two sizes at once, with the CPU time of the whole process."""
    counts = (2_000, 8_000) if quick else (10_000, 50_000)
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for count in counts:
            body, file = Path(folder) / f"{count}.sse", Path(folder) / f"{count}.jsonl"
            body.write_bytes(b"".join(_streams.events(count)))
            save(load(body), file)
            files.append(str(file))
        runs = [_replay(file, option) for file in files for option in ("--fold", "--unfold")]
        small, small_rows, large, large_rows = interleaved(3 if quick else 5, runs, clock=_cpu_of_children)
        for count, folded, unfolded in ((counts[0], small, small_rows), (counts[1], large, large_rows)):
            versus = f"--unfold, {unfolded.each(count)} an event"
            yield Row(f"live, {count:,} events", folded.each(count), versus, ratio(folded, unfolded), 1.1)


def _replay(file: str, option: str) -> Callable[[], object]:
    command = [sys.executable, "-m", "inspector", "replay", file, "--speed", "1000", option]
    environment = {**os.environ, "TERM": "xterm"}

    def run() -> None:
        ours, theirs = pty.openpty()
        terminal = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
        with subprocess.Popen(command, env=environment, **terminal):
            os.close(theirs)
            try:
                while os.read(ours, 65536):
                    pass
            except OSError:  # the process has closed it
                pass
        os.close(ours)

    return run


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
