"""Streams of real servers come through everything unchanged: a socket, the SDK, the tap, a file, and back."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner
from conftest import CORPUS
from loopback import Server, chunked, encoded

import inspector
from inspector.cli import cli

STREAMS = sorted(CORPUS.glob("**/*.sse"))

pytestmark = pytest.mark.skipif(
    not STREAMS, reason=f"the streams of real servers are not here: there is no {CORPUS}"
)


def through(script, tmp_path, *redaction):
    """Call a server that plays `script` with `inspector stream -o`, and return the recorded body.

    Gateways write the ids of their requests into events: without `redaction` they stay as they are.
    """
    file = tmp_path / "recording.jsonl"
    with Server(script) as server:
        options = ["stream", "hello", "--base-url", server.url, "-o", str(file), "--format", "text"]
        options += redaction or ["--redact", "no-ids"]
        result = CliRunner(env={"ANTHROPIC_API_KEY": "none"}).invoke(cli, options)
    assert result.exit_code in (0, 4), result.output
    shown = CliRunner().invoke(cli, ["show", "--format", "raw", str(file)])
    assert shown.exit_code == 0
    return shown.stdout_bytes


def blocks(body):
    return re.findall(rb".*?\n\n|.+", body, re.DOTALL)


def name(path):
    return path.stem[-60:]


@pytest.mark.parametrize("path", STREAMS, ids=name)
def test_a_block_a_chunk(path, tmp_path):
    body = path.read_bytes()
    assert through(chunked(blocks(body)), tmp_path) == body


@pytest.mark.parametrize("path", [p for p in STREAMS if b"req_" in p.read_bytes()], ids=name)
def test_with_pseudonyms_it_is_the_body_that_redaction_makes_of_the_file(path, tmp_path):
    body = path.read_bytes()
    redaction = inspector.Redaction(key="the same for both")
    expected = inspector.redacted(inspector.load(path), redaction).body
    assert expected != body
    assert through(chunked(blocks(body)), tmp_path, "--redact-key", "the same for both") == expected


@pytest.mark.parametrize("path", [p for p in STREAMS if p.stat().st_size < 2500], ids=name)
def test_one_byte_a_chunk(path, tmp_path):
    body = path.read_bytes()
    assert through(chunked(body[i : i + 1] for i in range(len(body))), tmp_path) == body


@pytest.mark.parametrize("path", STREAMS[::7], ids=name)
def test_crlf(path, tmp_path):
    body = path.read_bytes().replace(b"\n", b"\r\n")
    assert through(chunked([body[i : i + 333] for i in range(0, len(body), 333)]), tmp_path) == body


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("path", STREAMS[::20], ids=name)
def test_content_codings(path, coding, tmp_path):
    body = path.read_bytes()
    assert through(encoded(blocks(body), coding), tmp_path) == body
