"""aimock serves the fixtures that are exported, and the SDK reads the recorded answers from it."""

from __future__ import annotations

import contextlib

import anthropic
import pytest
from conftest import ROOT
from gateways.model_servers import aimock

import inspector
from inspector.formats.exporting import export

NAMES = ("hello", "thinking", "tool_use", "tools_parallel", "tool_session")


@pytest.fixture
def client_of(tmp_path):
    """Serve recordings by aimock; return a client of it."""
    with contextlib.ExitStack() as running:

        def start(recordings):
            server = running.enter_context(aimock(tmp_path, export(recordings, "aimock")))
            return anthropic.Anthropic(api_key="none", base_url=server.url, max_retries=0)

        yield start


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_sdk_reads_the_recorded_answers_from_aimock(client_of):
    recordings = [each for name in NAMES for each in inspector.load_all(ROOT / f"recordings/{name}.jsonl")]
    client = client_of(recordings)
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


def test_an_error_comes_with_its_status(client_of):
    recording = inspector.load(ROOT / "recordings/error_429.jsonl")
    client = client_of([recording])
    request = recording.request.json()
    request.pop("stream", None)
    with pytest.raises(anthropic.RateLimitError), client.messages.stream(**request):
        pass
