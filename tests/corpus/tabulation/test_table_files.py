"""One table in one file: it is there when it is whole, and a run that was killed leaves nothing for long."""

from __future__ import annotations

import os

import pytest
from table_runs import KILLED, files_of, killed, some_files

from inspector.corpus.tabulation.folder_lock import remove_abandoned
from inspector.corpus.tabulation.table_files import TableFile
from inspector.corpus.tabulation.tabulate import Tabulate
from inspector.errors import RecordingError
from inspector.storage import listed

JOB = Tabulate()


@pytest.fixture
def sources(tmp_path):
    return list(listed(str(some_files(tmp_path / "files"))))


def write(path, sources, *, ends=True, all_found=True, overwrite=True):
    with TableFile(str(path), JOB, "responses", overwrite=overwrite) as file:
        file.add(JOB(sources))
        if ends:
            file.end(all_found=all_found)
    return file


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.parquet"])
def test_what_a_killed_run_left_goes_with_the_next_one(tmp_path, name):
    out = tmp_path / "out"
    out.mkdir()
    (out / f".{name}.backup.tmp").write_text("mine")

    def dies():
        with TableFile(str(out / name), JOB, "responses"):
            os._exit(KILLED)

    assert killed(dies)
    assert len(files_of(out)) == 2
    with TableFile(str(out / name), JOB, "responses"):
        remove_abandoned(out / name)  # as another run does
        assert files_of(out) == [f".{name}.{os.getpid()}.tmp", f".{name}.backup.tmp"]
    assert files_of(out) == [f".{name}.backup.tmp", name]


@pytest.mark.parametrize(
    ("count", "how"), [(9, {"ends": False}), (9, {"all_found": False}), (0, {}), (None, {"overwrite": False})]
)
def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path, sources, count, how):
    (tmp_path / "x.csv").write_text("old")
    if count is None:
        with pytest.raises(RecordingError, match="exists already; use --overwrite to replace it"):
            write(tmp_path / "x.csv", sources, **how)
    else:
        notice = write(tmp_path / "x.csv", sources[:count], **how).notice
        assert notice == f"{tmp_path}/x.csv: the file that was there stays, since the new one is not whole"
    assert (tmp_path / "x.csv").read_text() == "old"
    assert write(tmp_path / "x.csv", sources).notice == ""
    assert (tmp_path / "x.csv").read_text() != "old"


def test_of_a_new_file_there_is_what_was_read(tmp_path, sources):
    assert write(tmp_path / "x.csv", sources[:1], ends=False).notice == ""
    assert len((tmp_path / "x.csv").read_text().splitlines()) == 2
