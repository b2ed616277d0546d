"""Other people's clients: each is installed when a test needs it, runs as a process, and gets jobs.

None of them is in inspector's own environment, because the Python clients need different versions of the same
packages. All of them are in `.interop/`. Remove that folder to get their newest versions.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT

HERE = Path(__file__).parent
PLACE = ROOT / ".interop"
NODE = PLACE / "node"
INSTALLING = 240.0  # seconds, at most
STARTING = 120.0  # seconds for a client's imports
BOUND = 45.0  # seconds for one answer; the clients' own limit is 10
MAY_HANG = {"litellm_.py"}
"""Clients that can deadlock inside their own HTTP library. If one does not answer, its test is skipped."""

# LiteLLM fetches prices from the internet by default. The other variables turn off colour and log messages.
ENVIRONMENT = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_COLOR": "1", "AI_SDK_LOG_WARNINGS": "false"}

VENVS = {
    "python_sdk.py": ["anthropic~=2.0"],
    "langchain.py": ["langchain-anthropic~=1.7"],
    "litellm_.py": ["litellm~=1.106", "mcp~=2.3"],  # LiteLLM imports mcp as soon as a request has tools
    "pydantic_ai_.py": ["pydantic-ai-slim[anthropic]~=2.68"],
    "litellm_proxy": ["litellm[proxy]~=1.106"],
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
        return [_program("node"), str(_modules() / self.script)]


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


def environment(**more):
    """This environment, without the variables that a developer has set for the SDKs."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith("ANTHROPIC_") and "proxy" not in k.lower()
    }
    return {**kept, **ENVIRONMENT, **more}


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


def _program(name):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def _venv(script):
    packages = VENVS[script]
    folder = PLACE / script.removesuffix(".py").rstrip("_")

    def install():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(folder / "bin" / "python"), "-m", "pip", "install", "-q", *packages])

    _once(folder, " ".join([*packages, sys.version]), install)
    return folder


def _modules():
    """Install the Node clients. Node looks for packages beside a script, so copy the scripts there."""
    npm, manifest = _program("npm"), HERE / "package.json"
    scripts = sorted((HERE / "clients").glob("*.mjs"))

    def install():
        shutil.copy(manifest, NODE)
        _run([npm, "install", "--no-audit", "--no-fund"], cwd=NODE)
        for script in scripts:
            shutil.copy(script, NODE)

    _once(NODE, "".join(path.read_text() for path in (manifest, *scripts)), install)
    return NODE


def claude_code():
    """Install Claude Code by itself, because it is large, and return the program."""
    npm, folder, package = _program("npm"), PLACE / "claude-code", "@anthropic-ai/claude-code"
    _once(
        folder,
        package,
        lambda: _run([npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), package]),
    )
    return folder / "node_modules" / ".bin" / "claude"


@contextlib.contextmanager
def litellm_proxy(model, upstream, folder, key):
    """LiteLLM's own proxy as a process, which asks `upstream` for a model; yield its URL."""
    config = {"model": f"anthropic/{model}", "api_base": upstream, "api_key": "sk-ant-none"}
    file = folder / "litellm.yaml"
    file.write_text(json.dumps({"model_list": [{"model_name": model, "litellm_params": config}]}))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = _venv("litellm_proxy") / "bin" / "litellm"
    command = [str(program), "--config", str(file), "--host", "127.0.0.1", "--port", str(port)]
    environ = environment(LITELLM_MASTER_KEY=key)
    with subprocess.Popen(
        command, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            if not _answers(f"{url}/health/liveliness", STARTING):
                pytest.skip(f"LiteLLM's proxy did not start in {STARTING:g} s")
            yield url
        finally:
            process.kill()


def _answers(url, seconds):
    """Whether a server answers within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return True
        threading.Event().wait(0.2)
    return False


_FAILED = {}


def _once(folder, contents, install):
    """Install into a folder, unless these contents are there. Of several processes at once, one installs."""
    if folder in _FAILED:
        pytest.skip(_FAILED[folder])
    stamp, digest = PLACE / f"{folder.name}.stamp", hashlib.sha256(contents.encode()).hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        pytest.skip(f"{folder} cannot be made: {error.strerror}")
    with (PLACE / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == digest:
            return
        try:
            install()
        except (OSError, subprocess.SubprocessError) as error:
            stderr = (getattr(error, "stderr", None) or "").splitlines()
            reason = next((line for line in stderr if "error" in line.lower()), error)
            _FAILED[folder] = f"{folder.name} cannot be installed: {reason}"
            pytest.skip(_FAILED[folder])
        stamp.write_text(digest)


def _run(command, **options):
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALLING, **options)
