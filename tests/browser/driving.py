"""A real browser for tests: Chromium, driven by puppeteer, which is installed when a test needs it.

The packages from npm go into `.interop/browser`. If Node, npm, Chromium or the registry is missing, tests are
skipped with the reason.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PLACE = ROOT / ".interop" / "browser"
INSTALLING = 240.0  # seconds, at most
BOUND = 120.0  # seconds for one job


class BrowserError(AssertionError):
    """A job failed in the browser."""


class Browser:
    """One browser with one page. Each method is a job of `driver.mjs`."""

    def __init__(self):
        node, chromium = _program("node"), _chromium()
        _install()
        self._process = subprocess.Popen(
            [node, str(PLACE / "driver.mjs"), chromium],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        answer = self._answer()
        if answer is None:
            pytest.skip("Chromium did not start")
        self.version = answer["value"]

    def __getattr__(self, job):
        if job.startswith("_"):
            raise AttributeError(job)
        return functools.partial(self._ask, job)

    def _ask(self, job, **details):
        self._process.stdin.write(json.dumps({"do": job, **details}) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        assert answer is not None, f"the browser gave no answer to {job}"
        if "error" in answer:
            raise BrowserError(f"{job} {details}: {answer['error']}")
        return answer["value"]

    def _answer(self):
        watch = threading.Timer(BOUND, self._process.kill)
        watch.start()
        try:
            line = self._process.stdout.readline()
        finally:
            watch.cancel()
        return json.loads(line) if line else None

    def text(self, selector):
        """The text of an element, as people see it."""
        return self.eval(code=f"document.querySelector({json.dumps(selector)}).innerText")

    def close(self):
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def _program(name):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def _chromium():
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return pytest.skip("Chromium is not installed")


def _install():
    """Install the packages, once for these versions. Node looks for them beside the script."""
    npm, manifest, driver = _program("npm"), HERE / "package.json", HERE / "driver.mjs"
    PLACE.mkdir(parents=True, exist_ok=True)
    stamp, digest = PLACE / "stamp", hashlib.sha256(manifest.read_bytes()).hexdigest()
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copy(driver, PLACE)
        if stamp.exists() and stamp.read_text() == digest:
            return
        shutil.copy(manifest, PLACE)
        try:
            subprocess.run(
                [npm, "install", "--no-audit", "--no-fund"],
                cwd=PLACE,
                check=True,
                capture_output=True,
                timeout=INSTALLING,
            )
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"puppeteer cannot be installed: {error}")
        stamp.write_text(digest)
