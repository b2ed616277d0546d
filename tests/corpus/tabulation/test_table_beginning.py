"""What an interrupted `--overwrite` left: only a run of the same names goes on with it."""

from __future__ import annotations

import shutil

import pytest
from table_runs import contents, files_of, run, some_files

from inspector.corpus.tabulation.table_beginning import begin, go_on
from inspector.corpus.tabulation.table_folder import TableFolder
from inspector.corpus.tabulation.tabulate import Tabulate
from inspector.errors import UsageError
from inspector.storage import listed

JOB = Tabulate(events=True)


@pytest.fixture
def files(tmp_path):
    return some_files(tmp_path / "files")


@pytest.fixture
def out(tmp_path, files):
    """Make tables of two files."""
    (tmp_path / "old").mkdir()
    for name in ("0.jsonl", "1.jsonl"):
        shutil.copy(files / name, tmp_path / "old" / name)
    run(tmp_path / "old", tmp_path / "out", names=["old"])
    return tmp_path / "out"


def interrupted(out, names, sources=()):
    """Leave what a run with `overwrite` leaves that is killed after it committed the rows of some sources."""
    with TableFolder(out, JOB, names, overwrite=True) as folder:
        if sources:
            folder.add(JOB(list(sources)))
        folder._commit()
        shutil.copytree(out / ".new-tables", out / ".kept")
    shutil.rmtree(out / ".new-tables", ignore_errors=True)
    (out / ".kept").rename(out / ".new-tables")


def sources_of(out):
    return {row["source"] for row in contents(out)["sources"]}


@pytest.mark.parametrize("done", [0, 3])
def test_a_run_of_the_same_names_finishes_it(files, out, tmp_path, done):
    interrupted(out, ["files", "more"], list(listed(str(files)))[:done])
    said, read = [], []
    run(files, out, names=["more", "files"], resume=True, read=read, announce=said.append)
    assert len(read) == 10 - done
    run(files, tmp_path / "whole")
    assert contents(out) == contents(tmp_path / "whole")
    stay = "the tables that were there stay until its end"
    assert said == [f"{out}: goes on with the --overwrite that was interrupted; {stay}"]


@pytest.mark.parametrize("left", ["nothing", "no names", "a file not renamed", "a name not found"])
def test_a_run_of_other_names_adds_to_the_old_tables_if_no_row_would_be_lost(files, out, left):
    before = sources_of(out)
    gone = listed(str(files / "gone.jsonl")) if left == "a name not found" else ()
    interrupted(out, ["big"], gone)
    if left == "no names":
        (out / ".new-tables" / "names.json").write_text("")
    if left == "a file not renamed":
        (out / ".new-tables" / "responses").mkdir()
        (out / ".new-tables" / "responses" / ".part-00000.parquet.tmp").write_text("PAR1")
    said = []
    run(files, out, names=["files"], resume=True, announce=said.append)
    assert sources_of(out) == before | {source.name for source in listed(str(files))}
    assert not (out / ".new-tables").exists()
    (line,) = said
    assert "was interrupted before it read anything; the tables that were there stay" in line


@pytest.mark.parametrize("names", [[], ["new"], ["files"], ["files", "old", "new"]])
@pytest.mark.parametrize("known", [True, False])
def test_a_run_of_other_names_is_refused_if_a_row_would_be_lost(files, out, names, known):
    interrupted(out, ["files", "old"], list(listed(str(files)))[:3])
    if not known:
        (out / ".new-tables" / "names.json").write_text("{}")
    before, there = contents(out), files_of(out)
    with pytest.raises(
        UsageError, match=r"out: an --overwrite of .* is not finished, and this command names o"
    ):
        run(files, out, names=names, resume=True)
    assert (contents(out), files_of(out)) == (before, there)


def test_damaged_rows_are_no_less_than_whole_ones(files, out):
    interrupted(out, ["big"], list(listed(str(files)))[:3])
    (out / ".new-tables" / "sources" / "part-00000.parquet").unlink()
    with pytest.raises(UsageError, match="is not finished, and this command names others"):
        run(files, out, names=["files"], resume=True)


@pytest.mark.parametrize("old", [True, False])
def test_to_begin_anew_removes_it_with_a_line(files, out, old):
    interrupted(out, ["big"], list(listed(str(files)))[:3])
    if not old:
        for table in ("responses", "findings", "events", "sources"):
            shutil.rmtree(out / table)
    said = []
    run(files, out, names=["files"], overwrite=old, announce=said.append)
    assert said == [f"{out}: the new tables of an --overwrite that was interrupted are removed"]
    assert sources_of(out) == {source.name for source in listed(str(files))}


def refused(folder, names):
    try:
        return go_on(folder, names, lambda line: None) == folder
    except UsageError:
        return True


@pytest.mark.parametrize("name", ["s3://bucket/key", "-", "/captures", "captures"])
def test_a_name_is_another_one_in_another_folder_only_if_it_leads_elsewhere(out, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    begin(out, [name], lambda line: None, overwrite=True)
    monkeypatch.chdir(out)
    assert refused(out, [name]) is (name == "captures")


def test_the_names_are_kept_and_shown_without_secrets(files, out):
    names = ["https://host/a?X-Amz-Signature=" + "0123456789abcdef" * 4, *"bcdef"]
    interrupted(out, names, list(listed(str(files)))[:3])
    assert "89abcdef" not in (out / ".new-tables" / "names.json").read_text().partition('"names"')[2]
    with pytest.raises(
        UsageError, match=r"an --overwrite of https://host/a\?X.* and 3 more is not f"
    ) as error:
        run(files, out, names=["files"], resume=True)
    assert "89abcdef" not in str(error.value)
