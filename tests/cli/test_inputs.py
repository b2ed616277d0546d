"""What commands read from their FILE arguments, and what they say of a torn line."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from inspector.cli import cli
from inspector.cli._inputs import paths_of, values_of
from inspector.errors import RecordingError
from inspector.recording import load
from inspector.recording.bundled import bundled_recording


def test_the_values_of_a_file_come_in_order(capsys):
    path = str(bundled_recording("hello"))
    recording = load(path)
    assert list(values_of(path)) == [recording.head, *recording.blocks, recording.end]
    assert capsys.readouterr().err == ""


def test_a_torn_line_is_said_on_standard_error_with_its_place(capsys):
    path = str(bundled_recording("broken/torn"))
    *_, torn = values_of(path)
    message = f"inspector: {path}:{torn.line}: the line is torn; what stands before it is shown\n"
    assert capsys.readouterr().err == message


def test_a_file_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(RecordingError, match="No such file"):
        next(values_of(str(tmp_path / "none.jsonl")))


def test_files_that_recordings_wait_for_are_named_unless_those_are_shown_too(tmp_path, capsys):
    hello = bundled_recording("hello").read_bytes()
    file, folder = tmp_path / "s.jsonl", tmp_path / "s.jsonl.waiting"
    folder.mkdir()
    for path in (file, folder / "1-1.jsonl", folder / "1-2.jsonl"):
        path.write_bytes(hello)
    assert list(paths_of([str(file)])) == [str(file)]
    assert f"inspector: {file}: 2 recordings are not in this file but in {folder}:" in capsys.readouterr().err
    assert len(list(paths_of([str(tmp_path)]))) == len(list(paths_of([str(file), str(folder)]))) == 3
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["show", "check", "replay"])
def test_standard_input_can_be_given_once(command):
    result = CliRunner().invoke(cli, [command, "-", "-"], input=b"")
    assert result.exit_code == 2
    assert "`-` is standard input, which can be read only once" in result.stderr


@pytest.mark.parametrize(
    "command, done", [("ls", "listed"), ("stats", "measured"), ("check", "checked"), ("show", "shown")]
)
def test_every_command_says_that_a_line_is_torn(command, done):
    path = bundled_recording("broken/torn")
    result = CliRunner().invoke(cli, [command, str(path)])
    message = f"inspector: {path}:15: the line is torn; what stands before it is {done}\n"
    assert (result.exit_code, result.stderr) == (0, message)


def test_a_torn_line_of_a_file_below_both_folders_is_said_once():
    folder = bundled_recording("hello").parent
    result = CliRunner().invoke(cli, ["diff", "-q", str(folder), str(folder / "broken")])
    assert result.stderr.count("the line is torn") == 1
