"""The options of redaction do the same for every command that records."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from conftest import ROOT

import inspector
from inspector.cli import cli


def stream(file, *options, **environment):
    arguments = [
        "stream",
        "--offline",
        "tool_use",
        "--speed",
        "1000",
        "-o",
        str(file),
        "--overwrite",
        *options,
    ]
    result = CliRunner().invoke(cli, [*arguments, *options], env=environment)
    assert result.exit_code == 0, result.output
    return result, inspector.load(file)


def request_id(recording):
    return recording.response.headers["request-id"]


def test_by_default_ids_are_pseudonyms_that_a_key_decides(tmp_path):
    file = tmp_path / "a.jsonl"
    ids = [
        request_id(stream(file, *options, **environment)[1])
        for options, environment in (
            ((), {}),
            (("--redact-key", "k"), {}),
            ((), {"INSPECTOR_REDACT_KEY": "k"}),
            ((), {"INSPECTOR_STREAM_REDACT_KEY": "k"}),
            (("--redact", "no-ids"), {}),
        )
    ]
    assert all(each.startswith("req_fa15e1d0") for each in ids[:4])
    assert ids[0] != ids[1] == ids[2] == ids[3]
    assert ids[4] == request_id(inspector.load(ROOT / "recordings" / "tool_use.jsonl"))


def test_content_and_patterns_are_hidden_in_the_file_and_not_on_the_screen(tmp_path):
    options = (
        "--redact",
        "prompts,tool-inputs",
        "--redact",
        "signatures",
        "--redact-pattern",
        r"tool=toolu_\w+",
    )
    result, recording = stream(tmp_path / "a.jsonl", *options)
    assert {"prompts", "tool", "tool-inputs"} <= recording.end.extra["redacted"].keys()
    tool = recording.message()["content"][0]
    assert set(tool["id"]) | set(tool["input"]["location"]) == {"*"}
    assert set(recording.request.json()["messages"][0]["content"]) == {"*"}
    assert "toolu_" in result.output


def test_without_a_file_the_screen_shows_the_id_that_support_knows():
    result = CliRunner().invoke(cli, ["stream", "--offline", "--speed", "1000"])
    assert request_id(inspector.load(ROOT / "recordings" / "hello.jsonl")) in result.output


def test_a_recording_on_standard_output_is_one_like_in_a_file():
    result = CliRunner().invoke(cli, ["stream", "--offline", "--speed", "1000", "--format", "jsonl"])
    head = json.loads(result.stdout.splitlines()[0])
    assert head["response"]["headers"]["request-id"].startswith("req_fa15e1d0")


@pytest.mark.parametrize("command", ["stream", "proxy", "redact"])
def test_every_command_that_writes_recordings_has_the_options(command):
    text = CliRunner().invoke(cli, [command, "--help"]).output
    assert all(
        option in text for option in ("--redact WHAT", "--redact-pattern NAME=REGEX", "--redact-key TEXT")
    )
