"""`inspector stream` while nothing has come: Ctrl-C records the attempt."""

from __future__ import annotations

import signal
import threading

import pytest
from loopback import STALL, Server
from stream_command import start, take_signals

import inspector


@pytest.mark.parametrize("name, status", [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_before_the_head_records_the_attempt(name, status, tmp_path):
    file, come = tmp_path / "r.jsonl", threading.Event()
    with Server([come.set, STALL]) as server:
        process = start("hi", "--base-url", server.url, "-o", str(file), preexec_fn=take_signals)
        assert come.wait(60)
        process.send_signal(getattr(signal, name))
        shown, _ = process.communicate(timeout=60)
    assert process.returncode == status
    recording = inspector.load(file)
    assert (recording.response, recording.end.how) == (None, "abandoned")
    assert b"no response came" in shown
