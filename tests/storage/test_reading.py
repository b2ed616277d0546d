"""Reading sources: a plain file is one member, and what cannot be read says why."""

from __future__ import annotations

import hashlib

import pytest
from archive_files import archive

from inspector.errors import RecordingError
from inspector.storage import Source, Unread, listed, opened, read


def test_a_file_is_opened_by_its_name(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"abc")
    with opened(path) as file:
        assert file.read() == b"abc"
    assert file.closed


@pytest.mark.parametrize(
    "name, message", [("none", "cannot be read: No such file"), ("", "this is a folder")]
)
def test_what_cannot_be_opened_is_a_recording_error(tmp_path, name, message):
    with pytest.raises(RecordingError, match=message), opened(tmp_path / name):
        pass


def test_the_members_of_a_folder_are_its_files(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(name.encode())
    sources = list(listed(tmp_path))
    texts = {member.name: (member.file.read(), member.size, member.source) for member in read(sources)}
    assert texts == {
        str(tmp_path / "a.jsonl"): (b"a", 1, sources[0]),
        str(tmp_path / "b.jsonl"): (b"b", 1, sources[1]),
    }


def test_a_file_that_vanished_is_unread_and_the_rest_goes_on(tmp_path):
    (tmp_path / "b.jsonl").write_bytes(b"b")
    gone, there = Source(str(tmp_path / "a.jsonl")), Source(str(tmp_path / "b.jsonl"))
    first, second = read([gone, there])
    assert first == Unread(gone, gone.name, "cannot be read: No such file or directory")
    assert str(first.error()) == f"{gone.name}: {first.message}"
    assert second.name == there.name


def test_a_digest_is_of_all_bytes_however_much_of_them_was_read(tmp_path):
    data = b"0123456789" * 100_000
    (tmp_path / "a.jsonl").write_bytes(data)
    for size in (0, 1, 70_000, -1):
        for member in read(listed(tmp_path), digests=True):
            member.file.read(size)
            assert member.digest() == hashlib.sha256(data).hexdigest()


def test_without_hashing_there_is_no_digest(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b"abc")
    for member in read(listed(tmp_path)):
        with pytest.raises(ValueError, match="digests=True"):
            member.digest()


def test_members_by_their_names_are_read_among_other_sources(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b"a")
    archived = tmp_path / "x.tar"
    archived.write_bytes(archive(("b.jsonl", b"b"), ("c.jsonl", b"c")))
    names = [f"{archived}/b.jsonl", str(tmp_path / "a.jsonl"), f"{archived}/c.jsonl", f"{archived}/none"]
    sources = [source for name in names for source in listed(name)]
    assert [each.name for each in sources] == names
    said = [each.message if isinstance(each, Unread) else each.file.read() for each in read(sources)]
    assert said == [b"b", b"a", b"c", "this archive has no such member"]
