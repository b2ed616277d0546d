"""`inspector export`: recordings in the formats of other tools."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import inspector
from inspector.cli import cli
from inspector.recording.bundled import bundled_recording

HELLO, CUT, SESSION = (str(bundled_recording(name)) for name in ("hello", "broken/cut_text", "tool_session"))


def run(*arguments):
    return CliRunner().invoke(cli, ["export", *map(str, arguments)])


def test_data_goes_to_stdout_and_what_is_lost_to_stderr():
    result = run(HELLO, "--format", "sse")
    assert result.exit_code == 0
    assert result.stdout_bytes == inspector.load(HELLO).body
    assert "not in sse: the times of the reads; the chunk boundaries" in result.stderr


def test_a_cut_end_is_said(tmp_path):
    result = run(CUT, HELLO, "-o", tmp_path / "two.yaml")
    assert "how the response ended" in result.stderr
    assert "cut_text.jsonl: cut" in result.stderr


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.har", b'{\n  "log"'),
        ("a.trace.json", b'{"traceEvents"'),
        ("a.yaml", b"interactions:"),
        ("a.csv", b"recording,number"),
        ("a.data.jsonl", b'{"type":"message_start"'),
    ],
)
def test_the_ending_of_the_output_names_the_format(name, begins, tmp_path):
    assert run(HELLO, "-o", tmp_path / name).exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_without_a_format_the_formats_are_named(tmp_path):
    result = run(HELLO, "-o", tmp_path / "a.bin")
    assert result.exit_code == 2
    assert "--format sse|curl|data|har" in result.stderr


def test_a_folder_gets_a_file_for_each_recording(tmp_path):
    assert run(SESSION, HELLO, "--format", "sse", "-o", f"{tmp_path}/out/").exit_code == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["hello.sse", "tool_session-2.sse", "tool_session.sse"]


def test_several_recordings_do_not_fit_into_one_body():
    result = run(SESSION, "--format", "curl")
    assert result.exit_code == 2
    assert "export to a folder" in result.stderr


def test_a_file_is_replaced_only_with_overwrite(tmp_path):
    file = tmp_path / "a.har"
    assert run(HELLO, "-o", file).exit_code == 0
    assert run(SESSION, "-o", file).exit_code == 3
    assert run(SESSION, "-o", file, "--overwrite").exit_code == 0
    assert len(json.loads(file.read_text())["log"]["entries"]) == 2


def test_what_can_be_read_is_exported_and_the_rest_is_said(tmp_path):
    (tmp_path / "no.jsonl").write_text("no\n")
    result = run(tmp_path / "no.jsonl", HELLO, "--format", "data")
    assert result.exit_code == 3
    assert result.stdout_bytes.startswith(b'{"type":"message_start"')
    assert "no.jsonl" in result.stderr


def test_a_recording_without_times_has_no_trace(tmp_path):
    run(HELLO, "-o", tmp_path / "bare.sse")
    result = run(tmp_path / "bare.sse", "--format", "trace")
    assert result.exit_code == 2
    assert "bare.sse has no times" in result.stderr


def test_a_recording_without_events_gets_no_empty_file(tmp_path):
    names = [str(bundled_recording(name)) for name in ("broken/no_response", "hello")]
    result = run(*names, "--format", "data", "-o", f"{tmp_path}/out/")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["hello.data.jsonl"]
    assert "no_response.jsonl: nothing in it for data, so it gets no file" in result.stderr
