"""Fixtures of the plugin's tests: pytest runs inside a test, with the plugin and the real SDK."""

from __future__ import annotations

from pathlib import Path

import anthropic  # noqa: F401 - an inner run forgets what it imported, and importing this takes seconds
import pytest

import inspector.checker
import inspector.play.transport
import inspector.proxy.forwarder
import inspector.pytest_plugin
import inspector.serve.server

ROOT = Path(__file__).parents[2]

PRELUDE = """
import asyncio, os, subprocess, sys, time
import anthropic, pytest, inspector

ASK = dict(model="claude-haiku-4-5", max_tokens=256,
           messages=[{"role": "user", "content": "Hello! What is it like to be streamed?"}])

def ask(client, **more):
    with client, client.messages.stream(**{**ASK, **more}) as stream:
        return stream.get_final_message()

def over(transport, **options):
    http = anthropic.DefaultHttpxClient(transport=transport)
    return anthropic.Anthropic(api_key="none", http_client=http, **options)

async def aask(transport, **options):
    http = anthropic.DefaultAsyncHttpxClient(transport=transport)
    async with anthropic.AsyncAnthropic(api_key="none", http_client=http, **options) as client:
        async with client.messages.stream(**ASK) as stream:
            return await stream.get_final_message()
"""


TO_RECORD = """
@pytest.mark.recording("mine")
def test_server(replay_server):
    assert ask(anthropic.Anthropic()).content[0].text
    assert replay_server.requests[0].json()["stream"] is True

@pytest.mark.recording("other")
def test_transport(replay_transport):
    assert ask(over(replay_transport)).content[0].text

@pytest.mark.recording("third")
def test_async_transport(replay_transport):
    assert asyncio.run(aask(replay_transport)).content[0].text
"""


class Inner:
    """Runs test files with the plugin."""

    to_record = TO_RECORD
    """Three tests whose recordings do not exist yet: by the server, by the transport, sync and async."""

    def __init__(self, pytester):
        self._pytester = pytester

    def __call__(self, source, *options):
        """Run a test file that begins with the prelude."""
        self._pytester.makepyfile(PRELUDE + source)
        # The plugin is passed as a module and not by its entry point, so that it is loaded exactly once,
        # whether it is installed or not.
        loaded = ("-p", "no:inspector", "-p", "no:cacheprovider")
        return self._pytester.runpytest_inprocess(
            *loaded, "--strict-markers", "-W", "error", *options, plugins=[inspector.pytest_plugin]
        )

    def write(self, path, source):
        """Write one more test file that begins with the prelude."""
        file = self._pytester.path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(PRELUDE + source)


@pytest.fixture
def inner(pytester, monkeypatch):
    """Run test files with the plugin, without the variables of this environment."""
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CI", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return Inner(pytester)


@pytest.fixture
def api(inner, monkeypatch):
    """Start a server that inner runs take for the API."""
    with inspector.serve.server.Server(ROOT / "recordings/hello.jsonl", match="any", loop=True) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-real-key-of-the-user")
        yield server
