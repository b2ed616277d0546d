"""`python -m tests.soak [SECONDS] [--seed N]`: kill, fill disks, drop, reset, attack, and print the figures.

After each round the laws are checked: all that a client saw until 50 ms before a kill is on disk, files load,
nothing leaks, and who means well is served. A broken law ends it with status 1, and leaves the round's files.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.soak._hostile import Served
from tests.soak._rounds import BrokenLawError, drops, full_disk, kill, law, leaks
from tests.soak._upstream import Upstream


def main():
    """Run rounds until the time is over, at least one of each kind."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("seconds", type=float, nargs="?", default=60.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="repeats the same rounds")
    options = parser.parse_args()
    print(f"{options.seconds:g} s, --seed {options.seed}")
    chance, total, worst = random.Random(options.seed), Counter(), Counter()
    deadline, rounds, before = time.monotonic() + options.seconds, 0, None
    with Upstream() as upstream, Served() as served:
        while time.monotonic() < deadline or rounds < 4:
            folder = Path(tempfile.mkdtemp(prefix="inspector-soak-"))
            kinds = (kill, full_disk, drops, served.attack)
            arguments = () if rounds % 4 == 3 else (upstream, folder, rounds * 100)
            try:
                for name, figure in {
                    **kinds[rounds % 4](chance, *arguments),
                    **_checked(served, rounds),
                }.items():
                    counted = worst if "(" in name else total
                    counted[name] = max(counted[name], figure) if counted is worst else counted[name] + figure
                now = leaks()
                before = before or (now if rounds >= 8 else None)
                if before:
                    law(
                        now[0] <= before[0] + 5,
                        f"this process: {now[0]} descriptors, {before[0]} after 8 rounds",
                    )
                    law(
                        now[1] <= before[1] + 5, f"this process: {now[1]} threads, {before[1]} after 8 rounds"
                    )
            except BrokenLawError as error:
                sys.exit(f"round {rounds} ({kinds[rounds % 4].__name__}), {folder}: {error}")
            shutil.rmtree(folder)
            rounds += 1
    for name, figure in [("rounds", rounds), *total.items(), *worst.items()]:
        print(f"{name:<28} {figure:12,.0f}")


def _checked(served, rounds):
    return served.check() if rounds % 4 == 3 else {}


if __name__ == "__main__":
    main()
