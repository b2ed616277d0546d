"""The rounds: each makes trouble, checks the laws that must hold after it, and returns what it counted."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

import inspector
from inspector.http_library import sdk_library
from inspector.proxy.forwarder import Forwarder
from tests.soak._upstream import stream

__all__ = ["BrokenLawError", "drops", "full_disk", "kill", "law", "leaks", "settled"]

ROOT = Path(__file__).parents[2]
ON_DISK = 0.05  # seconds; what the README says
SLACK = 0.2  # seconds more, and as many as threads of the process are woken late on a loaded machine


class BrokenLawError(Exception):
    """A law does not hold."""


def law(holds, text):
    if not holds:
        raise BrokenLawError(text)


def recordings(folder):
    """Every recording below a folder by the number of its stream, hidden parts included. All must load."""
    found = {}
    for path in sorted(each for each in Path(folder).rglob("*") if each.is_file() and each.stat().st_size):
        try:
            several = inspector.load_all(path)
        except inspector.InspectorError as error:
            raise BrokenLawError(f"{path} does not load: {error}") from error
        for each in several:
            number = int(re.search(r"[?&]n=([0-9]+)", each.head.request.url)[1])
            if number not in found or len(each.body) > len(found[number].body):
                found[number] = each
    return found


class Recorder:
    """The recording program, and what it said that it has read."""

    def __init__(self, url, folder, first, count, limit=0):
        command = [
            sys.executable,
            "-m",
            "tests.soak._recorder",
            url,
            str(folder),
            str(first),
            str(count),
            str(limit),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
        self.seen = defaultdict(list)
        self.ended = {}
        self.failure = None
        self.late, self.awake = 0.0, time.monotonic()
        self.begun = threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        for line in self.process.stdout:
            number, _, rest = line.decode().partition(" ")
            if number == "failure":
                self.failure = rest.strip()
            elif number == "late":
                late, self.awake = map(float, rest.split())
                self.late = max(self.late, late)
            elif rest.endswith("end\n"):
                self.ended[int(number)] = int(rest.split()[0])
            elif rest.endswith("\n"):
                got, at = rest.split()
                self.seen[int(number)].append((float(at), int(got)))
                self.begun.set()

    def wait(self):
        self.process.wait(60)
        self.thread.join(10)
        errors = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        law("Traceback" not in errors, f"a traceback in the recording process:\n{errors[-2000:]}")


def kill(chance, upstream, folder, first):
    """Kill a recording process: all that its client saw until 50 ms before is on disk."""
    count = chance.choice((1, 3, 10))
    recorder = Recorder(upstream.url, folder, first, count)
    law(recorder.begun.wait(30), "the recording process read nothing")
    threading.Event().wait(chance.uniform(0, 0.6))
    killed = time.monotonic()
    recorder.process.kill()
    recorder.wait()
    kept, worst, read = recordings(folder), 0.0, 0
    for number, reads in recorder.seen.items():
        body = kept[number].body if number in kept else b""
        law(stream(number).body.startswith(body), f"stream {number}: the recording is not what was sent")
        missing = [at for at, got in reads if got > len(body)]
        read += reads[-1][1]
        if missing:
            worst = max(worst, killed - missing[0])
    late = max(recorder.late, killed - recorder.awake)
    law(
        worst <= ON_DISK + SLACK + 2 * late,
        f"what a client saw {worst * 1000:.0f} ms before the kill is not on disk",
    )
    return {"kills": 1, "bytes": read, "worst loss (ms)": worst * 1000, "threads late (ms)": late * 1000}


def full_disk(chance, upstream, folder, first):
    """Let the disk be full: clients notice nothing, the tap says so, and what is there loads."""
    with small_disk(folder, chance.choice((4, 8, 16))) as mounted:
        limit = 0 if mounted else chance.randrange(1, 6000)
        recorder = Recorder(upstream.url, folder, first, 3, limit)
        recorder.wait()
        kept, short = recordings(folder), 0
    law(recorder.process.returncode == 0, f"the recording process ended with {recorder.process.returncode}")
    for number in range(first, first + 3):
        sent = stream(number)
        law(recorder.ended.get(number) == len(sent.body), f"stream {number}: a full disk reached the client")
        body = kept[number].body if number in kept else b""
        law(sent.body.startswith(body), f"stream {number}: the recording is not what was sent")
        short += len(body) < len(sent.body)
    law(not short or recorder.failure != "None", "a recording is not whole, and the tap says nothing")
    return {"full disks" if mounted else "files at their limit": 1, "recordings cut by them": short}


@contextlib.contextmanager
def small_disk(folder, kib):
    """Put a disk of that size into the folder, if this user may; yield whether it is there."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def drops(chance, upstream, folder, first):
    """Cut, reset and leave streams, through a tap and through the proxy: recordings hold what clients saw."""
    numbers, library = range(first, first + 12), sdk_library()
    seen, leaving = {}, {number: chance.random() < 0.3 for number in numbers}
    tap, proxied = inspector.tap(Path(folder) / "tap"), inspector.tap(Path(folder) / "proxy")
    forwarder = Forwarder(upstream.url, proxied).start()

    def read(client, url, number):
        got = []
        asked = client.stream("POST", f"{url}/v1/messages?n={number}", json={})
        with contextlib.suppress(library.TransportError), asked as response:
            for chunk in response.iter_raw():
                got.append(chunk)
                if leaving[number] and len(got) > 3:
                    break
        seen[number] = b"".join(got)

    options = {"trust_env": False, "timeout": 20}
    with library.Client(event_hooks=tap, **options) as tapped, library.Client(**options) as plain:
        both = [(tapped, upstream.url), (plain, forwarder.url)]
        threads = [threading.Thread(target=read, args=(*both[number % 2], number)) for number in numbers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    tap.flush()
    forwarder.stop()
    kept = recordings(folder)
    for number in numbers:
        law(number in kept, f"stream {number} is not recorded")
        recorded, sent = kept[number], stream(number)
        law(sent.body.startswith(recorded.body), f"stream {number}: the recording is not what was sent")
        law(
            recorded.body.startswith(seen[number]),
            f"stream {number}: a client saw more than the recording holds",
        )
        if not leaving[number]:
            law(
                recorded.body == seen[number],
                f"stream {number}: the recording holds what the client did not see",
            )
            law(recorded.end.how == sent.ending, f"stream {number}: {sent.ending} became {recorded.end.how}")
    checked = subprocess.run(
        [sys.executable, "-m", "inspector", "check", str(folder)], capture_output=True, text=True, cwd=ROOT
    )
    law(checked.returncode in (0, 1), f"inspector check: {checked.returncode} {checked.stderr[-500:]}")
    return {"streams cut, reset or left": len(numbers), "bytes": sum(map(len, seen.values()))}


def settled(most_descriptors, most_threads, pid="self"):
    """Return the same as `leaks`, when what has gone is closed; that may take some seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        descriptors, threads, _ = leaks(pid)
        if descriptors <= most_descriptors and threads <= most_threads:
            break
        threading.Event().wait(0.1)
    return leaks(pid)


def leaks(pid="self"):
    """Descriptors, threads and resident bytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    figures = [int(re.search(rf"{name}:\s+([0-9]+)", status)[1]) for name in ("Threads", "VmRSS")]
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()), figures[0], figures[1] * 1024
