"""Several processes at one address: each run is a process of its own, so that it may fork."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
from conftest import ROOT
from sockets import ASK, BOUND, STREAM, until

from inspector import load

HELLO = ROOT / "recordings" / "hello.jsonl"
PROGRAM = """
import contextlib, os, sys
from inspector.serve.server import Server
from inspector.serve.workers import Workers

def report(request, delivery):
    os.write(1, b"%d %d\\n" % (os.getpid(), request.number))

@contextlib.contextmanager
def around():
    os.write(1, b"%d in\\n" % os.getpid())
    yield
    os.write(1, b"%d out\\n" % os.getpid())

server = Server(sys.argv[1], match="any", loop=True, keep=0, report=report)
with Workers(server, 2, around()) as workers:
    os.write(1, b"%s\\n" % workers.url.encode())
    if sys.argv[2] == "wait":
        workers.wait()
    else:
        sys.stdin.readline()
os.write(1, b"stopped\\n")
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


class Program:
    """The program, which has said where it answers, and the lines that it and its workers write."""

    def __init__(self, mode="stop"):
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(HELLO), mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
        self.lines = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        until(lambda: len(self.lines) >= 3)
        (self.url,) = (line for line in self.lines if line.startswith("http"))
        self.workers = [line.split()[0] for line in self.lines if line.endswith(" in")]

    def _read(self):
        self.lines.extend(map(str.strip, self.process.stdout))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(BOUND)
        self._reader.join(BOUND)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    @property
    def served(self):
        """The worker and the number of each request."""
        return [tuple(line.split()) for line in self.lines if line.split(" ")[-1].isdigit()]

    def fetch(self):
        """One request on a connection of its own."""
        with urllib.request.urlopen(f"{self.url}/v1/messages", STREAM, timeout=BOUND) as response:
            return response.read()

    def connect(self):
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return socket.create_connection((host, int(port)), timeout=BOUND)

    def stop(self):
        """End it as it ends by itself: (status, stderr)."""
        self.process.stdin.close()
        status = self.process.wait(BOUND)
        self._reader.join(BOUND)
        return status, self.process.stderr.read()


def gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_all_workers_answer_and_number_their_requests_apart():
    def both_have_answered():
        with contextlib.ExitStack() as stack:  # at once: one worker cannot take them all
            clients = [stack.enter_context(program.connect()) for _ in range(8)]
            for client in clients:
                client.sendall(ASK)
            for client in clients:
                assert client.recv(1) == b"H"
        return {pid for pid, _ in program.served} == set(program.workers)

    with Program() as program:
        until(both_have_answered)
        assert program.fetch() == load(HELLO).body
        assert program.stop() == (0, "")
    served = program.served
    assert len({number for _, number in served}) == len(served) > 8
    assert len({(pid, int(number) % 2) for pid, number in served}) == 2
    assert {f"{pid} out" for pid in program.workers} <= set(program.lines)
    assert program.lines[-1] == "stopped"
    assert all(map(gone, program.workers))


def test_connections_are_closed_when_it_stops():
    with Program() as program, program.connect() as client:
        client.sendall(b"POST /v1/messages HTT")
        program.stop()
        with contextlib.suppress(ConnectionResetError):  # where no worker had accepted the connection yet
            assert client.recv(1) == b""


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_whole_group_is_for_the_parent_alone(by):
    with Program() as program:
        for pid in program.workers:
            os.kill(int(pid), by)
        assert program.fetch() == load(HELLO).body
        assert program.stop()[0] == 0


def test_workers_end_with_their_parent_however_it_ends():
    with Program() as program:
        program.process.kill()
        until(lambda: all(map(gone, program.workers)))


def test_the_wait_ends_when_a_worker_does():
    with Program("wait") as program:
        os.kill(int(program.workers[0]), signal.SIGKILL)
        assert program.process.wait(BOUND) == 0
        assert all(map(gone, program.workers))
