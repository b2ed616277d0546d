"""`inspector probe --behind`: a gateway with an upstream of ours behind it, from the command line."""

from __future__ import annotations

import json
import socket
import sys

import pytest
from click.testing import CliRunner

from inspector.cli import cli


@pytest.fixture
def run(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    return lambda *arguments: CliRunner().invoke(cli, ["probe", *map(str, arguments)])


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_a_transparent_hop_passes_and_both_sides_are_kept(run, port, tmp_path):
    url = f"http://127.0.0.1:{port}"
    result = run("--base-url", url, "--behind", port, "--only", "error-mid-stream,leak", "-o", tmp_path)
    assert result.exit_code == 0, result.output
    assert "2 of 2 passed" in result.output
    assert (tmp_path / "error-mid-stream-1.behind.jsonl").exists()


def test_a_command_is_started_with_the_upstreams_url(run, port):
    url = f"http://127.0.0.1:{port}"
    proxy = [sys.executable, "-m", "inspector", "proxy", "--upstream", "{upstream}", "--port", port]
    result = run("--base-url", url, "--only", "leak", "--format", "json", "--", *proxy, "-o", "/dev/null")
    assert result.exit_code == 0, result.output
    assert [each["name"] for each in json.loads(result.output)["results"]] == ["leak"]


def test_a_command_that_fails_shows_its_last_lines(run, port):
    result = run("--base-url", f"http://127.0.0.1:{port}", "--", "sh", "-c", "echo no such setting; exit 3")
    assert result.exit_code == 2
    assert "sh: it ended with status 3" in result.output
    assert "no such setting" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--env", "NAME"], "--behind PORT"),
        (["--behind", "9090", "--env", "NAME"], "COMMAND after --"),
        (["--behind", "0"], "COMMAND after --"),
        (["--behind-protocol", "openai"], "--behind PORT"),
        (["--behind", "9090", "--only", "text"], "there is no through probe 'text'"),
    ],
)
def test_what_makes_no_sense_is_refused(run, arguments, said):
    result = run("--base-url", "http://127.0.0.1:9", *arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_the_probes_of_a_hop_are_listed(run):
    result = run("--list", "--behind", "9090")
    assert "error-mid-stream" in result.output
    assert "tool-round-trip" not in result.output


def test_a_port_that_is_taken_is_wrong_use(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("--base-url", "http://127.0.0.1:9", "--behind", taken.getsockname()[1])
    assert result.exit_code == 2
