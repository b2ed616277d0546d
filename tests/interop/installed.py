"""Other people's clients: each is installed when a test needs it, runs as a process, and gets jobs.

None of them is in inspector's own environment, because the Python clients need different versions of the same
packages.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from packages import PLACE, environment, once, program, run, virtual_environment

HERE = Path(__file__).parent
NODE = PLACE / "node"
STARTING = 120.0  # seconds for a client's imports
BOUND = 45.0  # seconds for one answer; the clients' own limit is 10
MAY_HANG = {"litellm_.py"}
"""Clients that can deadlock inside their own HTTP library. If one does not answer, its test is skipped."""

VENVS = {
    "python_sdk.py": ["anthropic~=2.0"],
    "langchain.py": ["langchain-anthropic~=1.7"],
    "litellm_.py": ["litellm~=1.106", "mcp~=2.3"],  # LiteLLM imports mcp as soon as a request has tools
    "pydantic_ai_.py": ["pydantic-ai-slim[anthropic]~=2.68"],
}


@dataclass(frozen=True)
class Client:
    """A client: the script that uses it, and in which way."""

    name: str
    script: str
    how: str = ""

    def command(self):
        """The command that runs its script. Installs what it needs; skips the test if that fails."""
        if self.script in VENVS:
            return [str(_venv(self.script) / "bin" / "python"), str(HERE / "clients" / self.script)]
        return [program("node"), str(modules() / self.script)]


CLIENTS = {
    client.name: client
    for client in (
        Client("python-raw", "python_sdk.py", "raw"),
        Client("python-helper", "python_sdk.py", "helper"),
        Client("typescript-raw", "typescript_sdk.mjs", "raw"),
        Client("typescript-helper", "typescript_sdk.mjs", "helper"),
        Client("vercel-ai", "vercel_ai_sdk.mjs"),
        Client("langchain", "langchain.py"),
        Client("litellm", "litellm_.py"),
        Client("pydantic-ai", "pydantic_ai_.py"),
    )
}


class Worker:
    """A client's script as a process: a job in, an answer out. If it does not start in time, skip."""

    def __init__(self, client):
        self._client = client
        command = client.command()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=environment(),
        )
        if not self._line(STARTING):
            self.close()
            pytest.skip(f"{client.name} did not start in {STARTING:g} s")

    def ask(self, job):
        """Send the client a job and return its answer. If none comes in time, end it and fail the test."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
        line = self._line(BOUND)
        if not line and self._client.script in MAY_HANG:
            pytest.skip(f"{self._client.name} gave no answer in {BOUND:g} s")
        assert line, f"no answer; its stderr: {self._stderr()}"
        return json.loads(line)

    def _line(self, seconds):
        """The next line of its stdout. If none comes in time, end the process and return nothing."""
        watch = threading.Timer(seconds, self._process.kill)
        watch.start()
        try:
            return self._process.stdout.readline()
        finally:
            watch.cancel()

    @property
    def alive(self):
        return self._process.poll() is None

    def _stderr(self):
        self._process.wait(BOUND)
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-2000:]

    def close(self):
        self._process.kill()
        self._process.communicate()
        self._errors.close()


def _venv(script):
    return virtual_environment(script.removesuffix(".py").rstrip("_"), VENVS[script])


def modules():
    """Install the Node clients. Node looks for packages beside a script, so copy the scripts there."""
    npm, manifest = program("npm"), HERE / "package.json"
    scripts = sorted((HERE / "clients").glob("*.mjs"))

    def install():
        shutil.copy(manifest, NODE)
        run([npm, "install", "--no-audit", "--no-fund"], cwd=NODE)
        for script in scripts:
            shutil.copy(script, NODE)

    once(NODE, "".join(path.read_text() for path in (manifest, *scripts)), install)
    return NODE


def claude_code():
    """Install Claude Code by itself, because it is large, and return the program."""
    npm, folder, package = program("npm"), PLACE / "claude-code", "@anthropic-ai/claude-code"
    once(
        folder,
        package,
        lambda: run([npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), package]),
    )
    return folder / "node_modules" / ".bin" / "claude"
