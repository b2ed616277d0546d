"""Start the command, and compare with a Python that only imports click and orjson, which it needs."""

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
_SLOW = ("anthropic", "httpx", "httpx2", "asyncio", "anyio")


def rows(*, quick: bool) -> Iterator[Row]:
    """Measure the CPU and wall time of whole processes, and list imports that take too long."""
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
            baseline = f"python -c 'import click, orjson', {bare.each(1)}"
            yield Row(f"{name}: {kind}", result.each(1), baseline, ratio(result, bare), 2.5)
    for name, command in _COMMANDS.items():
        slow = _slow_imports(command)
        yield Row(
            f"{name}: imports {', '.join(slow) or 'none'}", str(len(slow)), ", ".join(_SLOW), len(slow), 0
        )


def _run(command: tuple[str, ...]) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def _slow_imports(command: tuple[str, ...]) -> list[str]:
    """List the slow packages that a command imports."""
    environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    return [name for name in _SLOW if name in modules]
