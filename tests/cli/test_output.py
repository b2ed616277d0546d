"""`-o FILE`: when a file is created, replaced or extended."""

from __future__ import annotations

from pathlib import Path

import pytest
from loopback import Server, chunked
from stream_command import WHOLE, stream

import inspector


def test_an_existing_file_is_not_overwritten_without_an_option(tmp_path):
    file = tmp_path / "r.jsonl"
    file.write_text("mine\n")
    result = stream("-o", str(file), script=chunked(WHOLE))
    assert result.exit_code == 3
    assert "--overwrite" in result.stderr
    assert file.read_text() == "mine\n"


def test_it_is_replaced_with_overwrite_and_extended_with_append(tmp_path):
    file = tmp_path / "r.jsonl"
    stream("-o", str(file), script=chunked(WHOLE))
    stream("-o", str(file), "--append", script=chunked(WHOLE))
    assert len(inspector.load_all(file)) == 2
    stream("-o", str(file), "--overwrite", script=chunked(WHOLE))
    assert len(inspector.load_all(file)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["r.jsonl"]


@pytest.mark.parametrize("path, message", [("no/r.jsonl", "no such folder"), (".", "this is a folder")])
def test_a_path_that_cannot_be_a_file_is_reported_before_any_request(tmp_path, path, message):
    with Server(chunked(WHOLE)) as server:
        result = stream("hi", "--base-url", server.url, "-o", str(tmp_path / path))
    assert result.exit_code == 3
    assert message in result.stderr
    assert server.requests == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_reported_and_the_stream_goes_on():
    result = stream("-o", "/dev/full", "--append", "--format", "text", script=chunked(WHOLE))
    assert result.stdout == "Hello\n"
    assert "No space left" in result.stderr
    assert result.exit_code == 3
