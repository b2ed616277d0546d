"""`inspector show --follow` prints each event when its line is written, and ends with the recording."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner
from conftest import ROOT
from terminal_emulator import Terminal, on_terminal

from inspector.cli import cli

LINES = (ROOT / "recordings" / "thinking.jsonl").read_bytes().splitlines(keepends=True)


def following(file, *options):
    command = [sys.executable, "-m", "inspector", "show", "--follow", str(file), *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_into_a_pipe_each_event_comes_when_its_line_is_written(tmp_path):
    file = tmp_path / "r.jsonl"
    with following(file, "--format", "events") as process, file.open("ab", buffering=0) as writer:
        writer.write(LINES[0])
        for line in LINES[1:6]:
            writer.write(line[:20])
            writer.write(line[20:])
            assert json.loads(process.stdout.readline()) == json.loads(line)["data"]
        writer.write(b"".join(LINES[6:]))
        assert len(process.stdout.read().splitlines()) == len(LINES) - 7
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_with_a_summary_of_what_has_come(number, status, tmp_path):
    file = tmp_path / "r.jsonl"
    file.write_bytes(b"".join(LINES[:5]))
    with following(file) as process:
        lines = [process.stdout.readline() for _ in range(6)]
        process.send_signal(number)
        rest = process.stdout.read()
        assert process.stderr.read() == b""
    assert process.returncode == status
    assert b"message_start" in b"".join(lines)
    assert b"interrupted: what follows is not shown" in rest
    assert b"without an end" not in rest


def test_on_a_terminal_it_waits_for_the_file_and_folds(tmp_path):
    file, seen = tmp_path / "r.jsonl", []

    def write(_, text, __):
        if "waiting" in text and not seen:
            seen.append(text)
            file.write_bytes(b"".join(LINES))

    status, live = on_terminal("show", "--follow", str(file), seen=write)
    terminal = Terminal()
    terminal.feed(live)
    assert status == 0
    assert f"for a recording in {str(file)[:20]}" in "".join(seen)
    assert "waiting" not in terminal.text
    assert "deltas" in terminal.text
    assert "complete at" in terminal.text


@pytest.mark.parametrize("arguments", [("a.jsonl", "b.jsonl"), ("-",), ("a.jsonl", "--sdk")])
def test_it_is_for_one_file_that_can_grow(arguments):
    result = CliRunner().invoke(cli, ["show", "--follow", *arguments])
    assert (result.exit_code, "--follow is for" in result.stderr) == (2, True)


def test_what_is_no_recording_is_one_line_and_status_3(tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_bytes(b"once upon a time\nthere was\n")
    result = CliRunner().invoke(cli, ["show", "--follow", str(file)])
    assert result.exit_code == 3
    assert result.stderr.startswith(f"inspector: {file}:1: not a recording")
