"""Starts a server as a process group, waits until it listens, and ends the group."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from packages import environment

KEY = "sk-none-of-a-subject"
"""The key of every request, and what a gateway with a key of its own expects."""
STARTING = 60.0  # seconds until a server must listen
ENDING = 5.0  # seconds that a server has to end by itself
_LAST = 2000  # bytes of its output that an error shows


@dataclass(frozen=True)
class Running:
    """A server that answers. Each request needs these headers: some gateways choose the upstream by them."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


def free_port():
    """Return a port that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@contextlib.contextmanager
def running(command, port, folder, **variables):
    """Run a command until the block ends, and yield the base URL of what listens on the port.

    Its output goes to `output.txt` in the folder. `variables` join its environment. Raises `RuntimeError`
    with the end of the output if it ends, or does not listen in time.
    """
    log = folder / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        if not _listens(process, port):
            text = log.read_bytes()[-_LAST:].decode(errors="replace")
            raise RuntimeError(f"{command[0]} does not listen on port {port}. The end of its output:\n{text}")
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(process)


def _listens(process, port):
    until = time.monotonic() + STARTING
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process.poll() is None
        time.sleep(0.05)
    return False


def _end(process):
    """End the group: workers live on if only the process that was started gets the signal."""
    for signum in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(ENDING)
