"""`-o FILE`: when a file is created, replaced or extended."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from loopback import STALL, Server, chunked
from stream_command import WHOLE, start, stream, take_signals

import inspector
from inspector import Ending
from inspector.cli import cli
from inspector.cli._output import recording_to
from inspector.cli._signals import ending_on_signals
from inspector.errors import RecordingError


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


@pytest.mark.parametrize("name, status", [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
@pytest.mark.parametrize("option", ["-o", "--overwrite"])
def test_a_signal_ends_a_recording_and_leaves_nothing_else(tmp_path, name, status, option):
    file = tmp_path / "r.jsonl"
    if option == "--overwrite":
        file.write_text("old\n")
    script = [*chunked(WHOLE[:3])[:-1], STALL]
    with Server(script) as server:
        options = ["hi", "--base-url", server.url, "-o", str(file), "--format", "jsonl", "--overwrite"]
        process = start(*options, stderr=subprocess.PIPE, preexec_fn=take_signals)
        for line in process.stdout:
            if b"ping" in line:
                break
        process.send_signal(getattr(signal, name))
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (status, b"inspector: the reader stopped before the end\n")
    recording = inspector.load(file)
    assert (recording.body, recording.end.how) == (b"".join(WHOLE[:3]), Ending.ABANDONED)
    assert [path.name for path in tmp_path.iterdir()] == ["r.jsonl"]


def test_a_signal_that_is_ignored_stays_ignored(tmp_path):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_on_signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_DFL, signal.SIG_IGN)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_full_disk_never_replaces_a_good_recording(tmp_path, monkeypatch):
    file = tmp_path / "r.jsonl"
    stream("-o", str(file), script=chunked(WHOLE))
    good = file.read_bytes()
    write, left = os.write, [len(good) - 20]

    def full(descriptor, data):
        if not left[0]:
            raise OSError(28, "No space left on device")
        size = write(descriptor, bytes(data)[: left[0]])
        left[0] -= size
        return size

    monkeypatch.setattr("inspector.record.files.os.write", full)
    result = stream("-o", str(file), "--overwrite", script=chunked(WHOLE))
    monkeypatch.undo()
    assert result.exit_code == 3
    assert file.read_bytes() == good
    (new,) = (tmp_path / "r.jsonl.waiting").iterdir()
    assert f"{file} stays as it was, for the new recording is not whole: it is in {new}" in result.stderr
    assert not inspector.load(new).torn
    shown = CliRunner().invoke(cli, ["show", str(file)])
    assert f"{file}: 1 recording is not in this file but in {file}.waiting" in shown.stderr


@pytest.mark.parametrize("held", ["hello\n", "log:\n  version: 1\n", '{"a": 1}\n'])
def test_a_file_that_holds_something_else_is_refused_before_anything_is_recorded(held, tmp_path):
    file = tmp_path / "notes.jsonl"
    file.write_text(held)
    with (
        pytest.raises(RecordingError, match="holds no recordings"),
        recording_to(str(file), overwrite=False, append=True),
    ):
        pass
    with pytest.raises(RecordingError, match="holds no recordings"):
        inspector.tap(file)
    assert file.read_text() == held


@pytest.mark.parametrize("held", ["", "\n", '{"rec', '{"recording":1}\n'])
def test_a_file_of_recordings_and_what_a_dead_process_left_are_appended_to(held, tmp_path):
    file = tmp_path / "session.jsonl"
    file.write_text(held)
    with recording_to(str(file), overwrite=False, append=True) as target:
        assert target.path == file
