"""What serving costs, beside peers in the same run: `python -m tests.benchmarks.serving [SECONDS]`.

At full speed: whole streams of 135 chunks and 32 KB a second, over kept-alive connections, measured by wrk,
and the CPU time that a stream costs the server. nginx (one worker, a static file of the same size) is the
limit, aimock the peer. At the recorded pace: how late each piece comes, as a client sees it, and the memory
of a connection. A peer that is not installed is left out, and the table says so. Two cores are assumed, which
the load shares.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from inspector import End, Ending, Head, Recording, Request, Response, TimedBlock, save

ROOT = Path(__file__).parents[2]
CHUNKS, CHUNK = 135, 237  # 32 KB
WORKERS = 2
AT_ONCE = (1, 16, 256, 1000)
PACED = ((1, 5.0), (100, 5.0), (1000, 5.0), (5000, 25.0))  # streams, and the seconds that each lasts
AIMOCK = os.environ.get("AIMOCK", "/tmp/peers/node_modules/.bin/llmock")


def recording(seconds):
    """A stream of 135 chunks that lasts this many seconds, with gaps as uneven as the API's."""
    chance = random.Random(7)
    times = sorted(chance.uniform(0.3, seconds) for _ in range(CHUNKS))
    text = "x" * (CHUNK - 120)
    blocks = [
        TimedBlock(
            round(t, 6),
            "content_block_delta",
            b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%b"}}'
            % text.encode(),
        )
        for t in times
    ]
    headers = {"content-type": "text/event-stream; charset=utf-8", "request-id": "req_benchmark"}
    head = Head("2026-11-20T18:00:00Z", Request(url="/v1/messages"), Response(0.25, 200, headers))
    return Recording(head, tuple(blocks), End(seconds, Ending.COMPLETE))


@contextlib.contextmanager
def process(command, port=None):
    """A server as a process of its own, from when it answers."""
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    )
    try:
        if port is None:
            port = int(started.stdout.readline().rpartition(":")[2])
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield port, started.pid
    finally:
        started.terminate()
        started.wait()
        started.stdout.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def ours(path, *options):
    command = [sys.executable, "-m", "inspector", "serve", str(path), "--port", "0", "-q"]
    return process([*command, "--loop", "--match", "any", *options])


def nginx(folder, body):
    """nginx with a static file."""
    port = free_port()
    (folder / "index").write_bytes(body)
    folder.chmod(0o755)
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; worker_rlimit_nofile 65536; pid {folder}/pid; error_log /dev/null;"
        f"events {{ worker_connections 8192; }} http {{ access_log off; sendfile on; tcp_nopush on;"
        f"keepalive_requests 100000000; open_file_cache max=10; default_type text/event-stream;"
        f"server {{ listen 127.0.0.1:{port} backlog=4096; root {folder}; }} }}"
    )
    return process(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], port)


def aimock(folder):
    """aimock with an answer of as many chunks."""
    port = free_port()
    answer = {"match": {"userMessage": "hello"}, "response": {"content": "x" * 117 * CHUNKS}}
    (folder / "fixtures.json").write_text(json.dumps({"fixtures": [answer]}))
    command = [AIMOCK, "-p", str(port), "-f", str(folder / "fixtures.json"), "-c", "117"]
    return process([*command, "--log-level", "silent", "--journal-max", "10"], port)


def wrk(port, connections, seconds, script, path="/v1/messages"):
    """Streams a second, and megabytes a second."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s"]
    command += ["-s", str(script)] if script else []
    shown = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True
    ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", shown)
    size = re.search(r"Transfer/sec:\s+([\d.]+)(\w+)", shown)
    scale = {"B": 1e-6, "KB": 1e-3, "MB": 1.0, "GB": 1e3}
    bad = re.search(r"Non-2xx.*|Socket errors.*", shown)
    if bad:
        print("   ", bad[0])
    return float(rate[1]), float(size[1]) * scale[size[2]]


def cpu(pid):
    """The seconds of CPU time that a process and its children have taken."""
    with contextlib.suppress(OSError):
        pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
        stats = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in pids]
        return sum(int(ticks) for stat in stats for ticks in stat[11:13]) / os.sysconf("SC_CLK_TCK")
    return float("nan")


def at_full_speed(folder, seconds):
    path, script = folder / "stream.jsonl", folder / "post.lua"
    save(recording(5.0), path)
    body = '{"model":"m","max_tokens":1,"stream":true,"messages":[{"role":"user","content":"hello"}]}'
    script.write_text(f"wrk.method='POST' wrk.body='{body}' wrk.headers['Content-Type']='application/json'")
    print(f"\nWhole streams of {CHUNKS} chunks, as fast as they go ({seconds} s each)\n")
    print(f"{'connections':>11}  {'server':<22}  {'streams/s':>9}  {'MB/s':>5}  {'CPU each':>9}  of nginx")
    with contextlib.ExitStack() as stack:
        servers = {}
        if shutil.which("nginx"):
            served = stack.enter_context(nginx(folder, recording(5.0).body))
            servers["nginx, 1 worker"] = (*served, None, "/index")
        else:
            print("    nginx is not installed: apt-get install nginx-light")
        for workers in (1, WORKERS):
            served = stack.enter_context(ours(path, "--speed", "max", "--workers", str(workers)))
            servers[f"inspector, {workers} worker{'s' * (workers > 1)}"] = (*served, script, "/v1/messages")
        if Path(AIMOCK).exists():
            servers["aimock"] = (*stack.enter_context(aimock(folder)), script, "/v1/messages")
        else:
            print(f"    aimock is not at {AIMOCK} (AIMOCK=…): npm install @copilotkit/aimock")
        for connections in AT_ONCE:
            limit = None
            for name, (port, pid, load, target) in servers.items():
                before = cpu(pid)
                rate, size = wrk(port, connections, seconds, load, target)
                each = (cpu(pid) - before) / (rate * seconds) * 1e6
                limit = limit or (rate if name.startswith("nginx") else None)
                of_nginx = f"{rate / limit:8.2f}" if limit else f"{'–':>8}"
                print(
                    f"{connections:>11}  {name:<22}  {rate:9,.0f}  {size:5,.0f}  {each:6.1f} µs  {of_nginx}",
                    flush=True,
                )


def on_time(folder):
    print(f"\nStreams of {CHUNKS} chunks at the recorded pace: lateness as a client sees it\n")
    print(
        f"{'streams':>7}  {'each lasts':>10}  {'chunks/s':>8}      p50      p99    p99.9  {'memory each':>11}"
    )
    for streams, seconds in PACED:
        path = folder / f"paced{seconds:g}.jsonl"
        save(recording(seconds), path, overwrite=True)
        ramp = min(seconds / 2, streams / 500)
        with ours(path) as (port, pid):
            command = [sys.executable, "-m", "tests.benchmarks._load", str(port), str(path), str(streams)]
            done = subprocess.run([*command, str(ramp), str(pid)], capture_output=True, text=True, cwd=ROOT)
        if done.returncode:
            print(done.stderr[-2000:])
            continue
        late = json.loads(done.stdout)
        spans = "  ".join(f"{late[key] * 1000:4.2f} ms" for key in ("p50", "p99", "p99.9"))
        rate = streams * CHUNKS / seconds
        print(
            f"{streams:>7}  {seconds:>8.0f} s  {rate:8,.0f}  {spans}  {late['each'] / 1024:8.1f} KB",
            flush=True,
        )


def main(seconds=3):
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as name:
        on_time(Path(name))
        at_full_speed(Path(name), seconds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
