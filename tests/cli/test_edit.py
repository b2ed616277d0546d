"""`inspector edit`: a recording with faults in it."""

from __future__ import annotations

import io

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


def test_the_edited_recording_goes_to_stdout():
    expected = faults.apply(inspector.load(TOOL), "cut-fin@ev:7")
    assert run("edit", TOOL, "--fault", "cut-fin@ev:7").stdout_bytes == b"".join(dump(expected))


def test_a_file_is_replaced_only_with_overwrite(tmp_path):
    out = tmp_path / "out.jsonl"
    assert run("edit", HELLO, "--fault", "cut-rst", "-o", str(out)).exit_code == 0
    assert inspector.load(out).end.how == "reset"
    again = run("edit", HELLO, "--fault", "cut-fin", "-o", str(out))
    assert (again.exit_code, inspector.load(out).end.how) == (3, "reset")
    assert "overwrite" in again.stderr
    assert run("edit", HELLO, "--fault", "cut-fin", "-o", str(out), "--overwrite").exit_code == 0
    assert inspector.load(out).end.how == "cut"


def test_standard_input_is_read_so_that_edits_can_be_chained():
    first = run("edit", HELLO, "--fault", "newlines=crlf").stdout_bytes
    result = run("edit", "-", "--fault", "cut-clean@ev:2", input=first)
    (recording,) = recordings(io.BytesIO(result.stdout_bytes))
    assert recording.head.extra == {"faults": ["newlines=crlf", "cut-clean@ev:2"]}
    assert recording.body.endswith(b"\r\n\r\n")


def test_several_faults_apply_together_and_go_by_the_seed():
    arguments = ("--fault", "rechunk=random", "--fault", "cut-fin")
    one, other = (edited(HELLO, *arguments, "--seed", seed)[0] for seed in "12")
    assert one.end.how == other.end.how == "cut"
    assert list(one.chunks()) != list(other.chunks())


def test_a_preset_gives_a_session_with_each_of_its_faults():
    written = edited(TOOL, "--fault", "dirty-dozen")
    assert [each.head.extra["faults"] for each in written] == [[text] for text in inspector.DIRTY_DOZEN]


def test_a_limited_fault_gives_the_failures_and_then_the_answer():
    written = edited(SESSION, "--fault", "http-error,on=1..2")
    assert [each.response.status for each in written] == [529, 529, 200, 200]


def test_a_fault_may_name_another_recording():
    assert len([*edited(HELLO, "--fault", f"concat,second={TOOL}")[0].events()]) == 46 + 19


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ((HELLO, "--fault", "cut-fn"), 2, "  cut-fn\n  ^^^^^^\n"),
        ((HELLO, "--fault", "tool-json"), 2, "it has no tool call; its only content block is 0 text"),
        ((HELLO,), 2, "--fault"),
        (("nowhere.jsonl", "--fault", "cut-fin"), 3, "nowhere.jsonl: cannot be read"),
        ((HELLO, "--fault", "concat,second=nowhere.jsonl"), 3, "nowhere.jsonl: cannot be read"),
        ((HELLO, "--fault", "cut-fin", "-o", "nowhere/out.jsonl"), 3, "cannot be written"),
        ((HELLO, "--fault", "cut-fin", "-o", "nowhere/x.har"), 3, "a recording is not written as .har"),
    ],
)
def test_every_error_has_its_exit_status(arguments, status, message):
    result = run("edit", *arguments)
    assert (result.exit_code, result.stdout) == (status, "")
    assert message in result.stderr
