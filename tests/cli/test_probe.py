"""`inspector probe`: its exit status and what it prints."""

from __future__ import annotations

import json

import loopback
import pytest
from click.testing import CliRunner

import inspector
from inspector.cli import cli


@pytest.fixture
def run(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    return lambda *arguments: CliRunner().invoke(cli, ["probe", *arguments])


@pytest.fixture
def hello(recordings_folder):
    return loopback.chunked([inspector.load(recordings_folder / "hello.jsonl").body])


def test_the_status_is_4_if_nothing_listens(run):
    with loopback.Server([]) as server:
        url = server.url
    result = run("--base-url", url)
    assert result.exit_code == 4
    assert f"{url} cannot be reached" in result.output


def test_the_status_is_0_if_all_pass_and_1_if_one_fails(run, hello):
    with loopback.Server(hello) as server:
        assert run("--base-url", server.url, "--only", "text").exit_code == 0
        failing = run("--base-url", server.url, "--only", "text,max-tokens")
    assert failing.exit_code == 1
    assert "1 of 2 passed; failed: max-tokens" in failing.output


@pytest.mark.parametrize(
    "arguments",
    [[], ["--base-url", "ftp://x"], ["--base-url", "http://x", "--only", "txt"], ["--header", "x"]],
)
def test_wrong_use_has_status_2(run, arguments):
    assert run(*arguments).exit_code == 2


def test_the_list_says_what_a_run_may_cost(run):
    lines = run("--list").output.splitlines()
    assert lines[0].split()[:3] == ["probe", "requests", "max_tokens"]
    requests = [int(line.split()[1]) for line in lines[1:]]
    assert requests[-1] == sum(requests[:-1])


def test_the_json_is_the_scorecard(run, hello):
    with loopback.Server(hello) as server:
        result = run("--base-url", server.url, "--only", "text", "--format", "json")
    assert json.loads(result.output)["counts"]["pass"] == 1
