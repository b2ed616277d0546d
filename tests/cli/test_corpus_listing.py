"""The sources of all arguments, one after another, and what is wrong with arguments."""

from __future__ import annotations

import tarfile

import pytest

from inspector.cli import _corpus_listing
from inspector.cli._corpus_listing import Listing
from inspector.errors import RecordingError
from inspector.storage import Source


def folder_with(folder, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")
    return str(folder)


def names(listing):
    return [source.name.rpartition("/")[2] for source in listing]


def test_the_sources_of_the_arguments_come_in_their_order_and_are_counted(tmp_path):
    listing = Listing(["-", folder_with(tmp_path / "a", "2.jsonl", "10.jsonl"), "none.jsonl"])
    assert (listing.count, listing.complete) == (0, False)
    assert names(listing) == ["-", "2.jsonl", "10.jsonl", "none.jsonl"]
    assert (listing.count, listing.complete, listing.errors()) == (4, True, [])


def test_a_look_at_the_first_sources_takes_none_away(tmp_path):
    listing = Listing([folder_with(tmp_path / "a", "1.jsonl", "2.jsonl", "3.jsonl")])
    assert names(listing.peek(2)) == ["1.jsonl", "2.jsonl"]
    assert names(listing.peek(1)) == ["1.jsonl"]
    assert names(listing) == ["1.jsonl", "2.jsonl", "3.jsonl"]


def test_an_argument_that_cannot_be_listed_keeps_nobody_from_the_others(tmp_path):
    listing = Listing([folder_with(tmp_path / "empty"), folder_with(tmp_path / "a", "1.jsonl")])
    assert names(listing) == ["1.jsonl"]
    (error,) = listing.errors()
    assert "no recordings in this folder: it is empty" in str(error)


@pytest.mark.parametrize(
    ("empty", "which"), [([], []), ([0], []), ([0, 1], ["a"]), ([2, 3], []), ([0, 1, 4], ["a", "c"])]
)
def test_an_argument_of_which_every_source_holds_something_else_is_an_error(tmp_path, empty, which):
    folders = [
        folder_with(tmp_path / "a", "1.json", "2.json"),
        folder_with(tmp_path / "b", "1.jsonl", "2.json"),
        folder_with(tmp_path / "c", "1.txt"),
    ]
    listing = Listing(folders)
    assert len(list(listing)) == 5
    listing.note_empty(empty)
    assert [error.path for error in listing.errors()] == [str(tmp_path / each) for each in which]
    assert all("no recordings in this folder: it holds " in str(error) for error in listing.errors())


@pytest.mark.parametrize("taken", range(6))
def test_nothing_is_said_of_an_argument_that_is_not_listed_to_its_end(tmp_path, monkeypatch, taken):
    monkeypatch.chdir(tmp_path)
    folders = [folder_with(tmp_path / each, "1.json", "2.json") for each in "abc"]
    listing = Listing(folders)
    assert listing.errors() == []
    assert len(listing.peek(taken)) == taken
    listing.note_empty(range(taken))
    ended = max(0, taken - 1) // 2  # the next source shows that an argument was listed to its end
    assert [error.path for error in listing.errors()] == folders[:ended]
    list(listing)
    assert [error.path for error in listing.errors()] == folders[: taken // 2]


def test_nothing_is_said_of_an_argument_whose_listing_has_just_begun(monkeypatch):
    def broken_off(name):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(_corpus_listing, "listed", broken_off)
    listing = Listing(["s3://captures/"])
    with pytest.raises(KeyboardInterrupt):
        list(listing)
    assert listing.errors() == []


def test_paths_are_made_absolute_for_workers_that_stand_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder_with(tmp_path / "a", "1.jsonl")
    assert next(iter(Listing(["a"]))).name == "a/1.jsonl"
    assert next(iter(Listing(["a"], absolute=True))).name == str(tmp_path / "a" / "1.jsonl")
    assert Listing(["s3://b/a", "-"], absolute=True).arguments == ["s3://b/a", "-"]


def test_files_that_recordings_wait_for_are_named_unless_those_are_read_too(tmp_path):
    file = tmp_path / "s.jsonl"
    file.write_bytes(b"")
    waiting = folder_with(tmp_path / "s.jsonl.waiting", "1-1.jsonl")
    for arguments, count in (([str(file)], 1), ([str(tmp_path)], 0), ([str(file), waiting], 0)):
        listing = Listing(arguments)
        assert all(isinstance(source, Source) for source in listing)
        assert len(list(listing.notices())) == count, arguments


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["a"], True),
        (["a", "a/1.jsonl", "a/*.jsonl"], True),
        (["packed.tar/1.jsonl"], True),
        (["hello"], True),
        (["a", "tyop"], False),
        (["empty", "a"], False),
        (["a", "a/*.sse"], False),
        (["packed.tar/2.jsonl"], True),  # to look into the archive is to read it
    ],
)
def test_whether_all_that_was_named_is_there(tmp_path, monkeypatch, arguments, found):
    monkeypatch.chdir(tmp_path)
    folder_with(tmp_path / "a", "1.jsonl")
    folder_with(tmp_path / "empty")
    with tarfile.open("packed.tar", "w") as archive:
        archive.add("a/1.jsonl", "1.jsonl")
    listing = Listing(arguments)
    assert not listing.all_found  # before it is complete
    list(listing)
    assert listing.all_found is found


def test_a_folder_below_that_cannot_be_listed_is_not_what_was_named(monkeypatch):
    there = Source("x.jsonl", 5, 1.0)
    for argument, path, found in (
        ("a", "a/below", True),
        ("a/", "a", False),
        ("a", None, False),
        ("s3://captures/2026", "s3://captures", False),
    ):
        error = RecordingError("no", path=path)
        monkeypatch.setattr(_corpus_listing, "listed", lambda name, error=error: iter([error, there]))
        listing = Listing([argument])
        list(listing)
        assert listing.all_found is found, argument
