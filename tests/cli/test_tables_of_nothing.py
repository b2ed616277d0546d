"""Names under which nothing can be read: old tables change neither the exit status nor the last line."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner
from conftest import ROOT
from object_servers import refusal

from inspector.cli import cli
from inspector.corpus.tabulation.table_beginning import begin
from inspector.storage import object_clients


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with names of each kind, and old tables in `out`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(object_clients, "_clients", {})
    monkeypatch.setattr(object_clients, "_RETRIES", {**object_clients._RETRIES, "max_retries": 0})
    for folder in ("empty", "other", "old"):
        (tmp_path / folder).mkdir()
    (tmp_path / "other" / "notes.txt").write_text("none")
    shutil.copy(ROOT / "recordings" / "hello.jsonl", tmp_path / "old")
    assert run("stats", "old", "-o", "out").exit_code == 0
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cli, list(arguments))


def outcome(*arguments):
    """The exit status, and the line of totals."""
    result = run(*arguments)
    (line,) = [line for line in result.stderr.splitlines() if " unreadable" in line]
    return result.exit_code, line


def parts_of(folder):
    return {path: path.read_bytes() for path in folder.glob("*/*.parquet") if ".new-tables" not in path.parts}


def assert_old_tables_change_nothing(place, command, *arguments):
    alone = run(command, *arguments).exit_code
    fresh = outcome(command, *arguments, "-o", "fresh")
    before = parts_of(place / "out")
    assert outcome(command, *arguments, "-o", "out", "--overwrite") == fresh
    assert fresh[0] == alone == 3
    assert "0 sources: " not in fresh[1] and " 0 unreadable" not in fresh[1]
    assert parts_of(place / "out") == before


@pytest.mark.parametrize("command", ["check", "stats"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("tyop",),
        ("tyop.jsonl", "tyop"),
        ("empty",),
        ("other",),
        ("old/*.sse",),
        ("empty", "other", "tyop", "-q"),
        ("tyop", "-j2"),
    ],
    ids=" ".join,
)
def test_a_name_under_which_nothing_is_found(place, command, arguments):
    assert_old_tables_change_nothing(place, command, *arguments)


@pytest.mark.parametrize("command", ["check", "stats"])
@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket"])
def test_a_bucket_that_cannot_be_listed(place, fake_store, command, code):
    fake_store.answers = {"/bucket": refusal(403, code)}
    assert_old_tables_change_nothing(place, command, "s3://bucket/run/", "-j1")


def test_a_store_that_does_not_answer(place, fake_store, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert_old_tables_change_nothing(place, "check", "s3://bucket/run/", "-j1")


def test_old_tables_that_are_damaged(place):
    (part,) = (place / "out" / "responses").iterdir()
    part.write_bytes(part.read_bytes()[:40])
    assert_old_tables_change_nothing(place, "check", "tyop")


def test_a_run_that_was_killed_and_goes_on_says_it_again(place):
    fresh = outcome("stats", "tyop", "-o", "fresh")
    hidden = begin(place / "out", ["tyop"], lambda line: None, overwrite=True)
    shutil.copytree("fresh", hidden, dirs_exist_ok=True)
    before = parts_of(place / "out")
    result = run("stats", "tyop", "-o", "out", "--resume")
    assert (result.exit_code, result.stderr.splitlines()[-2]) == fresh
    assert "inspector: tyop: " in result.stderr
    assert parts_of(place / "out") == before
