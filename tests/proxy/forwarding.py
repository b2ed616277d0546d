"""For the tests of this folder: a forwarder, the file that it records to, and what it reports."""

from __future__ import annotations

import pytest
import raw_upstream

from inspector import tap
from inspector.proxy.forwarder import Forwarder


@pytest.fixture
def file(tmp_path):
    return tmp_path / "recorded.jsonl"


@pytest.fixture
def lines():
    return []


@pytest.fixture
def forward(file, lines):
    """Start a forwarder to an upstream, which records into `file` and reports to `lines`."""
    started = []

    def start(upstream):
        started.append(Forwarder(upstream, tap(file), report=lines.append).start())
        return started[-1]

    yield start
    for forwarder in started:
        forwarder.stop()


@pytest.fixture
def upstream():
    server = raw_upstream.RawUpstream()
    yield server
    server.close()
