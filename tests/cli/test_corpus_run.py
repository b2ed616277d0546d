"""Commands over many files: totals that add up, workers that die, signals, and what is printed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from xml.etree import ElementTree

import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner

from inspector.cli import cli
from inspector.cli._corpus_listing import Listing
from inspector.cli._corpus_options import Engines
from inspector.cli._corpus_run import run_job
from inspector.cli._signals import Terminated
from inspector.corpus.engines.this_process import ThisProcess
from inspector.corpus.jobs import Counts
from inspector.corpus.member_reading import Files
from inspector.corpus.totals import Totals
from inspector.errors import EngineError
from inspector.recording.bundled import bundled_recording
from inspector.storage import listed

HELLO = bundled_recording("hello").read_bytes()
TORN = bundled_recording("broken/torn").read_bytes()
COMMAND = [sys.executable, "-m", "inspector"]


def run(*arguments, **more):
    result = CliRunner().invoke(cli, list(map(str, arguments)), prog_name="inspector", **more)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def folder(tmp_path):
    """120 recordings, 7 with a torn line, 5 that cannot be read, and 3 files of something else."""
    for number in range(120):
        (tmp_path / f"{number:03}.jsonl").write_bytes(TORN if number % 18 == 0 else HELLO)
    for number in range(5):
        (tmp_path / f"bad-{number}.jsonl").write_bytes(b"x\n")
    for number in range(3):
        (tmp_path / f"other-{number}.json").write_text("{}")
    return tmp_path


@pytest.mark.parametrize("command", ["check", "stats", "ls"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_totals_add_up_and_what_is_said_often_is_said_once(folder, command, jobs):
    result = run(command, "-j", jobs, folder)
    assert result.exit_code == 3
    lines = [line for line in result.stderr.splitlines() if line.startswith("inspector: ")]
    totals = "128 sources: 120 read (120 recordings), 5 unreadable, 3 of something else"
    assert f"inspector: {totals}" in lines
    numbers = [int(number) for number in re.findall(r"\d+", totals)]
    assert numbers[0] == numbers[1] + numbers[3] + numbers[4]
    assert len([line for line in lines if "7 files: the line is torn" in line]) == 1
    assert len([line for line in lines if "5 files: not a recording" in line]) == 1
    assert len(lines) == 3


def test_json_names_every_file_that_cannot_be_read(folder):
    document = json.loads(run("check", "--format", "json", folder).stdout)
    assert len(document["unreadable"]) == 5
    assert document["summary"]["recordings"] == 120


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_folder_of_other_files_says_what_it_holds(tmp_path, jobs):
    for number in range(120):
        (tmp_path / f"{number}.json").write_text("{}")
    result = run("check", "-j", jobs, tmp_path)
    assert result.exit_code == 3
    assert "no recordings in this folder: it holds 120 other files: 120 .json" in result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scheduler", "10.0.0.7:8786"], "this is no address; write tcp://HOST:PORT"),
        (["--scheduler", "tcp://a:1", "--engine", "processes"], "--scheduler is for --engine dask"),
        (["--scheduler", "tcp://a:1", "-j", "2"], "the scheduler's workers are its own"),
        (["--engine", "dask", "-"], "a cluster cannot read it"),
    ],
)
def test_options_that_exclude_each_other_are_wrong_use(options, message):
    result = run("check", *options, *([] if "-" in options else ["."]))
    assert result.exit_code == 2
    assert message in result.stderr


class Ends:
    """An engine that ends after its first result."""

    def __init__(self, error):
        self.error = error

    def run(self, job, sources):
        next(iter(sources))
        yield Files(Counts(1, Totals(read=1)))
        raise self.error


@pytest.mark.parametrize(
    ("error", "status"), [(EngineError("the scheduler is gone"), 3), (KeyboardInterrupt(), 130)]
)
def test_what_was_read_is_there_when_an_engine_ends(error, status, folder, monkeypatch):
    monkeypatch.setattr("inspector.cli._corpus_run._engine", lambda *_: Ends(error))
    consumed = []
    done = run_job(None, Listing([str(folder)]), Engines(), consumed.append, label="x")
    assert (done.status, len(consumed), done.counts.sources) == (status, 1, 1)
    assert done.why in ("the scheduler is gone", "interrupted after 1 of more than 1 sources")


class Loses:
    """An engine that gives back no more than the first source."""

    def run(self, job, sources):
        yield Files(Counts(1, Totals(read=1)))
        list(sources)


def test_sources_that_do_not_come_back_are_an_error(folder, monkeypatch):
    monkeypatch.setattr("inspector.cli._corpus_run._engine", lambda *_: Loses())
    done = run_job(None, Listing([str(folder)]), Engines(), lambda _: None, label="x")
    assert (done.status, done.why) == (3, "1 of 128 sources came back from the engine")


class ReadsThenEnds(ThisProcess):
    """An engine that ends after the first batch."""

    def __init__(self, error):
        self.error = error

    def run(self, job, sources):
        yield next(super().run(job, sources))
        raise self.error


ENDS = [
    (EngineError("the scheduler of sk-ant-api03-abcdefghijklmnopqrst is gone"), 3, "the scheduler of "),
    (KeyboardInterrupt(), 130, "interrupted after 8 of "),
    (Terminated(signal.SIGTERM), 143, "interrupted after 8 of "),
]


@pytest.mark.parametrize(("error", "status", "why"), ENDS)
@pytest.mark.parametrize("command", ["check", "stats", "ls"])
def test_json_says_that_it_is_incomplete(error, status, why, command, folder, monkeypatch):
    monkeypatch.setattr("inspector.cli._corpus_run._engine", lambda *_: ReadsThenEnds(error))
    result = run(command, "--format", "json", folder)
    assert result.exit_code == status
    incomplete = json.loads(result.stdout)["incomplete"]
    assert incomplete.startswith(why)
    assert f"inspector: {incomplete}\n" in result.stderr
    assert "abcdefghijklmnopqrst" not in result.output
    monkeypatch.undo()
    assert json.loads(run(command, "--format", "json", folder).stdout)["incomplete"] is None


def test_documents_of_other_tools_say_that_they_are_incomplete(folder, monkeypatch):
    monkeypatch.setattr("inspector.cli._corpus_run._engine", lambda *_: ReadsThenEnds(KeyboardInterrupt()))
    shown = {form: run("check", "--format", form, folder).stdout for form in ("junit", "sarif", "github")}
    error = ElementTree.fromstring(shown["junit"]).find(".//error[@type='incomplete']")
    assert error.get("message").startswith("interrupted after 8 of ")
    (invocation,) = json.loads(shown["sarif"])["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    (*_, notification) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == error.get("message")
    assert shown["github"].splitlines()[-1] == f"::error title=incomplete::{error.get('message')}"


@pytest.mark.parametrize(("error", "status", "why"), ENDS)
@pytest.mark.parametrize("command", ["check", "stats"])
def test_tables_of_a_run_that_ends_early_are_kept(error, status, why, command, folder, monkeypatch, tmp_path):
    out = folder / "tables"
    monkeypatch.setattr("inspector.cli._corpus_run._engine", lambda *_: ReadsThenEnds(error))
    result = run(command, folder, "-o", out)
    assert result.exit_code == status
    assert result.stderr.splitlines()[-1].startswith(f"inspector: {why}")
    assert "came back from the engine" not in result.stderr
    monkeypatch.undo()
    again = run(command, folder, "-o", out, "--resume")
    assert "8 were in the tables before" in again.stderr


@pytest.mark.parametrize("tables", [False, True])
def test_nothing_is_said_of_a_name_that_is_being_listed(folder, monkeypatch, tmp_path, tables):
    def broken_off(name):
        if name == "s3://captures/":
            raise KeyboardInterrupt
        yield from listed(name)

    monkeypatch.setattr("inspector.cli._corpus_listing.listed", broken_off)
    options = ["-o", tmp_path / "tables"] if tables else []
    result = run("check", "-q", "-j1", folder, "s3://captures/", *options)
    assert result.exit_code == 130
    assert re.fullmatch(
        r"inspector: interrupted after \d+ of more than 128 sources", result.stderr.splitlines()[-1]
    )
    assert "s3://captures/" not in result.stderr
    if tables:
        written = parquet.read_table(tmp_path / "tables" / "sources", columns=["source"])
        assert "s3://captures/" not in written["source"].to_pylist()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("format_", ["text", "json", "tables"])
def test_a_signal_ends_all_processes_and_prints_what_there_is(tmp_path, number, status, format_):
    for at in range(200):
        (tmp_path / f"{at:03}.jsonl").write_bytes(HELLO)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "150.jsonl").unlink()
    (tmp_path / "150.jsonl").symlink_to(tmp_path / "pipe")  # nobody writes to it: reading it lasts
    files = sorted(map(str, tmp_path.glob("*.jsonl")))
    tables = format_ == "tables"
    options = ["-o", str(tmp_path / "tables")] if tables else ["--no-sdk", "--format", format_]
    command = [*COMMAND, "check", "-j", "2", *options, *files]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    workers = _children(process.pid, 2)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == status, err
    assert "Traceback" not in err
    assert re.search(r"inspector: interrupted after \d+ of (more than )?\d+ sources", err)
    if format_ == "json":
        assert json.loads(out)["summary"]["recordings"] < 200
    if tables:
        parts = (tmp_path / "tables").glob("sources/*.parquet")  # none if nothing had come
        assert sum(parquet.read_metadata(part).num_rows for part in parts) < 200
    assert not any(map(_runs, workers))


def _children(parent, count):
    """The processes that a process started, as soon as there are enough."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with open(f"/proc/{parent}/task/{parent}/children") as file:  # noqa: PTH123
                children = file.read().split()
        except FileNotFoundError:
            children = []
        if len(children) >= count:
            return children
        assert time.monotonic() < deadline


def _runs(process):
    return os.path.exists(f"/proc/{process}")  # noqa: PTH110
