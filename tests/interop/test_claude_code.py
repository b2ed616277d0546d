"""Claude Code, unmodified: what it asks is recorded by a test, and answered in later runs without an API."""

from __future__ import annotations

import subprocess
import sys

from conftest import ROOT
from installed import BOUND, claude_code
from packages import environment

import inspector
from inspector.serve.server import Server

TEST = """
import os, subprocess
import pytest

@pytest.mark.recording
def test_claude(tmp_path):
    # A home and a folder of its own: Claude Code writes both into its requests.
    done = subprocess.run(
        [os.environ["CLAUDE"], "-p", os.environ["QUESTION"]], env={**os.environ, "HOME": str(tmp_path)},
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )
    print(done)
    assert "Hello!" in done.stdout
"""


def run(folder, question, *options, **more):
    """Run the test in a process of its own; return its status and its output."""
    env = environment(
        CLAUDE=str(claude_code()), QUESTION=question, PYTHONPATH=str(ROOT), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"
    )
    command = [sys.executable, "-m", "pytest", "-p", "inspector.pytest_plugin", "-rP", *options, "test_it.py"]
    done = subprocess.run(
        command, cwd=folder, env={**env, **more}, capture_output=True, text=True, timeout=4 * BOUND
    )
    return done.returncode, done.stdout + done.stderr


def test_it_is_recorded_and_replayed_and_another_question_is_a_miss(tmp_path):
    (tmp_path / "test_it.py").write_text(TEST)
    with Server(ROOT / "recordings/hello.jsonl", loop=True) as api:
        more = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "sk-ant-real-0123456789"}
        status, output = run(tmp_path, "Who are you?", "--inspector=record", "--inspector-force", **more)
        assert status == 0, output
        assert "HEAD" in {each.method for each in api.requests}
    file = tmp_path / "recordings/test_it/test_claude.jsonl"
    assert {each.request.method for each in inspector.load_all(file)} == {"POST"}
    assert b"sk-ant-real-0123456789" not in file.read_bytes()

    status, output = run(tmp_path, "Who are you?")
    assert status == 0, output
    status, output = run(tmp_path, "Where are you?")
    assert status == 1, output
    assert '"Where are you?", recorded was "Who are you?"' in output
