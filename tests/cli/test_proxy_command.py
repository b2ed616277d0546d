"""`inspector proxy -- COMMAND`: what the command gets and sends, and which server gets the requests."""

from __future__ import annotations

import functools
import socket
import sys

import listening_command
import pytest
from conftest import ROOT

import inspector

HELLO = ROOT / "recordings" / "hello.jsonl"
CUT_TOOL = ROOT / "recordings" / "broken" / "cut_tool.jsonl"
FETCH = (
    "import os, urllib.request; url = os.environ['ANTHROPIC_BASE_URL'] + '/v1/messages';"
    """urllib.request.urlopen(url, b'{"stream":true}').read()"""
)

ran = functools.partial(listening_command.ran, "proxy")


@pytest.mark.parametrize("status", [0, 7])
def test_a_command_gets_the_url_and_keeps_its_key_and_gives_its_status_back(tmp_path, status):
    code = f"{FETCH}; print(os.environ['ANTHROPIC_API_KEY']); raise SystemExit({status})"
    with inspector.Server(HELLO) as upstream:
        done = ran(
            *("--upstream", upstream.url, "-o", tmp_path, "--", sys.executable, "-c", code),
            env={"ANTHROPIC_API_KEY": "my own"},
        )
    assert (done.returncode, done.stdout) == (status, "my own\n")
    assert done.stderr.startswith("http://127.0.0.1:")
    assert [file.name for file in tmp_path.iterdir()] == ["0001-messages-end_turn.jsonl"]


def test_a_command_that_sends_nothing_here_is_noticed():
    done = ran("--upstream", "http://up.test", "--", "true")
    assert done.returncode == 0
    assert done.stderr.endswith("inspector: true sent no request here: does it read ANTHROPIC_BASE_URL?\n")


def test_events_of_a_commands_streams_leave_its_output_alone():
    with inspector.Server(HELLO) as upstream:
        done = ran(
            "--upstream", upstream.url, "--show", "--", sys.executable, "-c", f"{FETCH}; print('mine')"
        )
    assert (done.returncode, done.stdout) == (0, "mine\n")
    assert "message_stop" in done.stderr


def test_findings_count_where_the_command_has_succeeded():
    with inspector.Server(CUT_TOOL, CUT_TOOL) as upstream:
        options = ("--upstream", upstream.url, "--check", "-q", "--", sys.executable, "-c")
        assert ran(*options, FETCH).returncode == 1
        assert ran(*options, f"{FETCH}; raise SystemExit(7)").returncode == 7


def test_a_command_that_cannot_be_started_is_not_said_to_send_nothing():
    done = ran("--upstream", "http://up.test", "--", "nosuchcommand")
    assert done.returncode == 127
    assert "No such file or directory" in done.stderr
    assert "sent no request" not in done.stderr


# Where requests go.


def test_the_upstream_is_the_base_url_of_the_environment():
    with inspector.Server(HELLO) as upstream:
        done = ran("--", sys.executable, "-c", FETCH, env={"ANTHROPIC_BASE_URL": upstream.url})
    assert done.returncode == 0
    assert f"forwarding to {upstream.url}, " in done.stderr


def test_a_proxy_never_calls_itself():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
    url = f"http://localhost:{port}"
    done = ran("--port", port, "--", "true", env={"ANTHROPIC_BASE_URL": url})
    assert done.returncode == 0
    assert done.stderr.startswith(
        "inspector: the environment's base URL is this proxy itself; requests go to https://api.anthropic.com\n"
    )
    done = ran("--port", port, "--upstream", url, "--", "true")
    assert done.returncode == 2
    assert "--upstream is this proxy's own address: name the API, or another --port" in done.stderr
