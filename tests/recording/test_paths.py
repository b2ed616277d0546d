"""Which files an argument means: a file, a folder with all that is below it, a pattern, standard input."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inspector.errors import RecordingError
from inspector.recording.paths import (
    means_files,
    named_body,
    named_compressed,
    recording_paths,
    refuse_other_ending,
)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Make files, by their paths, in a folder that is the current one."""
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for name in names:
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path

    return make


def test_a_file_means_itself_whatever_it_is_called_and_whether_it_is_there(tree):
    tree("b.txt", "a[1].jsonl")
    assert recording_paths(["b.txt", "none.jsonl", Path("a[1].jsonl"), "-"]) == [
        "b.txt",
        "none.jsonl",
        "a[1].jsonl",
        "-",
    ]


def test_a_folder_means_all_that_can_be_read_in_it_and_below_in_path_order(tree):
    tree(
        "f/b.jsonl",
        "f/a/z.sse",
        "f/a/y.jsonl.gz",
        "f/a/b/c.sse.zst",
        "f/B.JSONL",
        "f/a.jsonl",
        "f/c.jsonl.zst",
    )
    assert recording_paths(["f"]) == [
        "f/B.JSONL",
        "f/a/b/c.sse.zst",
        "f/a/y.jsonl.gz",
        "f/a/z.sse",
        "f/a.jsonl",
        "f/b.jsonl",
        "f/c.jsonl.zst",
    ]


def test_the_current_folder_is_one_too(tree):
    tree("b.jsonl", "a/c.sse")
    assert recording_paths(["."]) == ["a/c.sse", "b.jsonl"]


def test_foreign_and_hidden_files_and_hidden_folders_are_skipped(tree):
    tree("f/a.jsonl", "f/a.json", "f/notes.txt", "f/x.gz", "f/.b.jsonl", "f/.git/c.jsonl", "f/README.md")
    assert recording_paths(["f"]) == ["f/a.jsonl"]


def test_a_folder_that_is_named_hidden_is_read(tree):
    tree(".f/a.jsonl")
    assert recording_paths([".f"]) == [".f/a.jsonl"]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="there are no links")
def test_a_link_to_a_folder_is_not_followed_and_one_to_a_file_is(tree):
    root = tree("f/a.jsonl")
    (root / "f" / "loop").symlink_to(root / "f")
    (root / "f" / "b.jsonl").symlink_to(root / "f" / "a.jsonl")
    assert recording_paths(["f"]) == ["f/a.jsonl", "f/b.jsonl"]


@pytest.mark.parametrize(
    "names, message",
    [
        pytest.param(["f/g/"], "f: no recordings in this folder: it is empty", id="empty"),
        pytest.param(["f/.a.jsonl"], "it holds hidden files only", id="hidden"),
        pytest.param(["f/a.md"], "it holds 1 other file: 1 .md (a.md).", id="one"),
        pytest.param(
            ["f/b.json", "f/a.json", "f/g/c.md", "f/LICENSE", "f/.hidden"],
            "it holds 4 other files: 2 .json, 1 without an ending, 1 .md (LICENSE, a.json, b.json, …). "
            "Recordings end in .jsonl and bare streams in .sse, compressed ones in .gz or .zst after that",
            id="several",
        ),
        pytest.param([f"f/x.{n}" for n in range(9)], "1 .0, 1 .1, 1 .2, 1 .3, 1 .4, … (x.0,", id="many"),
        pytest.param(["f/\x1b[2J\u202e.txt"], "1 .txt (\\e[2J\\u202e.txt)", id="escaped"),
        pytest.param(["f/a.\x1b]0;x"], "1 .\\e]0;x (", id="an ending escaped"),
    ],
)
def test_a_folder_without_recordings_says_what_it_holds(tree, names, message):
    for name in names:
        if name.endswith("/"):
            Path(name).mkdir(parents=True)
        else:
            tree(name)
    with pytest.raises(RecordingError) as caught:
        recording_paths(["f"])
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_read_is_said_to_be_so(tree):
    tree("f/g/a.jsonl")
    Path("f/g").chmod(0)
    with pytest.raises(RecordingError, match="f/g: cannot be read: Permission denied"):
        recording_paths(["f"])
    Path("f/g").chmod(0o700)


def test_a_folder_that_cannot_be_listed_is_said_to_be_so(tree, monkeypatch):
    tree("f/a.jsonl")

    def refuse(path):
        raise PermissionError(13, "Permission denied", os.fspath(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(RecordingError, match=r"^f: cannot be read: Permission denied$"):
        recording_paths(["f"])


@pytest.mark.parametrize(
    "pattern, paths",
    [
        ("*.jsonl", ["a.jsonl", "b.jsonl"]),
        ("?.*", ["a.jsonl", "b.jsonl", "c.txt"]),
        ("f/*", ["f/d.jsonl"]),
        ("**/*.sse", ["f/g/e.sse"]),
        ("f/**", ["f/d.jsonl", "f/g/e.sse"]),
        ("[f]", ["f/d.jsonl", "f/g/e.sse"]),
    ],
)
def test_a_pattern_means_the_files_that_match_it(tree, pattern, paths):
    tree("b.jsonl", "a.jsonl", "c.txt", "f/d.jsonl", "f/g/e.sse")
    assert recording_paths([pattern]) == paths


def test_a_pattern_that_matches_nothing_is_said_so(tree):
    tree("a.jsonl")
    with pytest.raises(RecordingError, match=r"^\*\.nope: no file matches this pattern$"):
        recording_paths(["a.jsonl", "*.nope"])


def test_what_means_files_by_itself(tree):
    tree("a.jsonl", "f/b.jsonl")
    assert [means_files(name) for name in ("a.jsonl", "f", "*.x", "-", "hello")] == [True] * 5
    assert not means_files("nosuch")


@pytest.mark.parametrize(
    "name, body, compressed",
    [
        ("x.sse", True, False),
        ("x.txt", True, False),
        ("a/X.SSE", True, False),
        ("x.sse.gz", True, True),
        ("x.txt.zst", True, True),
        ("-", True, False),
        ("x.jsonl", False, False),
        ("x.jsonl.gz", False, True),
        ("x.gz", False, True),
        ("x", False, False),
        ("", False, False),
    ],
)
def test_what_a_name_says(name, body, compressed):
    assert (named_body(name), named_compressed(name)) == (body, compressed)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("argument", [".", "*.jsonl"])
def test_a_pipe_in_a_folder_is_not_waited_for(argument, tmp_path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "a.jsonl").touch()
    assert recording_paths([tmp_path / argument]) == [str(tmp_path / "a.jsonl")]


@pytest.mark.parametrize("name", ["a.har", "b/out.TXT", "x.json", "x.yaml", "x.sse", "x.jsonl.gz", "x.csv"])
def test_a_name_that_means_another_format_is_refused_with_what_to_do(name):
    with pytest.raises(RecordingError, match=r"ends in \.jsonl; `inspector export`") as raised:
        refuse_other_ending(name)
    assert raised.value.path == name


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.har.jsonl", "recordings", "a.log", "har"])
def test_a_name_of_recordings_or_of_nothing_known_is_not_refused(name):
    refuse_other_ending(name)
