"""`inspector ls`: rows, formats, order, and what it says of files that cannot be read."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT

from inspector.checker import Severity
from inspector.checker.session import session_reports
from inspector.cli import cli
from inspector.formats import opened
from inspector.views.listing import Listed

RECORDINGS = ROOT / "recordings"
HELLO = (RECORDINGS / "hello.jsonl").read_bytes()


def ls(*arguments, **more):
    result = CliRunner().invoke(cli, ["ls", *map(str, arguments)], prog_name="inspector", **more)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def listed(*arguments):
    return json.loads(ls("--format", "json", *arguments).stdout)["recordings"]


def test_a_row_has_what_a_person_looks_for():
    titles, row = ls(RECORDINGS / "hello.jsonl").stdout.splitlines()
    assert re.split("  +", titles.strip())[1:] == [
        *("when (UTC)", "model", "status", "prompt", "events", "first text", "time", "outcome"),
        *("end", "verdict", "findings"),
    ]
    assert re.split("  +", row)[1:] == [
        *("2026-11-20 18:00", "claude-haiku-4-5-20251001", "200", "Hello! What is it like to be streamed?"),
        *("46", "668 ms", "2.1 s", "end_turn", "complete", "complete", "clean"),
    ]


def test_without_a_path_it_lists_the_current_folder_and_all_below_it(tmp_path, monkeypatch):
    (tmp_path / "below" / "deep").mkdir(parents=True)
    for name in ("b.jsonl", "below/deep/a.jsonl"):
        (tmp_path / name).write_bytes(HELLO)
    monkeypatch.chdir(tmp_path)
    assert [row["file"] for row in listed()] == ["b.jsonl", "below/deep/a.jsonl"]


def test_a_folder_without_recordings_is_said(tmp_path):
    result = ls(tmp_path)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "no recordings in this folder: it is empty" in result.stderr


def test_each_recording_of_a_session_has_a_row():
    session = RECORDINGS / "tool_session.jsonl"
    assert [(row["number"], row["stop_reason"]) for row in listed(session)] == [
        (1, "tool_use"),
        (2, "end_turn"),
    ]
    first, second = ls(session).stdout.splitlines()[1:]
    assert "tool_session.jsonl  " in first
    assert "tool_session.jsonl #2  " in second


def test_files_of_other_tools_are_listed_with_what_they_know(tmp_path):
    (tmp_path / "body.sse").write_bytes(
        b'event: message_start\ndata: {"type":"message_start","message":{"model":"m"}}\n\n'
    )
    [row] = listed(tmp_path)
    assert (row["model"], row["events"], row["end"]) == ("m", 1, None)
    assert (row["at"], row["prompt"], row["first_text"], row["duration"]) == (None,) * 4


def test_the_verdicts_are_those_of_check():
    rows = listed(RECORDINGS)
    reports = []
    for path in sorted({row["file"] for row in rows}, key=[row["file"] for row in rows].index):
        with opened(path) as reader:
            reports += session_reports(reader)
    checked = [
        (r.file, r.number, r.verdict, r.count(Severity.ERROR), r.count(Severity.WARNING)) for r in reports
    ]
    names = ("file", "number", "verdict", "errors", "warnings")
    assert [tuple(row[name] for name in names) for row in rows] == checked


def test_without_the_check_its_columns_are_empty_and_left_out():
    assert listed("--no-check", RECORDINGS / "hello.jsonl")[0]["verdict"] is None
    assert ls("--no-check", RECORDINGS).stdout.splitlines()[0].endswith("end")


@pytest.mark.parametrize("name", [*Listed._fields])
def test_it_sorts_by_every_field(name):
    rows, reverse = listed("--sort", name, RECORDINGS), listed("--sort", name, "-r", RECORDINGS)
    keys = [row[name] for row in rows]
    assert sorted(keys, key=lambda key: key is None) == keys
    assert [key for key in keys if key is not None] == [
        row[name] for row in reversed(reverse) if row[name] is not None
    ]


def test_numbers_are_sorted_as_numbers_and_names_as_people_count(tmp_path):
    for name in ("a10.jsonl", "a9.jsonl"):
        (tmp_path / name).write_bytes(HELLO)
    assert [Path(row["file"]).name for row in listed(tmp_path)] == ["a9.jsonl", "a10.jsonl"]
    events = [row["events"] for row in listed("--sort", "events", RECORDINGS)]
    assert events == sorted(events)


def test_csv_has_a_line_of_titles_and_raw_values():
    rows = list(csv.DictReader(io.StringIO(ls("--format", "csv", RECORDINGS).stdout)))
    for row, known in zip(rows, listed(RECORDINGS), strict=True):
        assert row == {name: "" if value is None else str(value) for name, value in known.items()}


def test_what_cannot_be_read_is_said_and_the_rest_is_listed(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(HELLO)
    (tmp_path / "b.jsonl").write_text("nothing\n")
    (tmp_path / "c.jsonl").write_bytes(HELLO + b'{"recording":1}\n' + b"[]\n")
    (tmp_path / "d.jsonl").write_bytes(HELLO)
    result = ls(tmp_path, tmp_path / "missing.jsonl")
    assert result.exit_code == 3
    names = [Path(line.split("  ")[0]).name for line in result.stdout.splitlines()[1:]]
    assert names == ["a.jsonl", "c.jsonl", "c.jsonl #2", "d.jsonl"]
    assert "b.jsonl:1: not a recording" in result.stderr
    assert f"c.jsonl:{len(HELLO.splitlines()) + 2}: not a line" in result.stderr
    assert "missing.jsonl: cannot be read" in result.stderr
    document = json.loads(ls("--format", "json", tmp_path).stdout)
    assert len(document["recordings"]) == 4
    assert len(document["unreadable"]) == 2


HOSTILE = "[red]x[/red]\x1b]52;c;aGk=\x07\r\n::error ::\u202e"


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """A recording whose name, prompt, model and stop reason are hostile, and hold a key."""
    key = "sk-ant-api03-" + "Ab1x" * 20
    said = f"{HOSTILE} {key}"
    head = json.loads(HELLO.splitlines()[0])
    head["request"]["body"]["messages"] = [{"role": "user", "content": said}]
    start = {"type": "message_start", "message": {"model": said, "stop_reason": said}}
    line = {"t": 1, "event": "message_start", "data": start}
    monkeypatch.chdir(tmp_path)
    Path(HOSTILE.replace("/", "") + ".jsonl").write_text(
        "\n".join(json.dumps(value, separators=(",", ":")) for value in (head, line)) + "\n"
    )
    return key


@pytest.mark.parametrize("format_", ["table", "json", "csv"])
def test_hostile_text_drives_nothing_and_secrets_are_masked(hostile, format_):
    result = ls("--format", format_)
    assert result.exit_code == 0
    assert "[red]x" in result.stdout
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", result.stdout.replace("\r\n", "\n"))
    assert not re.search(r"^\s*::", result.stdout, re.MULTILINE)
    assert hostile not in result.stdout
    assert "Ab1xAb1x" not in result.stdout


def test_several_processes_list_the_same_in_the_same_order(monkeypatch):
    monkeypatch.setattr("inspector.corpus.batches.MANY", 2)
    one, three = ls("-j", 1, RECORDINGS), ls("-j", 3, RECORDINGS)
    assert (one.stdout, one.stderr) == (three.stdout, three.stderr)


def test_standard_input_is_a_file():
    assert ls("-", input=HELLO).stdout.splitlines()[1].startswith("-  ")


def test_an_unknown_key_is_wrong_use():
    result = ls("--sort", "size")
    assert result.exit_code == 2
    assert "first_text" in result.stderr
