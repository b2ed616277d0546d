"""What an argument means: sources one by one, in the order of their paths, and what cannot be listed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inspector.errors import RecordingError
from inspector.storage import Source, listed


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Make files, by their paths, in a folder that is the current one."""
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for name in names:
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x" * 3)
        return tmp_path

    return make


def names(argument):
    return [each.name for each in listed(argument)]


def test_a_folder_means_all_below_it_in_path_order_with_sizes_and_times(tree):
    tree("f/b.jsonl", "f/a/10.sse", "f/a/9.jsonl.gz", "f/a.jsonl", "f/README.md", "f/.h/x.jsonl")
    os.utime("f/b.jsonl", (7, 7))
    sources = list(listed("f"))
    assert [each.name for each in sources] == ["f/a/9.jsonl.gz", "f/a/10.sse", "f/a.jsonl", "f/b.jsonl"]
    assert sources[-1] == Source("f/b.jsonl", 3, 7.0)


def test_files_of_other_tools_are_sources_that_are_not_sure(tree):
    tree("f/a.jsonl", "f/b.json", "f/c.gz", "f/d.png")
    assert [(each.name, each.sure) for each in listed("f")] == [
        ("f/a.jsonl", True),
        ("f/b.json", False),
        ("f/c.gz", False),
    ]


def test_a_single_name_is_a_source_whether_it_is_there_or_not(tree):
    tree("a.md")
    assert list(listed("none.jsonl")) == [Source("none.jsonl")]
    assert [(each.name, each.size, each.sure) for each in listed(Path("a.md"))] == [("a.md", 3, True)]


def test_the_files_of_a_pattern(tree):
    tree("b.jsonl", "a.jsonl", "f/c.jsonl")
    assert names("*.jsonl") == ["a.jsonl", "b.jsonl"]


@pytest.mark.parametrize("argument, message", [("f", "f: no recordings in this folder"), ("*.x", "no file")])
def test_what_means_nothing_is_an_error_that_is_yielded(tree, argument, message):
    tree("f/a.png")
    [error] = listed(argument)
    assert isinstance(error, RecordingError)
    assert message in str(error)


def test_the_name_of_an_archive_promises_nothing(tree):
    tree("f/x.tar", "f/y.tgz")
    for argument in ("f", "f/*", "f/x.tar"):
        assert {each.sure for each in listed(argument)} == {False}
