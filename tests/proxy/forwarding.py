"""A forwarder for the tests of this folder, and the file that it records to."""

from __future__ import annotations

import pytest

from inspector import tap
from inspector.proxy.forwarder import Forwarder


@pytest.fixture
def file(tmp_path):
    return tmp_path / "recorded.jsonl"


@pytest.fixture
def forward(file):
    """Start a forwarder to an upstream, which records into `file`."""
    started = []

    def start(upstream):
        started.append(Forwarder(upstream, tap(file)).start())
        return started[-1]

    yield start
    for forwarder in started:
        forwarder.stop()
