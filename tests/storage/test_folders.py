"""Folders and archives hold files, and no file in one is written outside of another."""

from __future__ import annotations

import os

import pytest
from archive_files import archive
from hypothesis import given
from hypothesis import strategies as st

from inspector.storage import listed
from inspector.storage.folders import holds_files, name_below


def test_what_holds_files(tmp_path):
    (tmp_path / "f.tar").mkdir()
    (tmp_path / "a.tar").write_bytes(archive())
    (tmp_path / "a.jsonl").touch()
    names = ["", "f.tar", "a.tar", "a.jsonl", "none.tar", "*"]
    assert [holds_files(tmp_path / name) for name in names] == [True, True, True, False, False, False]


@pytest.mark.parametrize("folder", ["f", "f/", "./f", "f//", "f/../f", "."])
def test_a_file_of_a_folder_is_named_below_it_however_the_folder_is_written(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f" / "g").mkdir(parents=True)
    (tmp_path / "f" / "g" / "a.jsonl").touch()
    [source] = listed(folder)
    assert name_below(source.name, folder) == ("f/g/a.jsonl" if folder == "." else "g/a.jsonl")


@pytest.mark.parametrize(
    "name, below",
    [
        ("x.tar/run/1.jsonl", "run/1.jsonl"),
        ("x.tar/../../etc/1.jsonl", "etc/1.jsonl"),
        ("x.tar/a/../../../1.jsonl", "1.jsonl"),
    ],
)
def test_a_member_is_named_below_its_archive(name, below):
    assert name_below(name, "x.tar") == below


@given(st.lists(st.sampled_from(["..", ".", "", "a", "b.jsonl"])))
def test_no_name_leads_out(parts):
    below = name_below("/".join(["x.tar", *parts, "end"]), "x.tar")
    assert os.path.normpath(f"out/{below}").startswith("out/")
