"""`inspector redact` writes recordings without secrets, and never half of a file."""

from __future__ import annotations

import gzip
import json
import shutil

import pytest
from click.testing import CliRunner
from conftest import ROOT

import inspector
from inspector.cli import cli

KEY = "sk-ant-api03-q7W2e9R4t1Y6u3I8"
HELLO = ROOT / "recordings" / "hello.jsonl"
TOOLS = ROOT / "recordings" / "tool_session.jsonl"


def run(*arguments):
    return CliRunner().invoke(cli, ["redact", *map(str, arguments)])


@pytest.fixture
def leaky(tmp_path):
    """A recording of another program with a key in its request, a user and a prompt."""
    lines = HELLO.read_text().splitlines()
    head = json.loads(lines[0])
    head["request"]["headers"]["x-api-key"] = KEY
    head["request"]["body"] = {"system": f"use {KEY}", "metadata": {"user_id": "ann@example.com"}}
    file = tmp_path / "leaky.jsonl"
    file.write_text("\n".join([json.dumps(head), *lines[1:]]) + "\n")
    return file


def test_secrets_and_ids_are_hidden_and_counted(leaky, tmp_path):
    result = run(leaky, "-o", tmp_path / "safe.jsonl")
    assert result.exit_code == 0
    hidden = inspector.load(tmp_path / "safe.jsonl")
    assert KEY[7:] not in (tmp_path / "safe.jsonl").read_text()
    assert "ann@example.com" not in (tmp_path / "safe.jsonl").read_text()
    assert hidden.body == inspector.load(leaky).body
    counts = hidden.end.extra["redacted"]
    assert f"{leaky}: {', '.join(f'{count} {kind}' for kind, count in counts.items())}" in result.stderr
    assert {kind: counts[kind] for kind in ("key", "user")} == {"key": 1, "user": 1}


def test_without_an_output_it_writes_to_stdout(leaky):
    result = run(leaky, "--redact", "prompts")
    recording = json.loads(result.stdout.splitlines()[0])
    assert set(recording["request"]["body"]["system"]) == {"*"}


def test_a_session_stays_a_session_and_a_compressed_file_compressed(tmp_path):
    run(TOOLS, "-o", tmp_path / "safe.jsonl.gz", "--redact", "outputs,tool-inputs")
    assert gzip.decompress((tmp_path / "safe.jsonl.gz").read_bytes())
    sessions = inspector.load_all(tmp_path / "safe.jsonl.gz"), inspector.load_all(TOOLS)
    assert len(sessions[0]) == len(sessions[1]) == 2
    assert [len(each.body) for each in sessions[0]] == [len(each.body) for each in sessions[1]]


@pytest.mark.parametrize("packed", [False, True])
def test_in_place_a_file_is_replaced_only_if_something_is_hidden(leaky, packed):
    if packed:
        data = gzip.compress(leaky.read_bytes())
        leaky = leaky.rename(leaky.with_suffix(".jsonl.gz"))
        leaky.write_bytes(data)
    assert run("--in-place", leaky).exit_code == 0
    once, time = leaky.read_bytes(), leaky.stat().st_mtime_ns
    assert KEY[7:].encode() not in (gzip.decompress(once) if packed else once)
    result = run("--in-place", leaky)
    assert "nothing to hide" in result.stderr
    assert (leaky.read_bytes(), leaky.stat().st_mtime_ns) == (once, time)


def test_a_folder_is_copied_with_its_folders(leaky, tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    shutil.copy(leaky, tmp_path / "in" / "deep" / "a.jsonl")
    (tmp_path / "in" / "b.sse").write_bytes(inspector.load(HELLO).body)
    assert run(tmp_path / "in", "-o", tmp_path / "out").exit_code == 0
    names = {
        str(file.relative_to(tmp_path / "out")) for file in (tmp_path / "out").rglob("*") if file.is_file()
    }
    assert names == {"deep/a.jsonl", "b.jsonl"}


def test_the_same_key_makes_the_same_pseudonyms(leaky, tmp_path):
    for name, key in (("a", "k"), ("b", "k"), ("c", "another")):
        run(leaky, "-o", tmp_path / f"{name}.jsonl", "--redact-key", key)
    one, same, other = ((tmp_path / f"{name}.jsonl").read_bytes() for name in "abc")
    assert one == same != other


def test_what_cannot_be_read_is_said_and_the_others_are_done(leaky, tmp_path):
    (tmp_path / "broken.jsonl").write_text("no recording\n")
    result = run("--in-place", tmp_path / "broken.jsonl", leaky)
    assert result.exit_code == 3
    assert "broken.jsonl" in result.stderr
    assert KEY[7:] not in leaky.read_text()


def test_a_stream_that_is_no_recording_is_not_replaced(tmp_path):
    file = tmp_path / "a.sse"
    file.write_bytes(inspector.load(HELLO).body)
    before = file.read_bytes()
    result = run("--in-place", file)
    assert (result.exit_code, file.read_bytes()) == (3, before)
    assert "write one with -o FILE" in result.stderr


def test_a_file_that_exists_is_kept(leaky, tmp_path):
    (tmp_path / "b.jsonl").write_text("mine")
    assert run(leaky, "-o", tmp_path / "b.jsonl").exit_code == 3
    assert (tmp_path / "b.jsonl").read_text() == "mine"
    assert run(leaky, "-o", tmp_path / "b.jsonl", "--overwrite").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a FILE"),
        (["a", "--scan", "-o", "b"], "--scan writes nothing"),
        (["a", "--in-place", "-o", "b"], "leave -o out"),
        (["-", "--in-place"], "name files"),
        (["a", "b"], "several recordings need -o FOLDER"),
        (["a", "--overwrite"], "--overwrite is for files of -o"),
        (["a", "--redact", "all"], "'all' cannot be redacted; known are prompts"),
        (["a", "--redact-pattern", "x"], "'x' is not NAME=REGEX"),
    ],
)
def test_wrong_use(arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
