"""Starting the command, against a Python that imports what any such command needs: click and orjson."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks._measure import Result, Row, ratio

__all__ = ["rows"]

_RECORDING = Path(__file__).parents[2] / "recordings" / "hello.jsonl"
_BARE = (sys.executable, "-c", "import click, orjson")
_COMMANDS = {
    "inspector --help": (sys.executable, "-m", "inspector", "--help"),
    "inspector show FILE": (sys.executable, "-m", "inspector", "show", str(_RECORDING)),
}
_FOREIGN = ("anthropic", "httpx", "httpx2", "asyncio", "anyio")


def rows(*, quick: bool) -> Iterator[Row]:
    """Measure CPU and wall time of whole processes, in turns; and what they import that they must not."""
    rounds = 12 if quick else 40
    commands = [_BARE, *_COMMANDS.values()]
    taken: list[list[tuple[float, float]]] = [[] for _ in commands]
    for command in commands:
        _run(command)
    for _ in range(rounds):
        for command, pairs in zip(commands, taken, strict=True):
            pairs.append(_run(command))
    for at, kind in enumerate(("CPU", "wall")):
        bare, *results = (Result(tuple(pair[at] for pair in pairs)) for pairs in taken)
        for name, result in zip(_COMMANDS, results, strict=True):
            words = f"python -c 'import click, orjson', {bare.each(1)}"
            yield Row(f"{name}: {kind}", result.each(1), words, ratio(result, bare), 2.5)
    for name, command in _COMMANDS.items():
        found = _imported(command)
        words = ", ".join(_FOREIGN)
        yield Row(f"{name}: imports {', '.join(found) or 'none'}", str(len(found)), words, len(found), 0)


def _run(command: tuple[str, ...]) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def _imported(command: tuple[str, ...]) -> list[str]:
    """Name what a command imports of what it must not."""
    environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    return [name for name in _FOREIGN if name in modules]
