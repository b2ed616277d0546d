"""What the proxy adds to a stream, beside peers in one run: `python -m tests.benchmarks.proxying [ROUNDS]`.

At pace: streams of 100 events a second, each event one HTTP chunk with the time of its sending in it. Added
time to the first event and per event (p50 and p99) is the difference to the same streams without a proxy; CPU
and memory are those of the proxy's process. At full speed: events a second, and a second of the proxy's CPU.
Memory by length: how much the proxy's process grows while ten times as long a stream passes.

Ours records to disk. mitmproxy streams (`stream_large_bodies=1`) and records nothing; claude-tap records. A
peer that is not installed is left out, and the table says so; `MITMDUMP` and `CLAUDE_TAP` name the programs.
Two cores are assumed, which upstream, proxy and client share.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from array import array
from pathlib import Path
from statistics import median

from tests.benchmarks._load import memory
from tests.benchmarks._stamped import Client, request

ROOT = Path(__file__).parents[2]
AT_ONCE = (1, 16, 256)
SECONDS, GAP = 4.0, 0.01
FULL = 200_000  # events of all streams together
TICKS = os.sysconf("SC_CLK_TCK")

OURS = """
import sys, inspector
from inspector.proxy.forwarder import Forwarder
forwarder = Forwarder(sys.argv[1], inspector.tap(sys.argv[2])).start()
print(forwarder.url.rpartition(":")[2], flush=True)
sys.stdin.read()
forwarder.stop()
"""


@contextlib.contextmanager
def running(command, *, env=None, says_port=True, port=0):
    """Run a program; yield its port and its process."""
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", **(env or {})}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            if says_port:
                port = int(process.stdout.readline())
            wait_for(port)
            yield port, process.pid
        finally:
            process.kill()


def wait_for(port):
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"nobody answers on port {port}")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def contestants(upstream, folder):
    """Yield the name of each contestant, and what runs it; None for no proxy."""
    url = f"http://127.0.0.1:{upstream}"
    yield "direct", None
    yield "inspector", lambda: running([sys.executable, "-c", OURS, url, f"{folder}/ours"])
    mitmdump = os.environ.get("MITMDUMP") or shutil.which("mitmdump")
    if mitmdump:
        port = free_port()
        mode = [f"--mode=reverse:{url}", "--listen-host=127.0.0.1", f"--listen-port={port}"]
        options = ["--set", "stream_large_bodies=1", "--set", f"confdir={folder}/mitm", "-q"]
        yield "mitmproxy", lambda: running([mitmdump, *mode, *options], says_port=False, port=port)
    tap = os.environ.get("CLAUDE_TAP") or shutil.which("claude-tap")
    if tap:
        number = free_port()
        options = [f"--tap-port={number}", f"--tap-target={url}", "--tap-no-launch", "--tap-no-live"]
        options += [
            "--tap-no-open",
            "--tap-host=127.0.0.1",
            "--tap-allow-path=/paced",
            "--tap-allow-path=/full",
        ]
        env = {"HOME": folder}
        yield "claude-tap", lambda: running([tap, *options], env=env, says_port=False, port=number)


def cpu(pid):
    """The CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


async def _streams(port, path, count, spread):
    """Run streams at once; return the ages of all events, and the times to the first event of each."""
    late, first, clients = array("d"), array("d"), []
    loop = asyncio.get_running_loop()
    for _ in range(count):
        client = (
            await loop.create_connection(lambda: Client(request(path), late, first), "127.0.0.1", port)
        )[1]
        clients.append(client)
    for number, client in enumerate(clients):
        loop.call_later(spread * number / count, client.ask)
    await asyncio.wait_for(asyncio.gather(*(client.done for client in clients)), 300)
    return late, first


async def _grown(pid, streams):
    """The most memory that a process had while streams passed."""
    most, running_ = memory(pid), asyncio.ensure_future(streams)
    while not running_.done():
        most = max(most, memory(pid))
        await asyncio.wait({running_}, timeout=0.05)
    return most, await running_


