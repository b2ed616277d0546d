"""`check -o` and `stats -o`: tables instead of text, and what goes on after a run was killed."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys

import duckdb
import orjson
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner
from conftest import ROOT

from inspector.cli import cli
from inspector.corpus.tabulation.table_columns import COLUMNS


@pytest.fixture
def files(tmp_path):
    """Make a folder of two clean recordings and one with an error."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("hello", "thinking", "broken/cut_text"):
        shutil.copy(ROOT / "recordings" / f"{name}.jsonl", folder)
    return folder


def run(*arguments):
    return CliRunner().invoke(cli, [str(each) for each in arguments])


def rows(out, table="responses"):
    made = [row for file in (out / table).glob("*.parquet") for row in parquet.read_table(file).to_pylist()]
    return sorted(made, key=lambda row: [str(value) for value in row.values()])


def test_both_commands_write_the_same_tables(files, tmp_path):
    checked, measured = run("check", files, "-o", tmp_path / "a"), run("stats", files, "-o", tmp_path / "b")
    assert (checked.exit_code, measured.exit_code) == (1, 0)
    line = "inspector: 3 sources: 3 read (3 recordings), 0 unreadable, 0 of something else\n"
    assert (checked.stdout, checked.stderr) == (measured.stdout, measured.stderr) == ("", line)
    for table in ("responses", "findings", "sources"):
        assert rows(tmp_path / "a", table) == rows(tmp_path / "b", table)
    assert not (tmp_path / "a" / "events").exists()


def test_the_rows_are_those_of_the_json(files, tmp_path):
    run("check", files, "-o", tmp_path / "out", "--events")
    reports = json.loads(run("check", files, "--format", "json", "--no-sdk").stdout)
    findings = [
        (finding["file"], finding["rule"], finding["message"], finding["t"])
        for report in reports["reports"]
        for finding in report["findings"]
    ]
    made = [
        (row["source"], row["rule"], row["message"], row["t"]) for row in rows(tmp_path / "out", "findings")
    ]
    assert sorted(made, key=str) == sorted(findings, key=str) != []
    measured = json.loads(run("stats", files, "--format", "json").stdout)["recordings"]
    assert [row["events"] for row in rows(tmp_path / "out")] == [each["events"] for each in measured]
    assert len(rows(tmp_path / "out", "events")) == sum(each["events"] for each in measured)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ((), 1),
        (("--fail-on", "never"), 0),
        (("--select", "timing"), 0),
        (("--ignore", "body-truncated"), 0),
    ],
)
def test_the_status_of_check_is_that_without_tables(files, tmp_path, options, status):
    assert run("check", files, "--no-sdk", *options).exit_code == status
    assert run("check", files, "-o", tmp_path / "out", *options).exit_code == status
    assert run("check", files, "-o", tmp_path / "out", "--resume", *options).exit_code == status


def test_what_cannot_be_read_is_said_and_is_a_row(files, tmp_path):
    (files / "bad.jsonl").write_text("{}\n")
    (tmp_path / "empty").mkdir()
    result = run("check", files, tmp_path / "empty", tmp_path / "gone.jsonl", "-o", tmp_path / "out")
    assert result.exit_code == 3
    lines = result.stderr.splitlines()
    assert lines[-1] == "inspector: 6 sources: 3 read (3 recordings), 3 unreadable, 0 of something else"
    assert len(lines) == 4
    errors = {row["source"]: row["error"] for row in rows(tmp_path / "out") if row["error"]}
    assert {name.removeprefix(f"{tmp_path}/") for name in errors} == {
        "files/bad.jsonl",
        "empty",
        "gone.jsonl",
    }
    assert errors[f"{tmp_path}/empty"] == "no recordings in this folder: it is empty"
    (tmp_path / "gone.jsonl").write_bytes((files / "hello.jsonl").read_bytes())
    again = run(
        "check", files, tmp_path / "empty", tmp_path / "gone.jsonl", "-o", tmp_path / "out", "--resume"
    )
    assert again.stderr.splitlines()[-1] == (
        "inspector: 6 sources: 4 read (4 recordings), 2 unreadable, 0 of something else; "
        "4 were in the tables before"
    )


