"""The formats: what each prints for every bundled recording."""

from __future__ import annotations

import contextlib
import json
import re

import pytest
from click.testing import CliRunner

import inspector
from inspector.cli import cli
from inspector.cli._printers import FORMATS, printer
from inspector.recording.bundled import bundled_names, bundled_recording

TOOL = str(bundled_recording("tool_use"))
SESSION = str(bundled_recording("tool_session"))


def show(*options):
    return CliRunner().invoke(cli, ["show", *options])


@pytest.mark.parametrize("name", bundled_names())
def test_raw_is_the_body_byte_for_byte(name):
    path = bundled_recording(name)
    shown = show("--format", "raw", str(path)).stdout_bytes
    with pytest.warns(inspector.RecordingWarning) if name == "broken/torn" else contextlib.nullcontext():
        assert shown == b"".join(recording.body for recording in inspector.load_all(path))


@pytest.mark.parametrize("name", [name for name in bundled_names() if name != "broken/torn"])
def test_jsonl_is_the_file_itself(name):
    path = bundled_recording(name)
    assert show("--format", "jsonl", str(path)).stdout_bytes == path.read_bytes()


@pytest.mark.parametrize("name", bundled_names())
def test_pretty_has_a_row_for_every_block_and_nothing_that_drives_a_terminal(name):
    result = show("--unfold", str(bundled_recording(name)))
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    lines = show("--format", "jsonl", str(bundled_recording(name))).stdout_bytes.splitlines()
    content = (b'"raw":', b'"data":', b'"body":')
    blocks = sum(any(key in line for key in content) for line in lines if b'"recording":' not in line[:13])
    timed = [
        line for line in result.stdout.splitlines() if re.match(r"( {5}|[ 0-9]{5}) +\d+\.\d{3} +\+\d", line)
    ]
    assert len(timed) == blocks


def test_events_are_the_payloads_verbatim():
    recording = inspector.load(TOOL)
    assert show("--format", "events", TOOL).stdout_bytes.splitlines() == [b.data for b in recording.blocks]


def test_message_is_json_for_every_recording_of_a_session():
    decoder, text, messages = json.JSONDecoder(), show("--format", "message", SESSION).stdout, []
    while text.strip():
        message, at = decoder.raw_decode(text)
        messages.append(message)
        text = text[at:].lstrip()
    assert messages == [recording.message() for recording in inspector.load_all(SESSION)]


def test_text_is_the_text_of_the_answer_and_ends_its_line():
    message = inspector.load(bundled_recording("hello")).message()
    assert (
        show("--format", "text", str(bundled_recording("hello"))).stdout
        == message["content"][0]["text"] + "\n"
    )


@pytest.mark.parametrize("format_", FORMATS)
def test_a_printer_prints_nothing_for_nothing(format_, capsys):
    printer(format_).close()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "name, said",
    [
        ("error_529", "no text in it: the API answered with status 529: overloaded_error: Overloaded"),
        (
            "broken/html",
            "no text in it: the body is not an event stream (text/html; charset=utf-8): Welcome to",
        ),
        ("broken/no_response", "no text in it: no response came"),
        ("tool_use", "no text in it: tool_use"),
    ],
)
def test_of_an_answer_without_text_stderr_says_what_it_is(name, said):
    result = show("--format", "text", str(bundled_recording(name)))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith(f"inspector: {said}")


@pytest.mark.parametrize("form", ["pretty", "jsonl", "events", "text", "raw", "message"])
def test_a_selection_that_leaves_nothing_is_said(form):
    result = show("--format", form, "--block", "7", TOOL)
    events = len(list(inspector.load(TOOL).events()))
    assert result.stderr == f"inspector: nothing is selected: {events} events are left out\n"


def test_a_gap_goes_back_to_the_row_above():
    lines = show("--only", "ping", "--unfold", str(bundled_recording("pings"))).stdout.splitlines()[2:]
    rows = [line.split() for line in lines if line.split()[-1] == "ping"]
    times = [0.0, *(float(row[1]) for row in rows)]
    assert len(rows) > 2
    for row, before, at in zip(rows, times, times[1:], strict=False):
        assert float(row[2]) == pytest.approx(at - before, abs=0.002)


@pytest.mark.parametrize("name", sorted({*bundled_names()} - {"broken/torn"}))
def test_a_message_that_the_sdk_does_not_return_is_not_printed_in_silence(name):
    path = bundled_recording(name)
    said = show("--format", "message", str(path)).stderr.splitlines()
    raises = not any(
        "messages.stream() raises nothing" in str(inspector.observe(each))
        for each in inspector.load_all(path)
    )
    assert len(said) <= 1 or name == "broken/bad_utf8"  # a line for each of its two events
    assert said or not raises
    if name in ("hello", "tool_use", "tool_session", "thinking"):
        assert not said


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("error_mid_stream", "not a whole message: the stream holds an error: overloaded_error: Overloaded"),
        ("broken/cut_text", "not a whole message: the connection was closed before the end"),
        ("broken/index_gap", "event 10 is not in the message: no content block 2 has started"),
        ("error_529", "no message: the API answered with status 529"),
    ],
)
def test_it_is_said_why_a_message_is_not_whole(name, says):
    assert show("--format", "message", str(bundled_recording(name))).stderr == f"inspector: {says}\n"


@pytest.mark.parametrize("format_", ["text", "raw", "jsonl", "pretty"])
def test_a_body_that_the_selection_leaves_out_is_named(format_):
    result = show("--only", "ping", "--format", format_, str(bundled_recording("error_529")))
    assert result.stderr == "inspector: nothing is selected: the body is left out\n"


def test_a_selection_without_text_is_named():
    result = show("--only", "thinking", "--format", "text", str(bundled_recording("thinking")))
    assert (result.stdout, result.stderr) == ("", "inspector: no text in what is selected\n")
