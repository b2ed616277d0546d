"""`inspector serve --verdict -- COMMAND`: real programs over real sockets, and what is said of each."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys

import pytest
from conftest import ROOT

import inspector
from inspector import ClientLimits, faults

PROGRAMS = str(ROOT / "tests" / "client_programs.py")
BOUND = 60.0


def serve(*options, command=()):
    """The command line of a server with a verdict."""
    serve = [sys.executable, "-m", "inspector", "serve", *options, "--verdict", "-q", "--port", "0"]
    return [*serve, "--speed", "max", *(["--", *command] if command else [])]


def judged(recording, fault, program, *more):
    """Run a program under a fault: the checks with a fault or a warning, the exit status, the text."""
    faults = ["--fault", fault] if fault else []
    done = subprocess.run(
        serve(recording, *faults, *more, command=[sys.executable, PROGRAMS, program]),
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
        cwd=ROOT,
    )
    named = re.findall(r"^(?:fault|warning) ([a-z-]+):", done.stderr, re.MULTILINE)
    return set(named), done.returncode, done.stderr


@pytest.mark.parametrize(
    ("program", "recording", "fault", "checks", "status"),
    [
        ("naive", "hello", "http-error=529", {"retry-storm"}, 1),
        ("impatient", "hello", "http-error=429,retry_after=1,on=1", {"retry-after-ignored"}, 1),
        ("stubborn", "hello", "http-error=400", {"hopeless-retry"}, 1),
        ("hopeful", "hello", "cut-clean", {"truncated-accepted"}, 1),
        ("hopeful", "hello", "error-unnamed", {"truncated-accepted"}, 1),
        ("hopeful", "hello", "http-200-wrong-body", {"failure-accepted"}, 1),
        ("half", "tool_use", "tool-json=truncate,on=1", {"half-tool-run"}, 1),
        ("doubled", "hello", "cut-fin,on=1", {"doubled-text"}, 1),
        ("hopeful", "hello", None, set(), 0),
    ],
)
def test_a_bad_program_is_seen(program, recording, fault, checks, status):
    more = ["--loop", "--match", "any"] if program in ("half", "doubled") else []
    named, ended, _ = judged(recording, fault, program, *more)
    assert (named - {"no-backoff"}, ended) == (checks, status)


def test_a_program_that_tries_again_at_once_is_seen():
    overloaded = faults.apply(inspector.load(ROOT / "recordings" / "hello.jsonl"), "http-error=529")
    with inspector.Server(overloaded, speed=math.inf, loop=True) as server:
        environ = {**os.environ, "ANTHROPIC_BASE_URL": server.url}
        assert subprocess.run([sys.executable, PROGRAMS, "naive"], env=environ, timeout=BOUND).returncode == 1
        verdict = server.verdict(reported=True, limits=ClientLimits(at_once=BOUND))  # if it is slow, too
        assert [each.check for each in verdict.findings] == ["retry-storm", "no-backoff"]
        assert "no-backoff" not in str(server.verdict(limits=ClientLimits(at_once=0)))


@pytest.mark.parametrize("fault", ["cut-clean", "http-error=529,retry_after=0.1,on=1..2"])
def test_a_good_program_has_no_fault(fault):
    checks, status, text = judged("hello", fault, "sdk")
    assert (checks, status) == (set(), 0), text


def test_what_is_printed_is_what_the_manual_shows():
    text = judged("hello", "cut-clean", "hopeful")[2]
    assert "request 1: 200, no message_stop" in text
    assert "the command exited with status 0" in text
    assert text.rstrip().endswith("verdict: 1 fault, 0 warnings, 0 not known")


def test_a_command_that_sends_nothing_keeps_its_status():
    done = subprocess.run(
        serve("hello", command=[sys.executable, "-c", "raise SystemExit(7)"]),
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
    )
    assert done.returncode == 7
    assert "no verdict: no request for a message came" in done.stderr


def test_a_program_that_hangs_is_seen_when_the_server_is_stopped():
    server = subprocess.Popen(
        serve("hello", "--fault", "stall"), stdout=subprocess.PIPE, encoding="utf-8", cwd=ROOT
    )
    url = server.stdout.readline().strip()
    program = subprocess.Popen(
        [
            sys.executable,
            "-u",
            "-c",
            "import client_programs as p; r = p.ask(timeout=None); print(r.status); r.read()",
        ],
        env={**os.environ, "ANTHROPIC_BASE_URL": url, "PYTHONPATH": str(ROOT / "tests")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    assert program.stdout.readline() == "200\n"
    server.send_signal(signal.SIGINT)
    text, _ = server.communicate(timeout=BOUND)
    program.communicate(timeout=BOUND)
    assert "the server ended it" in text
    assert "not known no-read-timeout: request 1: it waited" in text
    assert server.returncode == 0


def test_workers_share_no_log():
    done = subprocess.run(
        serve("hello", "--workers", "2", "--match", "any"),
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
    )
    assert done.returncode == 2
    assert "--workers and --verdict exclude each other" in done.stderr


def test_the_verdict_is_data_for_machines_too():
    with inspector.Server(ROOT / "recordings" / "hello.jsonl") as server:
        assert json.loads(json.dumps(server.verdict().to_dict()))["findings"] == []