@pytest.mark.parametrize("command", ["check", "stats"])
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_one_table_goes_into_a_file(files, tmp_path, command, ending):
    table = {"check": "findings", "stats": "responses"}[command]
    run(command, files, "-o", tmp_path / "out")
    file = tmp_path / f"table.{ending}"
    assert run(command, files, "-o", file).exit_code == (command == "check")
    expected = [
        tuple(" ".join(value) if isinstance(value, list) else value for value in row.values())
        for row in rows(tmp_path / "out", table)
    ]
    made = duckdb.sql(f"from '{file}'").to_arrow_table().to_pylist()
    assert list(made[0]) == list(COLUMNS[table])
    assert len(made) == len(expected)
    if ending == "csv":
        lines = list(csv.reader(io.StringIO(file.read_text())))[1:]
        texts = [tuple("" if value is None else value for value in row) for row in expected]
        for line, row in zip(sorted(lines), sorted(texts, key=str), strict=True):
            for made_text, value in zip(line, row, strict=True):
                assert made_text == str(value).replace("+00:00", "Z") or float(made_text) == value
    elif ending == "jsonl":
        lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
        plain = orjson.loads(orjson.dumps(rows(tmp_path / "out", table), option=orjson.OPT_UTC_Z))
        assert sorted(lines, key=str) == sorted(plain, key=str)
    else:
        assert sorted(parquet.read_table(file).to_pylist(), key=str) == sorted(
            rows(tmp_path / "out", table), key=str
        )
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [file.name]


def test_a_file_is_replaced_only_if_asked(files, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("mine")
    result = run("stats", files, "-o", file)
    assert (result.exit_code, file.read_text()) == (3, "mine")
    assert result.stderr == f"inspector: {file}: exists already; use --overwrite to replace it\n"
    assert run("stats", files, "-o", file, "--overwrite").exit_code == 0
    assert file.read_text().startswith('"source","number"')


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--resume"], "--resume is for tables; name a folder for them with -o"),
        (["--events"], "--events is for tables; name a folder for them with -o"),
        (
            ["-o", "out", "--resume", "--overwrite"],
            "--resume goes on with what is there, and --overwrite repl",
        ),
        (
            ["-o", "x.json"],
            "-o x.json: all tables go to a folder, one table to a file that ends in .parquet,",
        ),
        (["-o", "x.csv", "--events"], "--events is for a folder of tables; x.csv is one table in one file"),
        (["-o", "x.csv", "--resume"], "--resume is for a folder of tables; x.csv is one table in one file"),
        (["-o", "out", "--format", "json"], "-o writes tables, so leave out --format"),
    ],
)
@pytest.mark.parametrize("command", ["check", "stats"])
def test_wrong_use_is_one_line(files, tmp_path, monkeypatch, command, options, message):
    monkeypatch.chdir(tmp_path)
    result = run(command, files, *options)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"inspector: {message}")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("file/", "/file: is no folder; name another one for the tables"),
        (
            "file/out",
            "/file/out: cannot be made, since {}/file is no folder; name another one for the tables",
        ),
        ("link/", "/link: is no folder; name another one for the tables"),
        ("out", "/out: .new-tables stands where a folder of tables goes; remove it, or name another folder"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--resume",), ("--overwrite",)])
def test_a_folder_that_cannot_be_made_is_one_line(files, tmp_path, output, why, options):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".new-tables").write_text("mine")
    result = run("check", files, "-o", f"{tmp_path}/{output}", *options)
    assert (result.exit_code, result.stderr) == (3, f"inspector: {tmp_path}{why.format(tmp_path)}\n")


def test_standard_input_is_a_source(files, tmp_path):
    body = (files / "hello.jsonl").read_bytes()
    for options in ((), ("--resume",)):
        arguments = ["check", "-", "-o", str(tmp_path / "out"), *options]
        result = CliRunner().invoke(cli, arguments, input=body)
        assert result.exit_code == 0, result.output
        assert [row["source"] for row in rows(tmp_path / "out")] == ["-"]


KILLED = """
import sys
from inspector.cli import main
from inspector.corpus import batches
from inspector.corpus.tabulation import table_folder
from inspector.corpus.tabulation import table_parts

batches.MOST, clock = 8, iter(range(0, 10**6, 5))  # seconds: a look at it at each batch and each part
if sys.argv[3] == "size":
    table_folder._PART = 1
else:
    table_folder.TableFolder.__init__.__kwdefaults__["clock"] = lambda: next(clock)
commit = table_parts.PartWriter.commit

def committing(part):
    commit(part)
    print("a part is there", flush=True)

table_parts.PartWriter.commit = committing
sys.argv = ["inspector", "check", sys.argv[1], "-o", sys.argv[2], "-j2"]
main()
"""


