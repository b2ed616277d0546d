"""A pattern matches what `glob` finds, in the order in which `sorted` sorts it."""

from __future__ import annotations

import glob
import os
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import RecordingError
from inspector.storage.kinds import is_pattern
from inspector.storage.pattern_walk import matching

NAMES = st.sampled_from(["a", "a-b", "a.b", "ab", ".h", "b", "a[b", "日本 x\n"])
TREES = st.sets(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=12)
PARTS = st.sampled_from(["*", "**", "a*", "?", ".*", "[ab]", "a", "a-b", "*b*", "..", ""])
PATTERNS = st.lists(PARTS, min_size=1, max_size=4).map("/".join).filter(is_pattern)


def grown(root, tree):
    for name in tree:
        path = Path(root, name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        except (FileExistsError, NotADirectoryError):
            continue


def one_slash(names):
    """Two slashes are one, and a path that comes twice by two ways of `**` is one."""
    return sorted({re.sub("/+", "/", name) for name in names})


@settings(deadline=None, max_examples=200)
@given(TREES, PATTERNS)
def test_it_matches_what_glob_finds(tree, pattern):
    with tempfile.TemporaryDirectory() as outer:
        root = f"{outer}/a/b/a/b"  # so deep that no `..` leads out of what is made here
        grown(root, tree)
        expected = glob.glob(f"{root}/{pattern}", recursive=True)  # noqa: PTH207 - the second implementation
        actual = [path for path, is_folder in matching(f"{root}/{pattern}") if not is_folder]
        assert actual == sorted(actual)
        files = [name for name in expected if Path(name).is_file() and name[-1] != "/"]
        assert one_slash(actual) == one_slash(files)


def test_a_circle_of_links_is_entered_once(tmp_path):
    (tmp_path / "f" / "g").mkdir(parents=True)
    (tmp_path / "f" / "g" / "a.jsonl").touch()
    (tmp_path / "f" / "g" / "up").symlink_to(tmp_path / "f")
    (tmp_path / "f" / "other").symlink_to(tmp_path / "f" / "g")
    files = [path for path, is_folder in matching(f"{tmp_path}/**/*.jsonl") if not is_folder]
    assert files == [f"{tmp_path}/f/g/a.jsonl", f"{tmp_path}/f/other/a.jsonl"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no users")
def test_a_folder_that_may_not_be_read_is_said_and_the_rest_goes_on(tmp_path, monkeypatch):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.jsonl").touch()
    scandir = os.scandir

    def refusing(path):
        if path.endswith("/b/"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    first, error, last = matching(f"{tmp_path}/*/*.jsonl")
    assert (first[0], last[0]) == (f"{tmp_path}/a/x.jsonl", f"{tmp_path}/c/x.jsonl")
    assert isinstance(error, RecordingError)
    assert str(error) == f"{tmp_path}/b/: cannot be read: Permission denied"


def test_a_folder_that_is_not_there_matches_nothing(tmp_path):
    assert list(matching(f"{tmp_path}/none/*.jsonl")) == []
