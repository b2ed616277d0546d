"""A load of streams at the recorded pace: `python -m tests.benchmarks._load PORT RECORDING STREAMS RAMP PID`.

Opens the streams over RAMP seconds, measures the memory of the server (PID) while all are open, and prints as
JSON how late the pieces of the streams came, against their due times, which count from the request. A delay
of this client itself counts too.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
from array import array
from pathlib import Path

from inspector import load
from inspector.play.pace import Pace
from inspector.play.sources import Source
from inspector.serve.responses import prepare
from inspector.serve.schedule import fine_selector

BODY = b'{"model":"m","max_tokens":1,"stream":true,"messages":[{"role":"user","content":"hello"}]}'
REQUEST = (
    b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


class Client(asyncio.BufferedProtocol):
    """One stream: counts bytes, and knows at which count a piece is complete."""

    buffer = memoryview(bytearray(65536))

    def __init__(self, shared):
        self.shared = shared
        self.got = self.place = 0

    def connection_made(self, transport):
        self.transport = transport

    def request(self):
        self.begun = self.shared.clock()
        self.transport.write(REQUEST)

    def get_buffer(self, sizehint):
        return self.buffer

    def buffer_updated(self, size):
        now = self.shared.clock()
        self.got += size
        shared, place = self.shared, self.place
        while place < len(shared.marks) and shared.marks[place] <= self.got:
            shared.late.append(now - self.begun - shared.times[place])
            place += 1
        self.place = place
        if place == len(shared.marks):
            self.transport.close()
            shared.left -= 1
            if not shared.left:
                shared.done.set()


class Shared:
    """What the streams share: when each piece is due, and how late it was."""

    def __init__(self, recording, count):
        response = prepare(Source.of(load(recording)), Pace(1))
        self.marks, self.times = list(response.marks), list(response.times)
        self.late = array("d")
        self.left = count
        self.done = asyncio.Event()
        self.clock = asyncio.get_running_loop().time


def memory(pid):
    """A process' resident memory, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    return 0


async def main(port, recording, count, ramp, pid):
    shared = Shared(recording, count)
    loop = asyncio.get_running_loop()
    before = memory(pid)
    clients = []
    for _ in range(count):
        _, client = await loop.create_connection(lambda: Client(shared), "127.0.0.1", port)
        clients.append(client)
    chance = random.Random(1)
    for client in clients:
        loop.call_later(chance.random() * ramp, client.request)
    await asyncio.sleep(ramp + 0.5)
    during = memory(pid)
    await asyncio.wait_for(shared.done.wait(), 120)
    late = sorted(shared.late)
    at = {
        f"p{share:g}": late[min(int(len(late) * share / 100), len(late) - 1)] for share in (50, 90, 99, 99.9)
    }
    usage = resource.getrusage(resource.RUSAGE_SELF)
    rest = {"each": (during - before) / count, "pieces": len(late), "early": late[0], "most": late[-1]}
    print(json.dumps({**at, **rest, "cpu": usage.ru_utime + usage.ru_stime}))


if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    port_, recording_, count_, ramp_, pid_ = sys.argv[1:]
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(fine_selector())) as runner:
        runner.run(main(int(port_), recording_, int(count_), float(ramp_), int(pid_)))
