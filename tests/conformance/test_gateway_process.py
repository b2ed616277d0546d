"""A gateway as a child process: it gets the upstream's URL, and nothing of it is left at the end."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest
from loopback import eventually

from inspector import UsageError
from inspector.conformance.gateway_process import GatewayProcess

UPSTREAM = "http://127.0.0.1:9"
SERVE = """
import http.server, os, subprocess, sys
port, given = int(sys.argv[1]), sys.argv[2]
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[3], "w").write("\\n".join([str(child.pid), given, os.environ.get("ANTHROPIC_BASE_URL", ""),
                                         os.environ.get("MY_UPSTREAM", "")]))
http.server.HTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def url():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def command(url, note, word):
    return [sys.executable, "-c", SERVE, url.rpartition(":")[2], word, str(note)]


def alive(pid):
    try:
        os.kill(int(pid), 0)
        return Path(f"/proc/{int(pid)}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("word", "variables", "given"),
    [
        ("x", [], ["x", UPSTREAM, ""]),
        ("{upstream}/v1", [], [f"{UPSTREAM}/v1", "", ""]),
        ("x", ["MY_UPSTREAM"], ["x", "", UPSTREAM]),
    ],
    ids=["by default", "in a word", "in a variable"],
)
def test_it_gets_the_upstream_and_ends_with_all_that_it_started(
    url, word, variables, given, tmp_path, monkeypatch
):
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    note = tmp_path / "note"
    with GatewayProcess(command(url, note, word), url, UPSTREAM, variables) as gateway:
        child, *got = note.read_text().split("\n")
        assert alive(child)
        assert gateway.end == []
    assert got == given
    assert eventually(lambda: not alive(child))


def test_one_that_ends_shows_its_last_lines(url):
    shell = ["sh", "-c", "for n in $(seq 20); do echo line $n; done; echo no such option >&2; exit 3"]
    with pytest.raises(UsageError) as raised, GatewayProcess(shell, url, UPSTREAM):
        pass
    lines = str(raised.value).splitlines()
    assert lines[0] == "sh: it ended with status 3"
    assert lines[-1] == "  no such option"
    assert "  line 1" not in lines


def test_one_that_never_answers_is_ended(url):
    program = [sys.executable, "-c", "import time; print('thinking', flush=True); time.sleep(600)"]
    with pytest.raises(UsageError, match="nothing answers at http"):
        GatewayProcess(program, url, UPSTREAM, patience=0.5).__enter__()


def test_what_answers_already_is_no_gateway_of_ours(url, tmp_path):
    words = command(url, tmp_path / "note", "x")
    with (
        GatewayProcess(words, url, UPSTREAM),
        pytest.raises(UsageError, match=r"answers at .* already"),
        GatewayProcess(words, url, UPSTREAM),
    ):
        pass


def test_a_command_that_does_not_exist_is_named(url):
    with pytest.raises(UsageError, match="no-such-gateway cannot be started"):
        GatewayProcess(["no-such-gateway"], url, UPSTREAM).__enter__()
