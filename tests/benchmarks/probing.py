"""All direct probes against an endpoint that answers at once: how long, and whose time it is.

    python -m tests.benchmarks.probing

Medians of five runs, after one that is not counted. "our own" is what remains of the run when the time in
which at least one request is open is taken away. With a failure the SDK is imported, once in a process.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import inspector

sys.path.append(str(Path(__file__).parents[1]))

from right_endpoint import KEY, RightEndpoint

_RUNS = 5


def main() -> None:
    """Print a row for each number of jobs."""
    print(
        f"{'jobs':>4} {'probes':>7} {'requests':>9} {'run s':>7} {'waiting s':>10} {'own s':>10} {'CPU s':>7}"
    )
    with RightEndpoint() as endpoint:
        for jobs in (1, 8):
            rows = [_measured(endpoint.url, jobs) for _ in range(_RUNS + 1)][1:]
            took, waited, cpu = (
                statistics.median(column) for column in zip(*(row[1:] for row in rows), strict=True)
            )
            card = rows[0][0]
            requests = sum(len(result.exchanges) for result in card.results)
            print(
                f"{jobs:>4} {len(card.results):>7} {requests:>9} {took:>7.2f} {waited:>10.2f} "
                f"{took - waited:>10.2f} {cpu:>7.2f}"
            )


def _measured(url: str, jobs: int) -> tuple[inspector.Scorecard, float, float, float]:
    before = time.process_time()
    card = inspector.probe(url, key=KEY, jobs=jobs)
    assert not card.failed, card.score
    return card, card.took, card.waited, time.process_time() - before


if __name__ == "__main__":
    main()
