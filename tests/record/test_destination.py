"""If a recording cannot be written, there is one warning, and the stream goes on."""

from __future__ import annotations

import io
import re

import pytest
from loopback import Server, chunked
from recorded import PARTS

from inspector import End, Head, RecordingWarning, TimedBlock, load, tap
from inspector.record.files import target_for
from inspector.record.journal import Journal
from inspector.record.tap import Tap


def below_a_file(tmp_path):
    (tmp_path / "file").write_text("in the way")
    return tmp_path / "file" / "folder"


def a_dangling_link(tmp_path):
    (tmp_path / "r.jsonl").symlink_to(tmp_path / "none" / "r.jsonl")
    return tmp_path / "r.jsonl"


@pytest.mark.parametrize("place", [below_a_file, a_dangling_link, lambda tmp_path: "/dev/full"])
def test_a_tap_that_cannot_write_warns_once_and_the_stream_goes_on(caller, tmp_path, place):
    path = place(tmp_path)
    hooks = tap(path)
    with Server(chunked(PARTS)) as server:
        bare = caller.fetch(server.url)
        with pytest.warns(RecordingWarning) as warned:
            tapped = caller.fetch(server.url, event_hooks=hooks)
    assert tapped.seen == bare.seen
    (message,) = [str(warning.message) for warning in warned]
    assert re.fullmatch(f"recording stopped: {path}.*: .+; the stream itself goes on", message)
    assert hooks.failure in message


def test_if_warnings_are_errors_a_tap_that_cannot_write_prints_to_stderr_and_raises_nothing(
    caller, tmp_path, capsys
):
    with Server(chunked(PARTS)) as server:
        bare = caller.fetch(server.url)
        tapped = caller.fetch(server.url, event_hooks=tap("/dev/full"))
    assert tapped.seen == bare.seen
    assert "inspector: recording stopped: /dev/full: No space left on device" in capsys.readouterr().err


def test_if_stderr_is_closed_too_a_tap_that_cannot_write_still_raises_nothing(caller, monkeypatch):
    stderr = io.StringIO()
    stderr.close()
    with Server(chunked(PARTS)) as server:
        bare = caller.fetch(server.url)
        monkeypatch.setattr("sys.stderr", stderr)
        tapped = caller.fetch(server.url, event_hooks=tap("/dev/full"))
    assert tapped.seen == bare.seen


class Broken:
    """A standard error that raises whatever one does with it."""

    def __getattr__(self, name):
        raise RuntimeError("dead")


@pytest.mark.parametrize("stderr", [None, Broken(), object()], ids=["none", "broken", "no file"])
def test_a_dead_stderr_raises_nothing_and_stdout_stays_clean(caller, monkeypatch, capsys, stderr):
    with Server(chunked(PARTS)) as server:
        bare = caller.fetch(server.url)
        with monkeypatch.context() as patch:
            patch.setattr("sys.stderr", stderr)
            tapped = caller.fetch(server.url, event_hooks=tap("/dev/full"))
    assert tapped.seen == bare.seen
    assert capsys.readouterr().out == ""


def test_an_observer_gets_every_value_of_the_recording_in_order(caller, tmp_path):
    values = []
    hooks = Tap(Journal(target_for(tmp_path / "r.jsonl"), values.append, interval=0.01))
    with Server(chunked(PARTS)) as server:
        caller.fetch(server.url, event_hooks=hooks)
    recording = load(tmp_path / "r.jsonl")
    assert values == [recording.head, *recording.blocks, recording.end]


def test_an_observer_still_gets_every_value_after_writing_has_failed(caller):
    values = []
    hooks = Tap(Journal(target_for("/dev/full"), values.append, interval=0.01))
    with Server(chunked(PARTS)) as server, pytest.warns(RecordingWarning, match="No space left"):
        caller.fetch(server.url, event_hooks=hooks)
    assert [type(value) for value in values] == [Head, *[TimedBlock] * 5, End]