def paced(port, pid, count):
    events = int(SECONDS / GAP)

    async def run():
        before = memory(pid) if pid else 0, cpu(pid) if pid else 0.0
        most, (late, first) = await _grown(
            pid or os.getpid(), _streams(port, f"/paced/{events}/{GAP}", count, 0.5)
        )
        each = (cpu(pid) - before[1]) / len(late) if pid else 0.0
        return {
            "first": median(first),
            "p50": percentile(late, 0.5),
            "p99": percentile(late, 0.99),
            "cpu": each,
            "memory": (most - before[0]) / count,
        }

    return asyncio.run(run())


def full(port, pid, count, events=FULL):
    async def run():
        begun, used = time.monotonic(), cpu(pid) if pid else 0.0
        await _streams(port, f"/full/{events // count}", count, 0.0)
        seconds = time.monotonic() - begun
        spent = cpu(pid) - used if pid else seconds
        return {"per second": events / seconds, "per core": events / max(spent, 1e-9)}

    return asyncio.run(run())


def by_length(port, pid):
    """How much a process grows while ten times as long a stream passes, in bytes."""

    async def run():
        await _streams(port, "/full/100000", 1, 0.0)
        before = memory(pid)
        most, _ = await _grown(pid, _streams(port, "/full/1000000", 1, 0.0))
        return most - before

    return asyncio.run(run())


def ms(seconds):
    return f"{seconds * 1000:.3f}"


def main(rounds):
    with (
        tempfile.TemporaryDirectory() as folder,
        running([sys.executable, "-m", "tests.benchmarks._stamped"]) as (
            upstream,
            _,
        ),
        contextlib.ExitStack() as stack,
    ):
        proxies = [
            (name, *(stack.enter_context(run()) if run else (upstream, None)))
            for name, run in contestants(upstream, folder)
        ]
        for missing in {"mitmproxy", "claude-tap"} - {name for name, _, _ in proxies}:
            print(f"{missing} is not installed here, and left out")
        print("At pace, 100 events a second and stream: added milliseconds, the median of the rounds")
        for count in AT_ONCE:
            results = {name: [] for name, _, _ in proxies}
            for _ in range(rounds):
                for name, port, pid in proxies:
                    results[name].append(attempt(paced, port, pid, count))
            report_paced(count, results)
        print("\nAt full speed: events a second, and a second of the proxy's CPU")
        for count in AT_ONCE:
            for name, port, pid in proxies:
                runs = [each for each in (attempt(full, port, pid, count) for _ in range(rounds)) if each]
                if runs:
                    speed, core = (median(run[key] for run in runs) for key in ("per second", "per core"))
                    print(f"  {count:4} streams  {name:10}  {speed:10,.0f} /s  {core:10,.0f} /s of CPU")
        print("\nMemory by length: growth while 1,000,000 events (145 MB) pass, after 100,000")
        for name, port, pid in proxies:
            if pid:
                grown = attempt(by_length, port, pid)
                print(f"  {name:10}  {'failed' if grown is None else f'{grown / 1e6:.1f} MB'}")


def attempt(measure, *arguments):
    """Measure; None if the proxy breaks, which a peer may."""
    try:
        return measure(*arguments)
    except (OSError, TimeoutError) as error:
        print(f"  broke: {measure.__name__} {arguments[2:]}: {type(error).__name__} {error}")
        return None


def report_paced(count, results):
    for name, runs in results.items():
        added = (
            {
                key: median(
                    run[key] - (base[key] if key in ("first", "p50", "p99") else 0)
                    for run, base in zip(runs, results["direct"], strict=True)
                    if run and base
                )
                for key in ("first", "p50", "p99", "cpu")
            }
            if any(runs)
            else None
        )
        if added is not None:  # only the first round finds a process that has not grown yet
            added["memory"] = max(run["memory"] for run in runs if run)
        if added is None:
            print(f"  {count:4} streams  {name:10}  broke")
        elif name == "direct":
            run = next(filter(None, runs))
            print(f"  {count:4} streams  {name:10}  p50 {ms(run['p50'])} p99 {ms(run['p99'])} in all")
        else:
            print(
                f"  {count:4} streams  {name:10}  first {ms(added['first'])}  p50 {ms(added['p50'])}"
                f"  p99 {ms(added['p99'])}  CPU {added['cpu'] * 1e6:.0f} µs an event"
                f"  memory {added['memory'] / 1024:.0f} KiB a stream"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
