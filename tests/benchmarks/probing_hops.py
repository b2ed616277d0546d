"""All probes of a hop against two transparent ones: how long, and whose time it is. The goal is 20 s.

    python -m tests.benchmarks.probing_hops

The hops are none at all (the scripted upstream is in front) and `inspector proxy` in this process. The
largest share is the silence of `stall`, 5 s by default. Medians of three runs.
"""

from __future__ import annotations

import contextlib
import socket
import statistics
import sys
import tempfile
import time

import inspector
from inspector.proxy.forwarder import Forwarder

_RUNS = 3


def main() -> None:
    """Print a row for each hop and each limit of silence."""
    print(f"{'hop':<16} {'stall s':>7} {'requests':>9} {'run s':>7} {'waiting s':>10} {'CPU s':>7}")
    for name, hop in (("none", contextlib.nullcontext), ("inspector proxy", _proxy)):
        for stall in (1.0, 5.0):
            rows = [_measured(hop, stall) for _ in range(_RUNS)]
            requests, *figures = map(statistics.median, zip(*rows, strict=True))
            took, waited, cpu = figures
            print(f"{name:<16} {stall:>7.0f} {requests:>9.0f} {took:>7.2f} {waited:>10.2f} {cpu:>7.2f}")


def _measured(hop: object, stall: float) -> tuple[float, float, float, float]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    upstream, before = f"http://127.0.0.1:{port}", time.process_time()
    with hop(upstream) as front:  # type: ignore[operator]
        card = inspector.probe(front, behind=port, key="", stall=stall)
    if card.failed:
        sys.exit(card.score)
    requests = sum(len(result.exchanges) for result in card.results)
    return requests, card.took, card.waited, time.process_time() - before


@contextlib.contextmanager
def _proxy(upstream: str):  # type: ignore[no-untyped-def]
    with tempfile.TemporaryDirectory() as folder:
        forwarder = Forwarder(upstream, inspector.tap(folder))
        forwarder.start()
        try:
            yield forwarder.url
        finally:
            forwarder.stop()


if __name__ == "__main__":
    main()