@pytest.mark.parametrize("by", ["size", "time"])
def test_a_run_with_workers_that_is_killed_goes_on(tmp_path, by):
    many = tmp_path / "many"
    many.mkdir()
    hello = (ROOT / "recordings" / "hello.jsonl").read_bytes()
    for number in range(400):
        (many / f"{number}.jsonl").write_bytes(hello)
    arguments = [sys.executable, "-c", KILLED, str(many), str(tmp_path / "out"), by]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT) as process:
        for _ in range(5):
            assert process.stdout.readline() == b"a part is there\n"
        process.kill()
        process.wait()
    done = len(rows(tmp_path / "out"))
    assert 0 < done < 400
    result = run("check", many, "-o", tmp_path / "out", "--resume", "-j2")
    assert result.stderr.endswith(
        f"400 sources: 400 read (400 recordings), 0 unreadable, 0 of something else; "
        f"{done} were in the tables before\n"
    )
    run("check", many, "-o", tmp_path / "whole", "-j1")
    for table in ("responses", "findings", "sources"):
        assert rows(tmp_path / "out", table) == rows(tmp_path / "whole", table)


def test_what_could_not_be_read_before_is_named_again(files, tmp_path):
    """The status says that something in the tables could not be read, so the text says what."""
    (files / "bad.jsonl").write_text("{}\n")
    for number in range(4):
        (files / f"cut{number}.jsonl.zst").write_bytes(b"\x28\xb5\x2f\xfd\x04\x58")
    first = run("stats", files, "-o", tmp_path / "out")
    again = run("stats", files, "-o", tmp_path / "out", "--resume")
    assert (first.exit_code, again.exit_code) == (3, 3)
    assert again.stderr.splitlines()[-1].endswith("; 8 were in the tables before")
    named, cut = again.stderr.splitlines()[:-1]
    assert named.startswith(f"inspector: {files}/bad.jsonl: ")
    assert cut.startswith("inspector: 4 files: ")
    assert cut.endswith(f"{files}/cut1.jsonl.zst, {files}/cut2.jsonl.zst, …")
    sources = {row["source"].rpartition("/")[2]: row for row in rows(tmp_path / "out", "sources")}
    assert sources["cut0.jsonl.zst"]["complete"]  # the same bytes say the same: nobody reads them again


def test_what_is_found_by_now_is_no_longer_unreadable(files, tmp_path):
    """A name that was not there, and a folder that held nothing, or that nobody may list."""
    late, empty, out = tmp_path / "late", tmp_path / "empty", tmp_path / "out"
    empty.mkdir()
    assert run("stats", files, late, empty, "-o", out).exit_code == 3
    assert {row["source"] for row in rows(out) if row["error"]} == {str(late), str(empty)}
    for folder in (late, empty):
        shutil.copytree(files, folder, dirs_exist_ok=True)
    again = run("stats", files, late, empty, "-o", out, "--resume")
    assert again.exit_code == 0, again.output
    assert again.stderr == (
        "inspector: 9 sources: 9 read (9 recordings), 0 unreadable, 0 of something else; "
        "3 were in the tables before\n"
    )


def test_a_name_that_was_wrong_goes_with_the_next_run_that_ends(files, tmp_path):
    out = tmp_path / "out"
    assert run("stats", files, tmp_path / "tyop", "-o", out).exit_code == 3
    assert run("stats", files, "-o", out, "--resume").exit_code == 0
    assert not [row for row in rows(out) if row["error"]]


def test_a_file_that_was_found_and_not_read_stays_until_it_is_named_again(files, tmp_path):
    out, other = tmp_path / "out", tmp_path / "other"
    shutil.copytree(files, other)
    (files / "bad.jsonl").write_text("{}\n")
    assert run("stats", files, "-o", out).exit_code == 3
    again = run("stats", other, "-o", out, "--resume")
    assert again.exit_code == 3
    assert f"{files}/bad.jsonl: line 1: not a recording" in again.stderr


def test_tables_in_which_nothing_was_found_are_made_anew(files, tmp_path):
    (tmp_path / "empty").mkdir()
    for wrong in ("tyop", "empty"):
        assert run("stats", tmp_path / wrong, "-o", tmp_path / "out").exit_code == 3
    assert run("stats", files, "-o", tmp_path / "out").exit_code == 0
    assert run("stats", files, "-o", tmp_path / "out").exit_code == 3
    assert len(rows(tmp_path / "out")) == 3


@pytest.mark.parametrize("output", ["out", "out.jsonl"])
@pytest.mark.parametrize("wrong", ["tyop", "empty", "files/tyop.jsonl", "nothing/*.jsonl"])
def test_a_wrong_name_replaces_nothing(files, tmp_path, monkeypatch, output, wrong):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert run("stats", "files", "-o", output).exit_code == 0
    before = [path.read_bytes() for path in tmp_path.glob("out*/responses/*")] or (
        tmp_path / output
    ).read_bytes()
    result = run("stats", "files", wrong, "-o", output, "--overwrite")
    assert result.exit_code == 3
    assert "that was there stays" in result.stderr or "that were there stay" in result.stderr
    after = [path.read_bytes() for path in tmp_path.glob("out*/responses/*")] or (
        tmp_path / output
    ).read_bytes()
    assert after == before


