"""Cassettes that vcrpy itself loads, and from which the SDK is answered."""

from __future__ import annotations

import anthropic
import pytest
from conftest import ROOT
from sdk import OLD

import inspector
from inspector.formats.exporting import export

FILES = ("hello", "tool_use", "unicode", "thinking", "crlf", "error_429")


def cassette_of(name, tmp_path):
    path = tmp_path / "cassette.yaml"
    recording = inspector.load(ROOT / f"recordings/{name}.jsonl")
    path.write_bytes(export([recording], "vcrpy"))
    return recording, path


@pytest.mark.parametrize("name", FILES)
def test_vcrpy_loads_it(name, tmp_path):
    vcr = pytest.importorskip("vcr")
    recording, path = cassette_of(name, tmp_path)
    cassette = vcr.cassette.Cassette.load(path=str(path))
    (response,) = cassette.responses
    body = response["body"]["string"]
    assert (body if isinstance(body, bytes) else body.encode()) == recording.body
    assert response["status"]["code"] == recording.response.status


@pytest.mark.skipif(OLD, reason="one generation is enough: vcrpy patches what lies below both")
def test_the_sdk_is_answered_from_it(tmp_path):
    vcr = pytest.importorskip("vcr")
    recording, path = cassette_of("hello", tmp_path)
    request = recording.request.json()
    with vcr.use_cassette(str(path), record_mode="none"), anthropic.Anthropic(api_key="k") as client:
        request.pop("stream")
        with client.messages.stream(**request) as stream:
            assert stream.get_final_message().to_dict(warnings=False) == recording.message()
