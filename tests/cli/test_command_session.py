"""What a session with a COMMAND is worth, what is no part of it, and where its log goes."""

from __future__ import annotations

import contextlib
import functools
import json
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import listening_command
import pytest
from conftest import ROOT
from listening_command import BOUND, command

from inspector.cli._command_session import CommandSession
from inspector.play.received import ReceivedRequest
from inspector.recording import Ending
from inspector.serve.connection import Delivery

HELLO = ROOT / "recordings" / "hello.jsonl"
URL = "import os, urllib.error, urllib.request as u; url = os.environ['ANTHROPIC_BASE_URL']"
ONCE = "u.urlopen(url + '/v1/messages', b'{}').read()"
TOO_OFTEN = f"""
{URL}
for _ in range(3):
    try:
        {ONCE}
    except urllib.error.HTTPError:
        pass
"""


ran = functools.partial(listening_command.ran, "serve")


def session(code, *options):
    """Run a command on two recordings; return the status, and what was said besides the URL."""
    wrapped = (sys.executable, "-c", code)
    done = ran(HELLO, HELLO, "--speed", "max", "-q", *options, "--", *wrapped)
    return done.returncode, done.stderr.splitlines()[1:]


UNPLAYED = f"inspector: 1 recording was not played: {HELLO}"
SILENT = f"inspector: {Path(sys.executable).name} sent no request here: does it read ANTHROPIC_BASE_URL?"


@pytest.mark.parametrize(
    "code, options, expected",
    [
        (f"{URL}; {ONCE}; {ONCE}", ["--strict"], (0, [])),
        (f"{URL}; {ONCE}", [], (0, [])),
        (f"{URL}; {ONCE}", ["--strict"], (1, [UNPLAYED])),
        ("pass", [], (1, [SILENT])),
        (f"{URL}; u.urlopen(url + '/health').read()", [], (1, [SILENT])),
        ("raise SystemExit(7)", [], (7, [])),
        (TOO_OFTEN, [], (1, ["inspector: no recording answered 1 of 3 requests"])),
    ],
    ids=["all", "some", "some, strict", "none", "a health check", "its own status", "a miss"],
)
def test_a_command_that_missed_something_is_no_success(code, options, expected):
    assert session(code, *options) == expected


def test_several_problems_are_all_said():
    counted = CommandSession(None)
    request = ReceivedRequest(1, "POST", "/v1/messages", miss="inspector: no recording left")
    counted.put(request, Delivery(1, 0.1, Ending.COMPLETE))
    unused = [f"{number}.jsonl" for number in range(7)]
    assert list(counted.problems("app", unused)) == [
        "no recording answered 1 of 1 requests",
        "7 recordings were not played: 0.jsonl, 1.jsonl, 2.jsonl, 3.jsonl, 4.jsonl, …",
    ]


def test_a_port_is_free_for_a_command_unless_one_is_named():
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # somebody else has it, which serves as well
            stack.enter_context(socket.create_server(("127.0.0.1", 8484)))
        assert session(f"{URL}; {ONCE}") == (0, [])
        assert ran(HELLO, "--port", "8484", "--", "true").returncode == 3


def test_health_is_answered_and_is_no_request_of_the_session():
    code = f"{URL}; print(u.urlopen(url + '/health').read().decode()); {ONCE}"
    done = ran(HELLO, "--strict", "--speed", "max", "--", sys.executable, "-c", code)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"status": "ok"})


def test_a_log_to_a_hyphen_is_printed_after_the_url(tmp_path):
    line, environ = command("serve", HELLO, "--port", "0", "--speed", "max", "--log", "-")
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environ, cwd=tmp_path)
    with process:
        url = process.stdout.readline().strip()
        urllib.request.urlopen(f"{url}/v1/messages", b"{}", timeout=BOUND).close()
        assert json.loads(process.stdout.readline())["recording"] == str(HELLO)
        process.terminate()
    assert list(tmp_path.iterdir()) == []


def test_with_a_command_the_log_is_printed_beside_the_url(tmp_path):
    code = f"{URL}; {ONCE}; print('mine')"
    options = (HELLO, "--speed", "max", "--log", "-", "--", sys.executable, "-c", code)
    done = ran(*options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "mine\n")
    url, entry = done.stderr.splitlines()
    assert (url[:17], json.loads(entry)["why"]) == ("http://127.0.0.1:", "order")
    assert list(tmp_path.iterdir()) == []
