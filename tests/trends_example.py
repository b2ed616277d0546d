"""The two sets of docs/trends.md; `python tests/trends_example.py` draws its picture anew."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from response_sets import some_responses, write_set

__all__ = ["example_sets"]


def example_sets(folder):
    """Write two weeks of a gateway that became slower, and breaks more streams; return their folders."""
    write_set(folder / "last-week", some_responses(4000, 1, broken=0.004))
    write_set(folder / "this-week", some_responses(5000, 2, slow=1.25, broken=0.02, day=16))
    return "last-week", "this-week"


def main():
    picture = Path(__file__).parents[1] / "docs" / "trends.svg"
    with tempfile.TemporaryDirectory() as folder:
        sets = example_sets(Path(folder))
        command = [sys.executable, "-m", "inspector", "stats", *sets, "--plot", str(picture)]
        subprocess.run(command, cwd=folder, check=True, env={**os.environ, "COLUMNS": "80"})


if __name__ == "__main__":
    main()
