"""Folders and archives hold files, and no file in one is written outside of another."""

from __future__ import annotations

import os
import re
import tarfile
from pathlib import Path

import pytest
from archive_files import archive
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from inspector.cli import cli
from inspector.escaping import escape
from inspector.storage import listed
from inspector.storage.folders import holds_files, name_below, written_name


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


KEY = "sk-ant-api03-" + "aB3dE6gH9j" * 9
ODD = f"od\nd \x1b[31m \u202egnp {KEY}.jsonl"


@pytest.mark.parametrize("path", ["", "-", "a.jsonl", "runs/ä 1*.jsonl.gz", "a..b/.c", "a-b_c@d=1.har"])
def test_a_plain_name_is_written_as_it_is(path):
    assert written_name(path) == path


@given(st.lists(st.text(st.characters(exclude_characters="/\0"), min_size=1), min_size=1).map("/".join))
def test_no_part_of_a_written_name_moves_text(path):
    written = written_name(path)
    assert escape(written) == written and written_name(written) == written


def test_different_odd_names_stay_different_and_keep_their_endings():
    names = [f"a/x{char}{KEY}.jsonl.gz" for char in "\n\r\x1b\u202e"]
    written = [written_name(name) for name in names]
    assert len(set(written)) == 4
    assert all(re.fullmatch(r"a/[0-9a-f]{8}-x-sk-ant--\.jsonl\.gz", name) for name in written)


WRITERS = ["export --format har", "import", "redact", "export --unpack"]


@pytest.mark.parametrize("command", WRITERS)
def test_no_command_writes_a_file_whose_name_has_a_secret_or_drives_a_terminal(tmp_path, command):
    recording = Path(__file__).parents[2] / "recordings" / "hello.jsonl"
    with tarfile.open(tmp_path / "odd.tar", "w") as file:
        file.add(recording, f"{KEY}/{ODD}")
    out = tmp_path / "out"
    result = CliRunner().invoke(cli, [*command.split(), str(tmp_path / "odd.tar"), "-o", f"{out}/"])
    assert result.exit_code == 0, result.output
    written = [str(path.relative_to(out)) for path in out.rglob("*")]
    assert written
    for name in written:
        assert escape(name) == name and KEY[-20:] not in name
