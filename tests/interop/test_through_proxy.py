"""Other people's clients through the recording proxy get what they get without it, and all is recorded."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.request

import pytest
from conftest import ROOT
from gateways.translators import litellm
from installed import CLIENTS, Worker, claude_code
from packages import environment

import inspector
from inspector.proxy.forwarder import Forwarder
from inspector.record.tap import tap

CURL = shutil.which("curl")
HELLO = ROOT / "recordings" / "hello.jsonl"
TOOL = ROOT / "recordings" / "tool_use.jsonl"
BOUND = 90.0  # seconds


@pytest.mark.parametrize("name", list(CLIENTS))
def test_a_client_gets_the_same_through_the_proxy_and_all_of_it_is_recorded(name, tmp_path):
    client = CLIENTS[name]
    worker = Worker(client)
    job = {"how": client.how, "thinking": False, "tools": True}
    try:
        with inspector.Server(TOOL, TOOL) as server:
            forwarder = Forwarder(server.url, tap(tmp_path)).start()
            direct = worker.ask({"url": server.url, **job})
            through = worker.ask({"url": forwarder.url, **job})
            forwarder.stop()
    finally:
        worker.close()
    assert through == direct
    assert through["error"] is None
    (recording,) = inspector.load_all(tmp_path)
    assert recording.end.how == "complete"
    assert recording.message() == inspector.load(TOOL).message()


def test_claude_code_works_through_the_proxy_and_its_run_replays(tmp_path):
    """Record a run, then run it again against what was recorded."""
    claude = claude_code()
    home, run = tmp_path / "home", tmp_path / "run"
    home.mkdir()
    environ = environment(HOME=str(home), ANTHROPIC_API_KEY="sk-ant-none", PYTHONPATH=str(ROOT))
    environ |= {"DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}

    def with_claude(*arguments):
        command = [sys.executable, "-m", "inspector", *map(str, arguments), "--", str(claude), "-p", "hello"]
        return subprocess.run(
            command, capture_output=True, text=True, env=environ, timeout=BOUND, stdin=subprocess.DEVNULL
        )

    with inspector.Server(HELLO, match="any", loop=True) as server:
        recorded = with_claude("proxy", "--upstream", server.url, "-o", run)
    assert recorded.returncode == 0, recorded.stderr
    assert recorded.stdout.strip() == inspector.load(HELLO).message()["content"][0]["text"]
    assert all(file.name.endswith("-end_turn.jsonl") for file in run.iterdir())
    replayed = with_claude("serve", run, "--speed", "max", "--strict")
    assert (replayed.returncode, replayed.stdout) == (0, recorded.stdout), replayed.stderr


def test_litellms_own_proxy_is_an_upstream_and_its_streams_are_recorded(tmp_path):
    """The client calls our proxy, that calls LiteLLM's, and that the model, which is a recording."""
    key, hello = "sk-inspector-litellm-0001", inspector.load(HELLO)
    ask = {
        "model": "claude-haiku-5-5",
        "max_tokens": 9,
        "stream": True,
        "messages": [{"role": "user", "content": "hi"}],
    }
    with (
        inspector.Server(HELLO) as model,
        litellm(model.url, tmp_path, model=ask["model"], key=key) as upstream,
    ):
        forwarder = Forwarder(upstream.url, tap(tmp_path / "run")).start()
        headers = {"content-type": "application/json", "x-api-key": key}
        request = urllib.request.Request(f"{forwarder.url}/v1/messages", json.dumps(ask).encode(), headers)
        with urllib.request.urlopen(request, timeout=BOUND) as response:
            body = response.read()
        forwarder.stop()
    (recording,) = inspector.load_all(tmp_path / "run")
    assert (recording.body, recording.end.how) == (body, "complete")
    assert [event.type for event in recording.events()] == [event.type for event in hello.events()]
    assert recording.message()["content"] == hello.message()["content"]
    assert key not in "".join(file.read_text() for file in (tmp_path / "run").iterdir())


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
@pytest.mark.parametrize("version", ["--http1.0", "--http1.1", "--http2"])
def test_curl_gets_every_byte_in_any_version_of_http(version, tmp_path):
    with inspector.Server(HELLO) as server:
        forwarder = Forwarder(server.url, tap(tmp_path)).start()
        done = curl(forwarder.url, version)
        forwarder.stop()
    assert (done.returncode, done.stdout) == (0, inspector.load(HELLO).body)
    assert inspector.load_all(tmp_path)[0].body == inspector.load(HELLO).body


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
def test_http_2_without_an_upgrade_is_refused_at_once_and_nothing_is_forwarded(tmp_path):
    with inspector.Server(HELLO) as server:
        forwarder = Forwarder(server.url, tap(tmp_path)).start()
        done = curl(forwarder.url, "--http2-prior-knowledge")
        again = curl(forwarder.url, "--http1.1")
        forwarder.stop()
        assert len(server.requests) == 1
    assert done.returncode != 0
    assert again.returncode == 0


def curl(url, *options):
    command = [CURL, "-q", "-sSN", "--noproxy", "*", "--max-time", "20", *options]
    return subprocess.run(
        [*command, "-d", json.dumps({"stream": True}), f"{url}/v1/messages"],
        capture_output=True,
        timeout=BOUND,
    )
