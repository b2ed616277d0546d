"""A short name means a bundled recording, for every command and every function that reads one."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import inspector
from inspector.cli import cli
from inspector.recording.bundled import bundled_names, bundled_recording
from inspector.storage.bundled_files import bundled_path

READING = {
    "show": [],
    "ls": [],
    "replay": ["--speed", "1000"],
    "check": ["--no-sdk"],
    "stats": [],
    "report": ["-o", "-"],
    "import": [],
    "edit": ["--fault", "cut-clean"],
    "export": ["--format", "har"],
    "redact": [],
}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cli, list(arguments))


@pytest.mark.parametrize("name", bundled_names())
def test_its_path_is_the_bundled_one(name):
    assert bundled_path(name) == str(bundled_recording(name))


@pytest.mark.parametrize("command", READING)
def test_a_command_reads_it_by_its_name(command):
    result = run(command, "hello", *READING[command])
    assert (result.exit_code, "cannot be read" in result.output) == (0, False), result.output


@pytest.mark.parametrize("name", ["hello", "broken/cut_tool"])
def test_people_see_the_name_that_they_typed(name):
    assert run("check", name, "--no-sdk").stdout.startswith(f"{name}: ")
    assert run("ls", name).stdout.splitlines()[1].startswith(f"{name} ")


def test_python_reads_it_by_its_name():
    assert inspector.load("hello") == inspector.load(bundled_recording("hello"))
    assert inspector.diff("hello", "tool_use")
    assert run("diff", "hello", "hello").exit_code == 0


def test_a_file_or_folder_of_this_name_comes_first(empty_folder):
    (empty_folder / "hello").write_bytes(bundled_recording("tool_use").read_bytes())
    assert inspector.load("hello") == inspector.load(bundled_recording("tool_use"))
    (empty_folder / "thinking").mkdir()
    assert "no recordings in this folder" in run("check", "thinking").stderr


def test_a_link_to_nothing_is_not_replaced(empty_folder):
    (empty_folder / "hello").symlink_to("gone")
    assert "cannot be read" in run("show", "hello").stderr


@pytest.mark.parametrize("name", ["./hello", "hello.jsonl", "hello/", "Hello", "hell", "../recordings/hello"])
def test_anything_else_is_only_a_path(name):
    result = run("show", name)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "cannot be read" in result.stderr


def test_what_is_written_under_the_name_is_a_file_here(empty_folder):
    assert run("edit", "hello", "--fault", "cut-clean", "-o", "tool_use").exit_code == 0
    assert inspector.load("tool_use").end == inspector.load(empty_folder / "tool_use").end


@pytest.mark.parametrize(("name", "near"), [("helo", "hello"), ("broken/cut_tol", "broken/cut_tool")])
@pytest.mark.parametrize("command", READING)
def test_a_name_that_is_nearly_one_is_said(command, name, near):
    result = run(command, name, *READING[command])
    assert result.exit_code == 3
    assert f"{name}: cannot be read: No such file or directory; did you mean {near}," in result.output


@pytest.mark.parametrize("name", ["xyzzy", "helo.jsonl", "./helo", "captures/helo"])
def test_a_path_and_a_name_like_none_have_no_hint(name):
    output = run("check", name).output
    assert "cannot be read: No such file or directory" in output
    assert "did you mean" not in output
