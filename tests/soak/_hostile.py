"""Hostile clients of `inspector serve`, and one that means well: it must be served exactly, and in time."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import inspector
from tests.soak._rounds import ROOT, law, leaks, settled

__all__ = ["Served"]

HELLO = ROOT / "recordings" / "hello.jsonl"
HEAD = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n"
PATIENCE = 5.0  # seconds in which the client that means well is answered, whatever the others do


def _sized(body):
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


ATTACKS = {
    "garbage": lambda chance: chance.randbytes(chance.randrange(1, 5000)),
    "half a request": lambda chance: _sized(b"x" * 1000)[: chance.randrange(1, 900)],
    "a large body": lambda chance: _sized(b'{"a":"' + b"x" * chance.randrange(10**6, 2 * 10**7) + b'"}'),
    "many values": lambda chance: _sized(b"[" + b"[]," * chance.randrange(10**5, 10**6) + b"1]"),
    "deep": lambda chance: _sized(b'{"a":' * (depth := chance.randrange(100, 5000)) + b"1" + b"}" * depth),
    "endless trailers": lambda chance: (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"x: y\r\n" * 10**5
    ),
    "a long head": lambda chance: HEAD + b"x: " + b"y" * 10**6,
    "a page of another site": lambda chance: HEAD.replace(b"localhost", b"evil.test") + b"\r\n",
    "many requests": lambda chance: b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2000,
    "strange targets": lambda chance: b"GET //[%%zz?%b HTTP/1.1\r\n\r\n" % chance.randbytes(9).hex().encode(),
}


class Served:
    """`inspector serve` as a process for the whole soak."""

    def __enter__(self):
        self.errors = tempfile.TemporaryFile()
        command = [sys.executable, "-m", "inspector", "serve", str(HELLO), "--port", "0", "-q", "--loop"]
        self.process = subprocess.Popen(
            [*command, "--match", "body", "--speed", "max"],
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            cwd=ROOT,
        )
        self.port = int(self.process.stdout.readline().rpartition(":")[2])
        recording = inspector.load(HELLO)
        self.request = _sized(recording.head.request.body)
        self.body = recording.body
        self.attack(random.Random(0))  # what the first requests allocate is no leak
        self.before = leaks(self.process.pid)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        self.errors.close()

    def attack(self, chance):
        """Send everything at once, and ask for a stream meanwhile: return the figures."""
        attackers = [
            threading.Thread(
                target=self._one, args=(ATTACKS[name](chance), chance.choice(("close", "reset", "read")))
            )
            for name in chance.choices([*ATTACKS], k=12)
        ]
        with contextlib.ExitStack() as silent:
            for _ in range(20):  # which ask, and never read
                silent.enter_context(self._connected()).sendall(self.request)
            for attacker in attackers:
                attacker.start()
            waits = []
            while any(attacker.is_alive() for attacker in attackers) or len(waits) < 5:
                begun = time.monotonic()
                self._ask()
                waits.append(time.monotonic() - begun)
            for attacker in attackers:
                attacker.join()
        law(max(waits) < PATIENCE, f"a client waited {max(waits):.1f} s for the others")
        return {
            "attacks": len(attackers) + 20,
            "served meanwhile": len(waits),
            "longest wait (ms)": max(waits) * 1000,
        }

    def check(self):
        """Nothing may be left of what has gone."""
        now = settled(*self.before[:2], self.process.pid)  # it lingers for 5 s at what it closes
        law(now[0] <= self.before[0], f"serve: {now[0]} descriptors, {self.before[0]} at the beginning")
        law(now[1] <= self.before[1], f"serve: {now[1]} threads, {self.before[1]} at the beginning")
        law(
            now[2] < self.before[2] + 200 * 2**20,
            f"serve: {now[2] >> 20} MB, {self.before[2] >> 20} at the beginning",
        )
        self.errors.seek(0)
        said = self.errors.read()
        law(not said, f"serve wrote to standard error: {said[-2000:].decode()}")
        return {"serve (MB)": now[2] / 2**20}

    def _connected(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def _one(self, wire, end):
        with contextlib.suppress(OSError), self._connected() as client:
            client.sendall(wire)
            if end == "read":
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
            elif end == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _ask(self):
        got = b""
        with self._connected() as client:
            client.sendall(self.request)
            while not got.endswith(b"0\r\n\r\n"):
                piece = client.recv(65536)
                law(piece, f"the server left a client that means well: {got[-200:]!r}")
                got += piece
        body, at = b"", got.index(b"\r\n\r\n") + 4
        while size := int(got[at : (end := got.index(b"\r\n", at))], 16):
            body += got[end + 2 : end + 2 + size]
            at = end + 4 + size
        law(body == self.body, "a client that means well got other bytes than the recording's")
