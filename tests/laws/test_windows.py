"""Nothing that Windows lacks is needed before a command needs it, and what it cannot do says so in one line.

Nobody runs these tests on Windows here: the workflow does. They run the package without what Windows lacks.
mypy looks at every line as for Windows (`.ci/run`).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

WINDOWS = [sys.executable, "-W", "error", Path(__file__).with_name("like_windows.py")]
HELLO = str(ROOT / "recordings" / "hello.jsonl")
CALL = (
    "import os, urllib.request as r;"
    "print(r.urlopen(r.Request(os.environ['ANTHROPIC_BASE_URL'] + '/v1/messages', b'{}')).status)"
)
NO_FORK = "--workers: Windows cannot run several workers, because it has no fork"
CUT = str(ROOT / "recordings" / "broken" / "cut_tool.jsonl")


def run(what):
    """Run commands, each a list of arguments; return the lines of both streams."""
    done = subprocess.run([*WINDOWS, what], capture_output=True, text=True, encoding="utf-8", check=True)
    assert "Traceback" not in done.stderr
    return done.stdout.splitlines(), done.stderr.splitlines()


def test_every_module_can_be_imported_but_the_one_that_forks():
    printed, _ = run("modules")
    assert printed == [f"inspector.serve.workers: UsageError: {NO_FORK}"]


def test_commands_work_without_what_windows_lacks():
    commands = [
        ["--help"],
        ["show", HELLO],
        ["check", CUT],
        ["replay", "--speed", "1000", HELLO],
        ["stats", HELLO],
        ["ls", "--no-check", HELLO],
        ["stream", "--offline", "--format", "text"],
        ["serve", "--quiet", HELLO, "--", sys.executable, "-c", CALL],
        ["serve", "--workers", "2", "--match", "any", HELLO],
    ]
    printed, errors = run(json.dumps(commands))
    ended = [line for line in printed if line.partition(": ")[0] in {each[0] for each in commands}]
    assert ended == [
        "--help: 0",
        "show: 0",
        "check: 1",
        "replay: 0",
        "stats: 0",
        "ls: 0",
        "stream: 0",
        "serve: 0",
        "serve: 2",
    ]
    assert "200" in printed  # what the program of `serve` was answered
    assert f"inspector: {NO_FORK}" in errors
