"""Only files that this package wrote are removed; a folder with others is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet
import pytest
from table_runs import TABLES, contents, files_of, run, some_files

from inspector.corpus.tabulation.part_owners import make_folder, refuse_foreign
from inspector.errors import RecordingError


@pytest.fixture
def files(tmp_path):
    return some_files(tmp_path / "files")


def foreign(path):
    """Write Parquet as another program does, which writes tables of `inspector.corpus.stats` perhaps."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.table({"source": ["mine"]}), path)


NAMES = (
    "part-00000.parquet",
    "part-00007.parquet",
    "part-00000-9f1c.snappy.parquet",
    "notes.txt",
    "_SUCCESS",
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("options", [{}, {"overwrite": True}, {"resume": True}])
def test_a_folder_with_files_of_others_is_refused_and_left_alone(tmp_path, table, name, options):
    foreign(tmp_path / "out" / table / name)
    with pytest.raises(RecordingError, match=f"out: {table}/{name} is no table of inspector; name a folder"):
        run(tmp_path, tmp_path / "out", **options)
    assert files_of(tmp_path / "out") == [".lock", f"{table}/{name}"]


@pytest.mark.parametrize("options", [{"overwrite": True}, {"resume": True}])
def test_among_tables_they_are_refused_too(files, tmp_path, options):
    out = tmp_path / "out"
    run(files, out)
    before = contents(out)
    foreign(out / "responses" / "part-00099.parquet")
    names = files_of(out)
    with pytest.raises(RecordingError, match=r"responses/part-00099\.parquet is no table of inspector"):
        run(files, out, **options)
    assert files_of(out) == names
    (out / "responses" / "part-00099.parquet").unlink()
    assert contents(out) == before


def test_a_damaged_file_is_of_a_part_only_if_another_file_of_it_says_so(files, tmp_path):
    out = tmp_path / "out"
    run(files, out, part=10**9)
    os.truncate(out / "sources" / "part-00000.parquet", 100)
    refuse_foreign(out)
    (out / "findings" / "part-00003.parquet").write_bytes(b"PAR1")
    with pytest.raises(RecordingError, match=r"findings/part-00003\.parquet is no table of inspector"):
        refuse_foreign(out)


def test_hidden_files_are_passed_over(tmp_path):
    (tmp_path / "responses").mkdir()
    (tmp_path / "responses" / ".part-0.crc").write_text("")
    refuse_foreign(tmp_path)


@pytest.mark.parametrize("name", [*TABLES, ".new-tables", ".whole-tables", ".old-tables"])
@pytest.mark.parametrize(
    "make", [lambda path: path.write_text("mine"), lambda path: path.symlink_to("nowhere")]
)
def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path, name, make):
    make(tmp_path / name)
    with pytest.raises(RecordingError, match=rf": {name} stands where a folder of tables goes; remove it"):
        refuse_foreign(tmp_path)


@pytest.mark.parametrize("below", ["", "/a/b"])
def test_a_folder_that_cannot_be_made_says_what_stands_there(tmp_path, below):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RecordingError, match=r"file.* is no folder; name another one for the tables"):
        make_folder(Path(f"{tmp_path}/file{below}"))
    make_folder(tmp_path / "new" / "one")
    make_folder(tmp_path / "new" / "one")
    assert (tmp_path / "new" / "one").is_dir()
