"""A folder of tables: each source has its rows exactly once, wherever a run is interrupted."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from table_runs import KILLED, TABLES, contents, files_of, killed, killing, rows, run, some_files

from inspector.checker import Limits
from inspector.corpus.tabulation import table_folder, table_parts
from inspector.corpus.tabulation.table_folder import TableFolder
from inspector.corpus.tabulation.tabulate import Tabulate
from inspector.errors import RecordingError, UsageError


@pytest.fixture
def files(tmp_path):
    return some_files(tmp_path / "files")


@pytest.fixture
def whole(files, tmp_path):
    run(files, tmp_path / "whole")
    return contents(tmp_path / "whole")


def test_parts_hold_all_rows_of_one_run(files, tmp_path, whole):
    folder = run(files, tmp_path / "one", part=10**9)
    assert contents(tmp_path / "one") == whole
    assert files_of(tmp_path / "one") == [
        ".lock",
        *(f"{table}/part-00000.parquet" for table in sorted(TABLES)),
    ]
    assert str(folder.totals()) == "10 sources: 8 read (10 recordings), 1 unreadable, 1 of something else"


def test_a_run_that_is_whole_has_nothing_to_go_on_with(files, tmp_path, whole):
    read = []
    folder = run(files, tmp_path / "whole", resume=True, read=read)
    assert (read, folder.skipped) == ([], 10)
    assert contents(tmp_path / "whole") == whole


def test_killed_after_any_rename_a_run_goes_on(files, tmp_path, whole, monkeypatch):
    out, count = tmp_path / "out", 0
    while True:
        count += 1
        shutil.rmtree(out, ignore_errors=True)
        with monkeypatch.context() as patch:
            killing(patch, table_parts.os, "replace", count)
            if not killed(lambda: run(files, out)):
                break
        done = len(rows(out, "sources"))
        read = []
        run(files, out, resume=True, read=read)
        assert len(read) == 10 - done  # none that is done is read again
        assert contents(out) == whole
        assert not [name for name in files_of(out) if name.endswith("tmp")]
    assert count == 5 * len(TABLES) + 1


def test_killed_while_it_reads_a_run_goes_on(files, tmp_path, whole, monkeypatch):
    for count in range(1, 6):
        out, part = tmp_path / f"out{count}", 10**9 if count % 2 else 1
        with monkeypatch.context() as patch:
            killing(patch, Tabulate, "of", count)
            assert killed(lambda out=out, part=part: run(files, out, part=part))
        run(files, out, resume=True)
        assert contents(out) == whole


def change(files):
    """Change a file in the first batch and one in the last, and mend one; leave one unreadable."""
    shutil.copy(files / "1.jsonl", files / "0.jsonl")
    shutil.copy(files / "1.jsonl", files / "7.jsonl")
    (files / "3.jsonl").unlink()
    shutil.copy(files / "4.jsonl", files / "3.jsonl")


def test_what_changed_or_was_never_read_is_read_again(files, tmp_path):
    hello = files / "3.jsonl"
    hello.unlink()
    hello.symlink_to("nowhere")
    run(files, tmp_path / "out")
    (lost,) = (row for row in rows(tmp_path / "out", "responses") if row["source"] == str(hello))
    assert (lost["number"], lost["sha256"], lost["verdict"]) == (None, None, None)
    assert lost["error"] == "cannot be read: No such file or directory"
    change(files)
    read = []
    run(files, tmp_path / "out", resume=True, read=read)
    assert [source.name.removeprefix(f"{files}/") for source in read] == ["0.jsonl", "3.jsonl", "7.jsonl"]
    run(files, tmp_path / "anew")
    assert contents(tmp_path / "out") == contents(tmp_path / "anew")


def removing(monkeypatch, count):
    """Let the process die after so many renames and removals."""
    calls = []
    for module, name in ((table_parts.os, "replace"), (table_parts.Path, "unlink")):
        function = getattr(module, name)

        def calling(*arguments, function=function, **options):
            function(*arguments, **options)
            calls.append(1)
            if len(calls) == count:
                os._exit(KILLED)

        monkeypatch.setattr(module, name, calling)


def test_killed_while_rows_are_replaced_a_run_goes_on(files, tmp_path, monkeypatch):
    run(files, tmp_path / "before", batch=4)
    change(files)
    run(files, tmp_path / "anew")
    expected, out, count = contents(tmp_path / "anew"), tmp_path / "out", 0
    while True:
        count += 1
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(tmp_path / "before", out)
        with monkeypatch.context() as patch:
            removing(patch, count)
            if not killed(lambda: run(files, out, batch=4, resume=True)):
                break
        run(files, out, batch=4, resume=True)
        assert contents(out) == expected
        assert {len(list((out / table).iterdir())) for table in TABLES} == {
            len(list((out / "sources").iterdir()))
        }
    assert count > 16


def test_a_part_of_which_no_row_is_left_is_removed(files, tmp_path):
    run(files, tmp_path / "out", batch=1)
    for name in ("0", "1"):
        shutil.copy(files / "2.jsonl", files / f"{name}.jsonl")
    run(files, tmp_path / "out", batch=1, resume=True)
    run(files, tmp_path / "anew", batch=1)
    assert contents(tmp_path / "out") == contents(tmp_path / "anew")
    names = [name for name in files_of(tmp_path / "out") if name.startswith("sources")]
    assert names == [f"sources/part-{number:05}.parquet" for number in range(2, 12)]


def test_tables_are_not_written_over_unasked(files, tmp_path, whole):
    with pytest.raises(RecordingError, match="--resume goes on with them, --overwrite replaces them"):
        run(files, tmp_path / "whole")
    assert contents(tmp_path / "whole") == whole
    (tmp_path / "whole" / "notes.txt").write_text("mine")
    run(files, tmp_path / "whole", overwrite=True, part=10**9)
    assert contents(tmp_path / "whole") == whole
    assert len(files_of(tmp_path / "whole")) == len(TABLES) + 2


def test_other_settings_cannot_go_on(files, tmp_path, whole):
    with pytest.raises(UsageError, match=r"tables were made without --profile, and with --events; --over"):
        run(files, tmp_path / "whole", resume=True, job=Tabulate("compat"))
    with pytest.raises(UsageError, match=r"tables were made with --limit gap-idle=60; --over"):
        run(files, tmp_path / "whole", resume=True, job=Tabulate(limits=Limits(gap_idle=1), events=True))
    assert contents(tmp_path / "whole") == whole


def test_tables_that_are_damaged_are_one_line(files, tmp_path, whole):
    file = tmp_path / "whole" / "sources" / "part-00000.parquet"
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(
        RecordingError, match=r"whole: its tables are damaged: .*; --overwrite makes them anew"
    ):
        run(files, tmp_path / "whole", resume=True)
    assert run(files, tmp_path / "whole", overwrite=True).notice == ""
    assert contents(tmp_path / "whole") == whole


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda file: os.truncate(file, 2000), "Could not open|Couldn't deserialize|Parquet magic bytes"),
        (lambda file: os.truncate(file, 0), "Parquet file size is 0 bytes; --overwrite makes them anew"),
        (Path.unlink, "is missing; --overwrite makes them anew"),
    ],
)
def test_a_part_that_is_damaged_or_lost_is_one_line(files, tmp_path, table, damage, why, whole):
    damage(tmp_path / "whole" / table / "part-00001.parquet")
    there = files_of(tmp_path / "whole")
    with pytest.raises(RecordingError) as error:
        run(files, tmp_path / "whole", resume=True)
    assert re.search(
        rf"whole: its tables are damaged: {table}/part-00001\.parquet:? .*({why})", str(error.value)
    )
    assert not re.search(r"\n|\.;", str(error.value))
    with pytest.raises(RecordingError, match="there are tables in this folder"):
        run(files, tmp_path / "whole")
    assert files_of(tmp_path / "whole") == there
    run(files, tmp_path / "whole", overwrite=True)
    assert contents(tmp_path / "whole") == whole


@pytest.mark.parametrize("name", ["replace", "fsync"])
def test_a_part_that_cannot_be_put_in_its_place_is_read_again(files, tmp_path, whole, monkeypatch, name):
    """What is left of it is never taken for a part that lost its file in `sources`."""
    calls, function = [], getattr(os, name)

    def failing(*arguments):
        calls.append(1)
        if len(calls) == count:
            raise OSError(28, "No space left on device")
        function(*arguments)

    for count in range(1, 2 * len(TABLES) + 1):
        out = tmp_path / f"out{count}"
        calls.clear()
        with monkeypatch.context() as patch, pytest.raises(RecordingError, match="No space left on device"):
            patch.setattr(os, name, failing)
            run(files, out)
        assert len(files_of(out)) == 1 + (count > len(TABLES)) * len(TABLES)
        run(files, out, resume=True)
        assert contents(out) == whole


def test_damage_inside_of_a_part_is_one_line_too(files, tmp_path, whole):
    file = tmp_path / "whole" / "responses" / "part-00000.parquet"
    data = bytearray(file.read_bytes())
    data[4:1000] = bytes(996)  # the first columns; the footer is whole
    file.write_bytes(data)
    folder = run(files, tmp_path / "whole", resume=True)
    with pytest.raises(
        RecordingError, match=r"whole: its tables are damaged: .*; --overwrite makes them anew"
    ):
        list(folder.problems())


def test_two_runs_do_not_write_into_one_folder(files, tmp_path):
    job = Tabulate()
    with TableFolder(tmp_path / "out", job):
        with pytest.raises(RecordingError, match="another run writes to this folder; wait for its end"):
            TableFolder(tmp_path / "out", job, overwrite=True).__enter__()
        read, write = os.pipe()
        child = os.fork()  # a worker that outlives its killed parent holds no lock
        if child == 0:
            os.read(read, 1)
            os._exit(0)
    try:
        with TableFolder(tmp_path / "out", job, resume=True):
            pass
    finally:
        os.write(write, b".")
        os.waitpid(child, 0)
    for end in (read, write):
        os.close(end)


def test_a_full_disk_is_one_line_and_the_rest_can_be_read(files, tmp_path, whole, monkeypatch):
    full = []

    def fsync(descriptor, fsync=os.fsync):
        full.append(1)
        if len(full) > 6:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(table_parts.os, "fsync", fsync)
        with pytest.raises(
            RecordingError, match=r"out: cannot be written: No space left.*; --resume goes on"
        ):
            run(files, tmp_path / "out")
    assert len(files_of(tmp_path / "out")) == 1 + len(TABLES)
    assert len(rows(tmp_path / "out", "sources")) == 2
    run(files, tmp_path / "out", resume=True)
    assert contents(tmp_path / "out") == whole


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_disk_that_is_full_while_rows_are_written(files, tmp_path, monkeypatch):
    full = Path("/dev/full")
    monkeypatch.setattr(table_parts, "open", lambda path, mode: full.open(mode), raising=False)
    with pytest.raises(RecordingError, match="No space left on device"):
        run(files, tmp_path / "out")


def test_an_error_of_the_run_keeps_what_came(files, tmp_path):
    job = Tabulate(events=True)
    with pytest.raises(KeyboardInterrupt), TableFolder(tmp_path / "out", job) as folder:
        sources = list(filter(folder.wants, run_sources(files)))
        folder.add(job(sources[:3]))
        raise KeyboardInterrupt
    assert len(rows(tmp_path / "out", "sources")) == 3


def run_sources(files):
    from inspector.storage import listed

    return listed(str(files))


def test_a_part_is_committed_when_its_time_has_come(files, tmp_path, monkeypatch):
    monkeypatch.setattr(table_folder, "_PART", 10**9)
    seconds, job, out = [100.0], Tabulate(), tmp_path / "out"
    with TableFolder(out, job, clock=lambda: seconds[0]) as folder:
        sources = list(filter(folder.wants, run_sources(files)))
        expected = 0
        for at, (second, committed) in enumerate(
            [(114.9, False), (115, True), (120, False), (129.9, False), (200, True), (214.9, False)]
        ):
            seconds[0] = second
            folder.add(job(sources[at : at + 1]))
            expected = at + 1 if committed else expected
            assert len(rows(out, "sources")) == expected
    assert [name for name in files_of(out) if name.startswith("sources")] == [
        f"sources/part-0000{number}.parquet" for number in range(3)
    ]


def test_what_cannot_be_listed_is_a_row(tmp_path):
    job = Tabulate()
    for options in ({}, {"resume": True}):
        with TableFolder(tmp_path, job, **options) as folder:
            folder.add_unlisted(RecordingError("cannot be read: Permission denied", path="runs/secret"))
            folder.end(all_found=False)
    (row,) = rows(tmp_path, "responses")
    assert (row["source"], row["error"]) == ("runs/secret", "cannot be read: Permission denied")
    assert str(folder.totals()) == "1 source: 0 read (0 recordings), 1 unreadable, 0 of something else"


def test_a_run_without_sources_makes_tables_without_rows(tmp_path):
    with TableFolder(tmp_path, Tabulate()) as folder:
        folder.end(all_found=True)
    assert rows(tmp_path, "responses") == []
    assert len(files_of(tmp_path)) == 4


def test_a_run_that_ends_before_it_has_read_anything_leaves_no_tables(files, tmp_path):
    """As with a scheduler that refuses: once that is mended, the same command is no wrong use."""
    with TableFolder(tmp_path / "out", Tabulate(events=True)):
        pass
    assert files_of(tmp_path / "out") == [".lock"]
    run(files, tmp_path / "out")
    assert rows(tmp_path / "out", "responses")
