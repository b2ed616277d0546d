"""Files under the names of members: a folder that was packed comes back with the same names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.corpus.making_packs.file_names import moved
from inspector.escaping import escape
from inspector.storage.folders import written_name

posix = pytest.mark.skipif(os.name != "posix" or sys.platform == "darwin", reason="names of Linux")

KEY = "sk-ant-api03-" + "aB3dE6gH9j" * 9
NAMES = {
    "bytes": "caf\udce9 \udcff.jsonl",
    "only bytes": "\udce9",
    "windows": 'a\\b:c*"<>|.jsonl',
    "blanks": " a .jsonl ",
    "options": "-rf",
    "long": "x" * 249 + ".jsonl",
    "wide": "é" * 124 + ".jsonl",
    "folders": "ä 1/\udce9/b.jsonl",
}
UNSAFE = {
    "control": "a\x1b[2J\n.jsonl",
    "control of eight bits": "a\udc9b2J.jsonl",
    "zero": "a\0b.jsonl",
    "surrogate": "a\ud800.jsonl",
    "bidi": "a\u202egnp\udce9.jsonl",
    "key": f"{KEY}.jsonl",
    "key with bytes": f"\udce9{KEY}.jsonl",
    "folder": f"{KEY}/a.jsonl",
}


def placed(folder, name, text="x"):
    """The name that a file of this text gets in a folder."""
    (folder / ".new").write_text(text)
    return moved(folder / ".new", folder, name)


@posix
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_file_has_the_very_name(tmp_path, name):
    assert placed(tmp_path, name) == name
    assert (tmp_path / name).read_text() == "x"


@pytest.mark.parametrize("name", UNSAFE.values(), ids=UNSAFE)
def test_a_name_that_is_not_safe_is_changed(tmp_path, name):
    written = placed(tmp_path, name)
    assert (tmp_path / written).read_text() == "x"
    assert written != name and escape(written) == written and KEY[-20:] not in written
    assert Path(written).suffix == ".jsonl"


@posix
@given(name=st.text(st.characters(exclude_characters="/"), min_size=1, max_size=60))
def test_a_name_is_the_very_one_or_a_safe_one(tmp_path_factory, name):
    if name not in (".", "..", ".new"):
        written = placed(tmp_path_factory.mktemp("folder"), name)
        assert written == (name if written_name(name) == name else written_name(name))


REFUSED = {"long": "y" * 300 + ".jsonl", "wide": "é" * 200 + "/b", "bytes": "\udce9" * 300}


@posix
@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED)
def test_a_name_that_the_system_refuses_is_changed_and_stays_one_of_its_own(tmp_path, name):
    first, second = placed(tmp_path, name), placed(tmp_path, f"{name[0]}{name}")
    assert name not in (first, second) and first != second
    assert (tmp_path / first).is_file() and (tmp_path / second).is_file()


def test_a_second_file_of_a_name_has_a_number(tmp_path):
    assert [placed(tmp_path, "r/a.jsonl", text) for text in "xyz"] == [
        "r/a.jsonl",
        "r/a-2.jsonl",
        "r/a-3.jsonl",
    ]
    assert (tmp_path / "r/a-2.jsonl").read_text() == "y"
