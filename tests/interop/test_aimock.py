"""aimock serves the fixtures that are exported, and the SDK reads the recorded answers from it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time

import anthropic
import pytest
from conftest import ROOT
from installed import _modules, _program

import inspector
from inspector.formats.exporting import export

NAMES = ("hello", "thinking", "tool_use", "tools_parallel", "tool_session")


@pytest.fixture
def aimock(tmp_path):
    """Serve fixtures by aimock; return its URL."""
    running = []

    def start(recordings):
        (tmp_path / "fixtures.json").write_bytes(export(recordings, "aimock"))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        script = _modules() / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
        command = [_program("node"), str(script), "-p", str(port), "-f", str(tmp_path)]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                return f"http://127.0.0.1:{port}"
        pytest.fail("aimock does not answer")

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_sdk_reads_the_recorded_answers_from_aimock(aimock):
    recordings = [each for name in NAMES for each in inspector.load_all(ROOT / f"recordings/{name}.jsonl")]
    client = anthropic.Anthropic(api_key="none", base_url=aimock(recordings), max_retries=0)
    for recording in recordings:
        request = recording.request.json()
        request.pop("stream")
        with client.messages.stream(**request) as stream:
            message = stream.get_final_message().to_dict(warnings=False)
        recorded = recording.message()
        for block in recorded["content"]:
            block.pop("caller", None)  # aimock has no place for it
        assert message["content"] == recorded["content"]
        assert message["stop_reason"] == recorded["stop_reason"]
        assert message["usage"]["output_tokens"] == recorded["usage"]["output_tokens"]


def test_an_error_comes_with_its_status(aimock):
    recording = inspector.load(ROOT / "recordings/error_429.jsonl")
    client = anthropic.Anthropic(api_key="none", base_url=aimock([recording]), max_retries=0)
    request = recording.request.json()
    request.pop("stream", None)
    with pytest.raises(anthropic.RateLimitError), client.messages.stream(**request):
        pass
