"""Patterns of keys match what `glob` finds in a folder with the same names."""

from __future__ import annotations

import glob
import os

import pytest

from inspector.storage.object_patterns import literal_start, matcher

KEYS = [
    *("a.jsonl", "b.jsonl", "a1.jsonl", "x/a.jsonl", "x/y/a.jsonl", "x/y/z/b.jsonl", "x/[1].jsonl"),
    *(".hidden.jsonl", ".h/a.jsonl", "x/.h.jsonl", "x/.g/a.jsonl", "x y/ü\n.jsonl", "x/A.jsonl", "x/!.jsonl"),
]
PATTERNS = [
    *(
        "*",
        "*.jsonl",
        "?.jsonl",
        "x/*",
        "*/*",
        "**",
        "**/*",
        "**/*.jsonl",
        "x/**",
        "x/**/*",
        "**/y/*",
        "**/a.jsonl",
    ),
    *(
        "x/**/a.jsonl",
        "**/**/a.jsonl",
        "[ab].jsonl",
        "[!a].jsonl",
        "[a-b]*",
        "x/[[]1].jsonl",
        ".*",
        "**/.*",
        "x/.*",
    ),
    *("x/.*/*", "[.]*", "*/", "a", "x ?/*", "[", "x/[", "x/[!", "[]a]*", "a**", "x/a**l", "x/[A]*", "x/[!]*"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("patterns")
    for key in KEYS:
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).touch()
    return folder


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_matches_as_in_a_folder(folder, pattern):
    names = glob.glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207
    expected = {name for name in names if (folder / name).is_file()}
    matches = matcher(pattern)
    assert {key for key in KEYS if matches(key)} == {name.replace(os.sep, "/") for name in expected}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_matches_begins_with_the_literal_start(pattern):
    matches = matcher(pattern)
    assert all(key.startswith(literal_start(pattern)) for key in KEYS if matches(key))


def test_many_wildcards_take_no_exponential_time():  # else it would not end
    matches = matcher("/".join(["**", "*a*"] * 12) + "/b")
    assert not matches("/".join(["a"] * 60))
