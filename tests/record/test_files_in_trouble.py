"""Full disks, deleted folders and deleted files: what was written stays whole, and later recordings go on."""

from __future__ import annotations

import errno
import os
import shutil

import pytest
from loopback import Server, chunked, eventually, head
from recorded import BODY, PARTS, chunks_of

from inspector import Ending, RecordingWarning, load, load_all, tap
from inspector.record import files as files_module
from inspector.record import locking
from inspector.record.files import target_for

HEAD = b'{"recording":1,"at":"2026-11-20T18:00:00Z","request":{"method":"POST"}}\n'
END = b'{"t":2.000000,"end":"complete"}\n'


class Disk:
    """A disk with room for `free` more bytes."""

    def __init__(self, monkeypatch, free):
        self.free = free
        self._write = os.write
        self._cut = os.ftruncate
        monkeypatch.setattr(files_module.os, "write", self.write)
        monkeypatch.setattr(files_module.os, "ftruncate", self.cut)

    def write(self, file, data):
        if not self.free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        size = self._write(file, bytes(data)[: self.free])
        self.free -= size
        return size

    def cut(self, file, size):
        self.free += os.fstat(file).st_size - size
        self._cut(file, size)


def open_files():
    return set(os.listdir("/proc/self/fd"))  # noqa: PTH208


@pytest.fixture(autouse=True)
def nothing_stays_open_or_locked():
    before = open_files()
    yield
    assert eventually(lambda: open_files() <= before)
    assert not locking._holders


@pytest.mark.parametrize("place", ["", "session.jsonl"])
@pytest.mark.parametrize("free", [0, 10, 1500])
def test_a_full_disk_leaves_whole_lines_is_said_once_and_later_recordings_go_on(
    library, tmp_path, monkeypatch, place, free
):
    hooks = tap(tmp_path / place)
    disk = Disk(monkeypatch, free)
    with Server(chunked(PARTS)) as server, library.Client(event_hooks=hooks) as client:
        with pytest.warns(RecordingWarning, match="No space left on device") as warned:
            for _ in range(3):
                assert client.get(server.url).content == BODY
        assert len(warned) == 1
        for file in tmp_path.iterdir():
            assert file.read_bytes().endswith(b"\n")
        disk.free = 1_000_000
        client.get(server.url)
        client.get(server.url)
    recordings = [r for file in sorted(tmp_path.iterdir()) for r in load_all(file)]
    assert [r.body for r in recordings[-2:]] == [BODY] * 2
    assert not any(r.torn for r in recordings)


def test_a_full_disk_while_a_torn_line_is_ended_leaves_no_lock(library, tmp_path, monkeypatch):
    file = tmp_path / "s.jsonl"
    file.write_bytes(HEAD + END[:9])
    disk = Disk(monkeypatch, 0)
    target = target_for(file)
    with pytest.raises(OSError, match="No space left"):
        target.open("one")
    disk.free = 1000
    sink = target.open("one")
    assert sink.path == file
    sink.finish()


@pytest.mark.parametrize("free", [0, 1, len(HEAD), len(HEAD + END) - 1])
def test_a_recording_that_finds_no_room_in_the_file_keeps_waiting(tmp_path, monkeypatch, free):
    file = tmp_path / "s.jsonl"
    target = target_for(file)
    sinks = [target.open("one"), target.open("two")]
    for sink in sinks:
        sink.write(HEAD + END)
    sinks[1].finish()
    disk = Disk(monkeypatch, free)
    with pytest.raises(OSError, match="No space left"):
        sinks[0].finish()
    assert file.read_bytes() == HEAD + END
    disk.free = 1000
    target.append_waiting()
    assert file.read_bytes() == (HEAD + END) * 2
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("place", ["made", "made/session.jsonl"])
def test_a_folder_that_was_deleted_is_made_again_and_that_is_said(library, tmp_path, place):
    (tmp_path / "made").mkdir()
    hooks = tap(tmp_path / place)
    with Server(chunked(PARTS)) as server, library.Client(event_hooks=hooks) as client:
        client.get(server.url)
        shutil.rmtree(tmp_path / "made")
        with pytest.warns(RecordingWarning, match=r"made: somebody deleted this folder; it is made again"):
            client.get(server.url)
    assert [r.body for r in load_all(tmp_path / "made")] == [BODY]


@pytest.mark.parametrize("place", ["made", "made/session.jsonl"])
def test_a_recording_whose_file_is_deleted_goes_on_in_another_and_has_all(library, tmp_path, place):
    folder = tmp_path / "made"
    folder.mkdir()

    def delete():
        assert eventually(lambda: any(b'"n":2' in file.read_bytes() for file in folder.iterdir()))
        shutil.rmtree(folder)

    script = chunked(PARTS)
    script[3:3] = [delete]
    with (
        Server(script) as server,
        library.Client(event_hooks=tap(tmp_path / place)) as client,
        pytest.warns(RecordingWarning, match="somebody deleted this f"),
    ):
        client.get(server.url)
    (file,) = folder.iterdir()
    recording = load(file)
    assert (chunks_of(recording), recording.end.how) == (PARTS, Ending.COMPLETE)


def test_an_unwritable_first_line_leaves_no_empty_file(library, tmp_path, monkeypatch):
    Disk(monkeypatch, 10)
    script = [head(content_length=2), b"{}"]
    with (
        Server(script) as server,
        library.Client(event_hooks=tap(tmp_path)) as client,
        pytest.warns(RecordingWarning, match="No space left"),
    ):
        client.get(server.url)
    assert list(tmp_path.iterdir()) == []


def test_a_whole_block_after_parts_replaces_them_in_a_deleted_file_too(library, tmp_path):
    """What a recording had in its file is copied as it stands."""
    half = len(PARTS[0]) // 2

    def delete():
        assert eventually(lambda: any(b'"part"' in file.read_bytes() for file in tmp_path.iterdir()))
        for file in tmp_path.iterdir():
            file.unlink()

    script = [
        head(transfer_encoding="chunked"),
        *chunked([PARTS[0][:half]])[1:-1],
        delete,
        *chunked([PARTS[0][half:]])[1:],
    ]
    with (
        Server(script) as server,
        library.Client(event_hooks=tap(tmp_path)) as client,
        pytest.warns(RecordingWarning, match="somebody deleted this file"),
    ):
        client.get(server.url)
    (file,) = tmp_path.iterdir()
    assert chunks_of(load(file)) == [PARTS[0][:half], PARTS[0][half:]]