def test_what_cannot_be_read_of_a_folder_keeps_no_old_tables(files, tmp_path):
    run("stats", files, "-o", tmp_path / "out")
    (files / "bad.jsonl").write_text("{}\n")
    (files / "gone.jsonl").symlink_to("nowhere")
    result = run("stats", files, "-o", tmp_path / "out", "--overwrite")
    assert (result.exit_code, len(rows(tmp_path / "out"))) == (3, 5)
    assert "stay" not in result.stderr


def killed_overwrite(out, files):
    """Leave what `check FILES -o OUT --overwrite` leaves if it is killed before a part is committed."""
    script = """
import os, sys
from inspector.cli import main
from inspector.corpus.tabulation.table_parts import PartWriter

PartWriter.commit = lambda part: os._exit(9)
sys.argv = ["inspector", "check", sys.argv[1], "-o", sys.argv[2], "--overwrite", "-j1"]
main()
"""
    done = subprocess.run([sys.executable, "-c", script, str(files), str(out)], cwd=ROOT, check=False)
    assert done.returncode == 9
    assert list((out / ".new-tables" / "responses").glob(".*.tmp"))


def test_an_overwrite_that_was_killed_takes_no_rows_of_others_along(files, tmp_path):
    out = tmp_path / "out"
    for name in ("one", "two", "big", "three"):
        shutil.copytree(files, tmp_path / name)
    run("check", tmp_path / "one", "-o", out)
    run("check", tmp_path / "two", "-o", out, "--resume")
    killed_overwrite(out, tmp_path / "big")
    result = run("check", tmp_path / "three", "-o", out, "--resume")
    assert result.exit_code == 1
    assert {row["source"].split("/")[-2] for row in rows(out)} == {"one", "two", "three"}
    assert result.stderr.splitlines() == [
        f"inspector: {out}: an --overwrite of {tmp_path}/big was interrupted before it read anything; "
        "the tables that were there stay",
        "inspector: 9 sources: 9 read (9 recordings), 0 unreadable, 0 of something else",
    ]


def test_an_overwrite_that_was_killed_is_finished_by_the_same_names(files, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(files, tmp_path / "big")
    run("check", files, "-o", out)
    killed_overwrite(out, tmp_path / "big")
    result = run("check", tmp_path / "big", "-o", out, "--resume")
    assert {row["source"].split("/")[-2] for row in rows(out)} == {"big"}
    assert "goes on with the --overwrite that was interrupted" in result.stderr


def test_an_overwrite_with_a_wrong_name_takes_no_rows_of_others_along(files, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(files, tmp_path / "new")
    run("check", files, "-o", out)
    wrong = run("check", tmp_path / "new", tmp_path / "tyop", "-o", out, "--overwrite")
    assert "with the same names --resume goes on with the new ones, --overwrite begins anew" in wrong.stderr
    before = rows(out)
    result = run("check", tmp_path / "new", "-o", out, "--resume")
    assert (result.exit_code, result.stdout, rows(out)) == (2, "", before)
    assert result.stderr == (
        f"inspector: {out}: an --overwrite of {tmp_path}/new, {tmp_path}/tyop is not finished, and this "
        "command names others; with the same names --resume finishes it, --overwrite begins anew; "
        f"to drop it, remove {out}/.new-tables\n"
    )


def test_a_file_that_several_names_mean_is_in_the_tables_once(files, tmp_path):
    run("stats", files, files / "hello.jsonl", files / "*.jsonl", files, "-o", tmp_path / "out")
    assert len(rows(tmp_path / "out")) == 3
    result = run("stats", *(tmp_path / "empty", tmp_path / "empty"), "-o", tmp_path / "none")
    assert result.stderr.endswith("1 source: 0 read (0 recordings), 1 unreadable, 0 of something else\n")
    result = run("stats", files / "hello.jsonl", "-o", tmp_path / "out", "--resume")
    assert result.stderr.endswith("; 1 was in the tables before\n")


def test_the_tables_do_not_go_into_the_folder_that_is_read(files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("files")
    for output in ("files", "files/", "./files/../files", "link/"):
        result = run("check", "files/", "-o", output)
        assert result.exit_code == 2
        assert (
            result.stderr == f"inspector: -o {output}: this folder is read; name another one for the tables\n"
        )
    assert len(list(files.iterdir())) == 3
