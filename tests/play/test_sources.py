"""Recordings to play from: where they come from, and when a file is read."""

from __future__ import annotations

import pytest
from conftest import ROOT
from small_recordings import large_lines, small

from inspector import FormatError, RecordingError, load, load_all, save
from inspector.play.sources import Source, loaded, sources
from inspector.recording import dump

FOLDER = ROOT / "recordings"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A large file of one recording."""
    file = tmp_path_factory.mktemp("large") / "large.jsonl"
    file.write_bytes(b"".join(large_lines()[1]))
    return file


@pytest.fixture
def session(tmp_path, large):
    """A large file of two recordings."""
    file = tmp_path / "session.jsonl"
    file.write_bytes(large.read_bytes() + b"".join(dump(small(b"and more"))))
    return file


def test_files_folders_sessions_and_recordings_in_memory_come_in_order(tmp_path):
    save([small(b"1"), small(b"2")], tmp_path / "b.jsonl")
    save(small(b"0"), tmp_path / "a.jsonl")
    several = list(sources([tmp_path, small(b"3"), str(tmp_path / "a.jsonl")]))
    assert [source.recording().body for source in several] == [b"0", b"1", b"2", b"3", b"0"]
    assert [source.name for source in several] == [
        f"{tmp_path}/a.jsonl",
        f"{tmp_path}/b.jsonl#1",
        f"{tmp_path}/b.jsonl#2",
        "a recording in memory",
        f"{tmp_path}/a.jsonl",
    ]


def test_a_source_can_be_played_again_and_again(large):
    for source in (Source.of(small(b"1", b"2")), *sources([large])):
        first, second = source.play(), source.play()
        assert list(first) == list(second)
        assert first.end == second.end == source.recording().end


def test_the_end_of_a_large_file_is_known_after_its_last_block(large):
    playback = next(sources([large])).play()
    chunks = iter(playback)
    next(chunks)
    assert playback.end is None
    list(chunks)
    assert playback.end == load(large).end


def test_a_large_file_is_the_recording_that_it_holds(large):
    (source,) = sources([large])
    assert source.recording() == load(large)
    assert source.recording().source == source.name == str(large)
    assert source.others() == []


def test_of_a_large_session_the_first_recording_is_enough_to_begin(session):
    (first,) = sources([session])
    assert list(first.play()) == list(load_all(session)[0].chunks())
    assert [(each.name, each.recording().body) for each in first.others()] == [(f"{session}#2", b"and more")]


def test_a_large_file_is_read_no_further_than_it_is_played(tmp_path, large):
    file = tmp_path / "broken.jsonl"
    lines = large.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:9], b"no line\n", *lines[9:]]))
    chunks = iter(next(sources([file])).play())
    assert [next(chunks)[1] for _ in range(7)] == large_lines()[0][:7]
    with pytest.raises(FormatError) as raised:
        list(chunks)
    assert raised.value.line == 10


def test_loaded_is_every_recording_whole(session):
    assert loaded([session, FOLDER / "hello.jsonl"]) == [*load_all(session), load(FOLDER / "hello.jsonl")]
    assert [each.source for each in loaded([session, small(b"1")])] == [
        str(session),
        f"{session}#2",
        "a recording in memory",
    ]


@pytest.mark.parametrize("name", ["hello", "hello.jsonl", "broken/no_end"])
def test_the_name_of_a_bundled_recording_means_it(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (source,) = sources([name])
    assert source.name == name.removesuffix(".jsonl")


def test_a_file_comes_before_a_bundled_recording_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(small(b"mine"), "hello.jsonl")
    (source,) = sources(["hello.jsonl"])
    assert source.recording().body == b"mine"


@pytest.mark.parametrize("path", ["none.jsonl", ROOT / "pyproject.toml", ROOT / "tests"])
def test_a_path_that_is_no_recording_is_refused(path):
    with pytest.raises(RecordingError):
        list(sources([path]))
