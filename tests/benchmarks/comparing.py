"""`inspector stats A B` of two sets of tables: time and memory at several sizes, beside reading one column.

`python -m tests.benchmarks.comparing [ROWS…]`, by default of 100,000 and of 1,000,000 rows a set.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_PART = 100_000  # rows
_COLUMN = "import sys, pyarrow.parquet as p; [p.read_table(s, columns=['duration']) for s in sys.argv[1:]]"


def main() -> None:
    """Measure, and print a line for each size."""
    for count in map(int, sys.argv[1:] or ["100000", "1000000"]):
        with tempfile.TemporaryDirectory() as folder:
            sets = [_set(Path(folder) / name, count, seed) for seed, name in enumerate("AB")]
            read = [f"{each}/responses" for each in sets]
            one, _ = _cost([sys.executable, "-c", _COLUMN, *read])
            whole, peak = _cost([sys.executable, "-m", "inspector", "stats", *sets])
            print(
                f"2 × {count:,} rows: {whole:.1f} s of CPU, {peak} MB at most; one column read: {one:.1f} s",
                flush=True,
            )


def _cost(command: Iterable[str]) -> tuple[float, int]:
    """Run a command; return its CPU time in seconds, and its most memory in megabytes."""
    process = subprocess.Popen([*command], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def _set(folder: Path, count: int, seed: int) -> str:
    """Write a set of random responses."""
    import numpy
    import pyarrow
    import pyarrow.parquet

    numbers = numpy.random.default_rng(seed)
    (folder / "responses").mkdir(parents=True)
    for part in range(-(-count // _PART)):
        rows = min(_PART, count - part * _PART)
        table = pyarrow.table(_columns(numbers, rows))
        pyarrow.parquet.write_table(
            table, folder / "responses" / f"part-{part:05d}.parquet", compression="zstd"
        )
    return str(folder)


def _columns(numbers: Any, rows: int) -> dict[str, Any]:
    import pyarrow

    first = numbers.lognormal(-1, 0.4, rows)
    rules = pyarrow.array(numbers.choice(["gap-idle", "usage-null", "stop-notable"], rows))
    ends = _offsets(numbers, rows)
    return {
        "source": [f"{number:08d}.jsonl" for number in range(rows)],
        "number": pyarrow.array([1] * rows),
        "verdict": numbers.choice(["complete"] * 50 + ["partial"], rows),
        "ending": numbers.choice(["complete"] * 50 + ["cut"], rows),
        "stop_reason": numbers.choice(["end_turn"] * 9 + ["tool_use"], rows),
        "status": numbers.choice([200] * 99 + [529], rows),
        "model": numbers.choice(["claude-opus-5", "claude-haiku-5"], rows),
        "time_to_first_byte": first,
        "time_to_first_event": first,
        "time_to_first_text": first + 0.2,
        "duration": first + numbers.lognormal(1, 0.7, rows),
        "longest_gap": numbers.lognormal(-1, 0.6, rows),
        "longest_silence": numbers.lognormal(-1, 0.6, rows),
        "input_tokens": numbers.lognormal(7, 1, rows).astype("int64"),
        "output_tokens": numbers.lognormal(6, 1, rows).astype("int64"),
        "rules": pyarrow.ListArray.from_arrays(ends, rules.slice(0, ends[-1].as_py())),
        "inspector_version": ["0.1.0"] * rows,
        "error": pyarrow.nulls(rows, pyarrow.string()),
    }


def _offsets(numbers: Any, rows: int) -> Any:
    """Return the offsets of lists of no or one value."""
    import numpy
    import pyarrow

    return pyarrow.array(numpy.concatenate([[0], numpy.cumsum(numbers.random(rows) < 0.3)]).astype("int32"))


if __name__ == "__main__":
    main()
