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
from tests.soak._proxied import proxied
from tests.soak._rounds import BrokenLawError, drops, full_disk, kill, law, leaks, settled
from tests.soak._upstream import Upstream

WARM = 10  # rounds, after which nothing may grow
MORE = 5  # descriptors and threads that one round may have more than another


def main():
    """Run rounds until the time is over, at least one of each kind."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("seconds", type=float, nargs="?", default=60.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="repeats the same rounds")
    options = parser.parse_args()
    print(f"{options.seconds:g} s, --seed {options.seed}", flush=True)
    chance, sums, worst = random.Random(options.seed), Counter(), Counter()
    deadline, before = time.monotonic() + options.seconds, None
    with Upstream() as upstream, Served() as served:
        while time.monotonic() < deadline or sums["rounds"] < 5:
            folder, first = Path(tempfile.mkdtemp(prefix="inspector-soak-")), sums["rounds"] * 100
            kind = (kill, full_disk, drops, proxied, served.attack)[sums["rounds"] % 5]
            try:
                trouble = kind(chance) if kind == served.attack else kind(chance, upstream, folder, first)
                after = served.check() if kind == served.attack else {}
                for name, figure in {**trouble, **after, **_own(before)}.items():
                    if "(" in name:  # with a unit: the largest counts
                        worst[name] = max(worst[name], figure)
                    else:
                        sums[name] += figure
            except BrokenLawError as error:
                sys.exit(f"round {sums['rounds']} ({kind.__name__}), files in {folder}: {error}")
            shutil.rmtree(folder)
            sums["rounds"] += 1
            before = leaks() if sums["rounds"] == WARM else before
    for name, figure in [*sums.items(), *worst.items()]:
        print(f"{name:<28} {figure:12,.0f}")


def _own(before):
    """Nothing may be left in this process either, which has run the tap and the proxy."""
    if before is None:
        return {}
    now = settled(before[0] + MORE, before[1] + MORE)
    law(now[0] <= before[0] + MORE, f"this process: {now[0]} descriptors, {before[0]} after {WARM} rounds")
    law(now[1] <= before[1] + MORE, f"this process: {now[1]} threads, {before[1]} after {WARM} rounds")
    law(now[2] <= before[2] + 100 * 2**20, f"this process: {now[2] >> 20} MB, {before[2] >> 20} at first")
    return {"tap and proxy (MB)": now[2] / 2**20}


if __name__ == "__main__":
    main()
