"""`inspector edit` and `inspector faults`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner

import inspector
from inspector import faults
from inspector.cli import cli
from inspector.recording import dump, recordings
from inspector.recording.bundled import bundled_recording

HELLO, TOOL, SESSION = (str(bundled_recording(name)) for name in ("hello", "tool_use", "tool_session"))


def run(*arguments, **options):
    return CliRunner().invoke(cli, arguments, **options)


def edited(*arguments):
    result = run("edit", *arguments)
    assert result.exit_code == 0, result.stderr
    return list(recordings(io.BytesIO(result.stdout_bytes)))


def test_it_writes_the_edited_recording_to_stdout():
    expected = faults.apply(inspector.load(TOOL), "cut-fin@ev:7")
    assert run("edit", TOOL, "--fault", "cut-fin@ev:7").stdout_bytes == b"".join(dump(expected))


def test_it_writes_to_a_file_and_replaces_none_unasked(tmp_path):
    out = tmp_path / "out.jsonl"
    assert run("edit", HELLO, "--fault", "cut-rst", "-o", str(out)).exit_code == 0
    assert inspector.load(out).end.how == "reset"
    again = run("edit", HELLO, "--fault", "cut-fin", "-o", str(out))
    assert (again.exit_code, inspector.load(out).end.how) == (3, "reset")
    assert "overwrite" in again.stderr
    assert run("edit", HELLO, "--fault", "cut-fin", "-o", str(out), "--overwrite").exit_code == 0
    assert inspector.load(out).end.how == "cut"


def test_it_reads_standard_input_so_that_edits_can_be_chained():
    first = run("edit", HELLO, "--fault", "newlines=crlf").stdout_bytes
    result = run("edit", "-", "--fault", "cut-clean@ev:2", input=first)
    (recording,) = recordings(io.BytesIO(result.stdout_bytes))
    assert recording.head.extra == {"faults": ["newlines=crlf", "cut-clean@ev:2"]}
    assert recording.body.endswith(b"\r\n\r\n")


def test_several_faults_strike_together_and_the_seed_counts():
    arguments = ("--fault", "rechunk=random", "--fault", "cut-fin")
    one, other = (edited(HELLO, *arguments, "--seed", seed)[0] for seed in "12")
    assert one.end.how == other.end.how == "cut"
    assert list(one.chunks()) != list(other.chunks())


def test_a_preset_gives_a_session_with_each_of_its_faults():
    found = edited(TOOL, "--fault", "dirty-dozen")
    assert [each.head.extra["faults"] for each in found] == [[text] for text in inspector.DIRTY_DOZEN]


def test_a_fault_that_will_be_over_gives_the_failures_and_then_the_answer():
    found = edited(SESSION, "--fault", "http-error,on=1..2")
    assert [each.response.status for each in found] == [529, 529, 200, 200]


def test_a_fault_may_name_another_recording():
    assert len([*edited(HELLO, "--fault", f"concat,second={TOOL}")[0].events()]) == 46 + 19


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ((HELLO, "--fault", "cut-fn"), 2, "  cut-fn\n  ^^^^^^\n"),
        ((HELLO, "--fault", "tool-json"), 2, "there is no tool call; its only content block is 0 text"),
        ((HELLO,), 2, "--fault"),
        (("nowhere.jsonl", "--fault", "cut-fin"), 3, "nowhere.jsonl: cannot be read"),
        ((HELLO, "--fault", "concat,second=nowhere.jsonl"), 3, "nowhere.jsonl: cannot be read"),
        ((HELLO, "--fault", "cut-fin", "-o", "nowhere/out.jsonl"), 3, "cannot be written"),
    ],
)
def test_what_is_wrong_has_its_exit_status(arguments, status, words):
    result = run("edit", *arguments)
    assert (result.exit_code, result.stdout) == (status, "")
    assert words in result.stderr


def test_faults_lists_every_fault_position_and_preset():
    shown = run("faults").stdout
    for name in (*faults.FAULTS, *faults.POSITIONS, *faults.PRESETS):
        assert f"  {name} " in shown


@pytest.mark.parametrize("kind", faults.FAULTS.values(), ids=lambda kind: kind.name)
def test_faults_explains_each_with_an_example_that_can_be_read(kind):
    lines = run("faults", kind.name).stdout.splitlines()
    assert lines[0] == kind.usage
    assert kind.sentence in lines[1]
    assert f"seen in: {kind.incident}" in "\n".join(lines) or not kind.incident
    assert max(map(len, lines[2:-1])) <= 100
    assert faults.parse(lines[-1].split("--fault ")[1].split(" |")[0])


def test_what_the_readme_shows_is_what_is_printed():
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    shown = readme.split("$ inspector faults cut-clean\n")[1].split("```")[0]
    assert run("faults", "cut-clean").stdout.startswith(shown)


def test_faults_explains_a_preset_and_a_fault_as_it_was_written():
    assert len(run("faults", "dirty-dozen").stdout.splitlines()) == 12
    assert run("faults", "cut-fin@ev:7").stdout == run("faults", "cut-fin").stdout
    wrong = run("faults", "cut-fn")
    assert (wrong.exit_code, "did you mean cut-fin" in wrong.stderr) == (2, True)
