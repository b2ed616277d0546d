"""A folder is listed in the order of its paths, in bounded memory, whatever else stands in it."""

from __future__ import annotations

import os
import re
import socket
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import RecordingError
from inspector.storage import Unread, listed, read
from inspector.storage.kinds import natural

NAMES = st.text("a1290.-_ é\n", min_size=1, max_size=6).filter(lambda name: name[0] != ".")


def natural_parts(name):
    """The order of names by its definition: numbers as numbers, and a point before all other characters."""
    parts = re.split(r"(\d+)", name.replace(".", "\0"))
    return [[int(each) if at % 2 else each for at, each in enumerate(parts)], name]


@given(NAMES, NAMES)
def test_numbers_sort_as_numbers_and_a_point_first(one, other):
    assert (natural(one) < natural(other)) is (natural_parts(one) < natural_parts(other))


ALIKE = ["a", "a1", "a01", "a2", "a10", "a.b", "a-b", "a10b", "1", "٣", "²"]


@given(st.permutations(ALIKE))
def test_names_have_one_order(names):
    assert sorted(names, key=natural) == sorted(ALIKE, key=natural_parts)


@settings(deadline=None, max_examples=50)
@given(st.sets(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=12))
def test_a_folder_is_listed_in_the_order_of_all_its_paths(tree):
    """The definition: all paths at once, sorted part by part."""
    with tempfile.TemporaryDirectory() as root:
        for name in tree:
            path = Path(root, f"{name}.jsonl")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        paths = [Path(parent, name) for parent, _, names in os.walk(root) for name in names]
        paths.sort(key=lambda path: [natural_parts(part) for part in path.parts])
        if paths:
            assert [each.name for each in listed(root)] == list(map(str, paths))


def strange(root):
    """Put things into a folder that are no files, and links that lead nowhere or in a circle."""
    (root / "a.jsonl").write_bytes(b"a")
    (root / "circle").symlink_to(root)
    (root / "here.jsonl").symlink_to(root)
    (root / "itself.jsonl").symlink_to(root / "itself.jsonl")
    (root / "nowhere.jsonl").symlink_to(root / "none")
    os.mkfifo(root / "pipe.jsonl")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "s.jsonl"))
    (root / "device.jsonl").symlink_to("/dev/zero")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("pattern", ["", "/*.jsonl"])
def test_pipes_devices_sockets_and_circles_are_passed_over(tmp_path, monkeypatch, pattern):
    monkeypatch.chdir(tmp_path)
    strange(tmp_path)
    members = list(read(listed(f"{tmp_path}{pattern}")))
    names = {Path(each.name).name: isinstance(each, Unread) and each.message for each in members}
    assert names == {
        "a.jsonl": False,
        "itself.jsonl": "cannot be read: Too many levels of symbolic links",
        "nowhere.jsonl": "cannot be read: No such file or directory",
    }


STRANGE = ["a b\n\x1b[2J\u202e.jsonl", "日本/ü.jsonl", os.fsdecode(b"\xff\xfe.jsonl"), "-.jsonl", "[a].jsonl"]


@pytest.mark.parametrize("name", STRANGE)
def test_any_name_is_listed_and_read(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"x")
    path = str(tmp_path / name)
    for argument in (tmp_path, path):
        assert [(member.name, member.file.read()) for member in read(listed(argument))] == [(path, b"x")]


def test_a_folder_that_may_not_be_read_is_said_and_the_rest_goes_on(tmp_path, monkeypatch):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.jsonl").touch()
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    first, error, last = listed(tmp_path)
    assert [os.path.relpath(each.name, tmp_path) for each in (first, last)] == ["a/x.jsonl", "c/x.jsonl"]
    assert isinstance(error, RecordingError)
    assert str(error) == f"{tmp_path / 'b'}: cannot be read: Permission denied"


def test_a_file_that_vanishes_after_it_was_listed_is_unread_and_the_rest_goes_on(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.jsonl").write_bytes(name.encode())
    sources = list(listed(tmp_path))
    (tmp_path / "b.jsonl").unlink()
    said = [each.message if isinstance(each, Unread) else each.file.read() for each in read(sources)]
    assert said == [b"a", "cannot be read: No such file or directory", b"c"]


@pytest.mark.parametrize("folders, most", [(100, 300_000), (1, 3_000_000)])
def test_only_the_names_of_one_folder_are_held(tmp_path, folders, most):
    for folder in range(folders):
        (tmp_path / str(folder)).mkdir()
        for number in range(10_000 // folders):
            (tmp_path / str(folder) / f"{number:06}.jsonl").touch()
    tracemalloc.start()
    assert sum(1 for _ in listed(tmp_path)) == 10_000
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < most
