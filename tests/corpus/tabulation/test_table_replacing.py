"""Tables that are made anew: those that were there stay until the new ones are whole."""

from __future__ import annotations

import os
import re
import shutil

import pytest
from table_runs import KILLED, contents, files_of, killed, rows, run, some_files

from inspector.corpus.tabulation import table_replacing
from inspector.corpus.tabulation.table_folder import TableFolder
from inspector.corpus.tabulation.tabulate import Tabulate
from inspector.errors import RecordingError
from inspector.storage import Source, listed

JOB = Tabulate(events=True)


@pytest.fixture
def out(tmp_path):
    """Make tables of two files: the old ones."""
    (tmp_path / "old").mkdir()
    for number, source in enumerate(sorted(some_files(tmp_path / "files").iterdir())[:2]):
        shutil.copy(source, tmp_path / "old" / f"{number}.jsonl")
    run(tmp_path / "old", tmp_path / "out")
    return tmp_path / "out"


def test_killed_at_any_step_a_reader_sees_old_tables_or_new_ones(tmp_path, out, monkeypatch):
    files, old = tmp_path / "files", contents(out)
    run(files, tmp_path / "whole")
    new, before = contents(tmp_path / "whole"), tmp_path / "before"
    shutil.copytree(out, before)
    seen, count = set(), 0
    while True:
        count += 1
        shutil.rmtree(out)
        shutil.copytree(before, out)
        with monkeypatch.context() as patch:
            killing_after(patch, ("replace", "rmdir", "unlink"), count)
            if not killed(lambda: run(files, out, overwrite=True)):
                break
        ages = ages_of(contents(out), old, new)
        assert len(ages) <= 1  # a table that is old, and one that is new, are never there at one time
        seen |= ages or {"none"}
        if {".whole-tables", ".old-tables"} & {path.name for path in out.iterdir()}:
            with pytest.raises(RecordingError, match="there are tables in this folder"):
                run(files, out)  # the next run finishes it, whatever it is to do
            assert contents(out) == new
        run(files, out, resume=True)
        assert contents(out) == new
        assert not [path.name for path in out.rglob("*") if re.search(r"-tables|tmp$", path.name)]
    assert seen == {"old", "none", "new"}


def ages_of(there, old, new):
    """Whose rows a reader sees in the tables: in each, all of the old ones, or of the new ones, or none."""
    ages = set()
    for table, made in there.items():
        assert made in (old[table], new[table], [])
        assert old[table] != new[table]
        ages |= {"old" if made == old[table] else "new"} if made else set()
    return ages


def killing_after(patch, names, count):
    """Let the process die after so many calls of several functions that change a folder."""
    calls = []
    for name, function in [(name, getattr(os, name)) for name in names]:

        def calling(*arguments, function=function, **options):
            result = function(*arguments, **options)
            calls.append(1)
            if len(calls) == count:
                os._exit(KILLED)
            return result

        patch.setattr(os, name, calling)


def test_until_the_end_the_old_tables_are_there(tmp_path, out):
    old = contents(out)
    with TableFolder(out, JOB, overwrite=True) as folder:
        folder.add(JOB([source for source in listed(str(tmp_path / "files")) if folder.wants(source)]))
        assert contents(out) == old
        folder.end(all_found=True)
    assert len(rows(out, "sources")) == 10
    assert folder.notice == ""


@pytest.mark.parametrize("error", [KeyboardInterrupt, None])
def test_what_an_interruption_leaves_is_gone_on_with_beside_the_old_tables(tmp_path, out, error):
    old, files = contents(out), tmp_path / "files"
    stopped = pytest.raises(KeyboardInterrupt) if error else pytest.MonkeyPatch.context()
    with stopped, TableFolder(out, JOB, overwrite=True) as folder:
        folder.add(JOB(list(listed(str(files)))[:3]))
        if error:
            raise error
    assert contents(out) == old
    assert "stay, since the new ones are not whole; with the same names --resume goes on" in folder.notice
    read = []
    run(files, out, resume=True, read=read)
    assert len(read) == 7
    run(files, tmp_path / "whole")
    assert contents(out) == contents(tmp_path / "whole")


@pytest.mark.parametrize(("found", "name"), [(True, "nowhere.jsonl"), (False, "0.jsonl")])
def test_a_run_that_found_nothing_or_not_all_replaces_nothing(tmp_path, out, found, name):
    old = contents(out)
    with TableFolder(out, JOB, overwrite=True) as folder:
        folder.add(JOB([Source(str(tmp_path / "files" / name))]))
        folder.end(all_found=found)
    assert contents(out) == old
    assert ("--resume goes on with the new ones" in folder.notice) is not found
    with TableFolder(out, JOB, resume=True) as folder:  # nobody goes on with what found nothing
        assert [*map(folder.wants, listed(str(tmp_path / "old")))] == [not found] * 2
    run(tmp_path / "files", out, overwrite=True)  # which begins anew once more
    assert len(rows(out, "sources")) == 10


def test_a_run_that_made_nothing_leaves_nothing_beside(out):
    before = files_of(out)
    with TableFolder(out, JOB, overwrite=True) as folder:
        pass
    assert files_of(out) == before
    assert not (out / ".new-tables").exists()
    assert folder.notice.endswith("the tables that were there stay, since the new ones are not whole")


def test_new_tables_need_no_table_that_the_old_ones_had(tmp_path, out):
    run(tmp_path / "files", out, overwrite=True, job=Tabulate())
    assert {name.partition("/")[0] for name in files_of(out)} == {".lock", "findings", "responses", "sources"}


def test_a_hidden_file_of_somebody_else_stays(tmp_path, out):
    (out / "events" / ".DS_Store").write_text("mine")
    run(tmp_path / "files", out, overwrite=True, job=Tabulate())
    assert (out / "events" / ".DS_Store").read_text() == "mine"


def test_the_steps_of_replacing_can_be_done_twice(out):
    before = contents(out)
    for _ in range(2):
        assert not table_replacing.finish_replacing(out)
    assert contents(out) == before
