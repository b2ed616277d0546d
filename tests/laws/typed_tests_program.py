"""Tests with the fixtures and the marker of the pytest plugin. `test_typing.py` checks their types."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anthropic
import pytest

import inspector
from inspector.types import VirtualTime


@pytest.fixture(scope="session")
def inspector_config() -> dict[str, Any]:
    return {"match": "body", "ignore": ["system"]}


@pytest.fixture
def client(replay_transport: inspector.ReplayTransport) -> anthropic.Anthropic:
    http = anthropic.DefaultHttpxClient(transport=replay_transport)
    return anthropic.Anthropic(api_key="none", http_client=http)


@pytest.mark.recording("hello", fault=["cut-clean", "ping-flood"], seed=3)
def test_my_agent(client: anthropic.Anthropic, virtual_time: VirtualTime, recordings_dir: Path) -> None:
    assert client.max_retries
    assert virtual_time.now >= 0
    assert inspector.load_all(recordings_dir / "hello.jsonl")


@pytest.mark.recording("hello")
def test_over_a_socket(replay_server: inspector.Server) -> None:
    assert replay_server.url
    assert [request.path for request in replay_server.requests] == []


@pytest.mark.recording("hello")
def test_every_split(every_split: Callable[..., None]) -> None:
    def read(transport: inspector.ReplayTransport) -> None:
        assert transport

    every_split(read, at_most=100)
