"""If a recording cannot be written, there is one warning, and the stream goes on."""

from __future__ import annotations

import io
import re

import pytest
from loopback import Server, chunked
from recorded import PARTS, Seeing

from inspector import End, Ending, Head, RecordingWarning, Request, TimedBlock, load, tap
from inspector.record.files import target_for
from inspector.record.journal import Journal
from inspector.record.tap import Tap

HEAD = Head("2026-11-21T02:00:00.000000Z", Request("GET", "http://nowhere.test/", {}), None)


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
    hooks = Tap(Journal(target_for(tmp_path / "r.jsonl"), lambda: Seeing(values.append), interval=0.01))
    with Server(chunked(PARTS)) as server:
        caller.fetch(server.url, event_hooks=hooks)
    recording = load(tmp_path / "r.jsonl")
    assert values == [recording.head, *recording.blocks, recording.end]


def test_an_observer_still_gets_every_value_after_writing_has_failed(caller):
    values = []
    hooks = Tap(Journal(target_for("/dev/full"), lambda: Seeing(values.append), interval=0.01))
    with Server(chunked(PARTS)) as server, pytest.warns(RecordingWarning, match="No space left"):
        caller.fetch(server.url, event_hooks=hooks)
    assert [type(value) for value in values] == [Head, *[TimedBlock] * 5, End]


def test_each_recording_has_an_observer_of_its_own_also_when_responses_overlap(tmp_path):
    """Observers are made when requests are sent, and each sees one recording, whatever comes in between."""
    seen = []

    def observe():
        seen.append([])
        return Seeing(seen[-1].append)

    journal = Journal(target_for(tmp_path / "r.jsonl"), observe, interval=30)
    first, second = journal.observer(), journal.observer()
    later = journal.begin(HEAD, sent=0.0, mask=bytes, observer=second)
    earlier = journal.begin(HEAD, sent=0.0, mask=bytes, observer=first)
    for at, track in enumerate((later, earlier, later, earlier)):
        track.note(at, b"data: %d\n\n" % at)
        journal.flush()
    later.finish(5.0, Ending.COMPLETE)
    earlier.finish(6.0, Ending.CUT)
    data = [[value.data for value in values if isinstance(value, TimedBlock)] for values in seen]
    assert data == [[b"1", b"3"], [b"0", b"2"]]
    assert [values[-1].how for values in seen] == [Ending.CUT, Ending.COMPLETE]


def named(folder, before, after, how=Ending.COMPLETE):
    """Record a response whose observer changes the file's name at the end; give the name in between."""
    observer = Seeing(lambda value: None, before)
    journal = Journal(target_for(folder), lambda: observer, interval=30)
    track = journal.begin(HEAD, sent=0.0, mask=bytes)
    journal.flush()
    (between,) = (file.name for file in folder.iterdir() if file.name.startswith(before))
    observer.file_name = after
    track.finish(1.0, how)
    return between


def test_an_observer_names_the_file_when_it_is_opened_and_when_it_is_finished(tmp_path):
    assert named(tmp_path, "1-open", "1-end_turn") == "1-open.jsonl"
    assert [file.name for file in tmp_path.iterdir()] == ["1-end_turn.jsonl"]
    assert load(tmp_path / "1-end_turn.jsonl").end == End(1.0, Ending.COMPLETE)


def test_a_name_that_exists_is_never_taken(tmp_path):
    (tmp_path / "1-end_turn.jsonl").write_text("of somebody else")
    named(tmp_path, "1-open", "1-end_turn")
    named(tmp_path, "1-open", "1-end_turn")
    assert (tmp_path / "1-end_turn.jsonl").read_text() == "of somebody else"
    assert [load(tmp_path / f"1-end_turn-{n}.jsonl").end.how for n in (2, 3)] == ["complete", "complete"]


def test_a_file_that_somebody_moved_before_its_end_gets_no_second_name(tmp_path, recwarn):
    observer = Seeing(lambda value: None, "1-open")
    journal = Journal(target_for(tmp_path), lambda: observer, interval=30)
    track = journal.begin(HEAD, sent=0.0, mask=bytes)
    journal.flush()
    (tmp_path / "1-open.jsonl").rename(tmp_path / "mine.jsonl")
    observer.file_name = "1-end_turn"
    track.finish(1.0, Ending.COMPLETE)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.jsonl"]
    assert load(tmp_path / "mine.jsonl").end is not None
    assert not recwarn
