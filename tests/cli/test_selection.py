"""`--only`, `--block`, `--range`: which blocks are shown."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from inspector.cli import cli
from inspector.recording.bundled import bundled_recording

TOOL = str(bundled_recording("tool_use"))


def show(*options):
    return CliRunner().invoke(cli, ["show", *options])


@pytest.mark.parametrize(
    "options, names",
    [
        (["--only", "ping"], {"ping"}),
        (["--only", "message_start", "--only", "message_stop"], {"message_start", "message_stop"}),
        (["--only", "input_json_delta"], {"content_block_delta"}),
        (["--only", "tool_use"], {"content_block_start", "content_block_delta", "content_block_stop"}),
        (["--block", "0"], {"content_block_start", "content_block_delta", "content_block_stop"}),
        (["--range", "1..2"], {"message_start", "content_block_start"}),
        (["--range", "1"], {"message_start"}),
        (["--range", "18.."], {"message_delta", "message_stop"}),
        (["--range", "..1"], {"message_start"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_selection_is_the_same_in_every_format(options, names):
    lines = show("--format", "jsonl", TOOL, *options).stdout_bytes.splitlines()
    chosen = [json.loads(line) for line in lines]
    events = [line for line in chosen if "data" in line]
    assert {line["event"] for line in events} == names
    payloads = show("--format", "events", TOOL, *options).stdout_bytes.splitlines()
    assert [json.loads(p) for p in payloads] == [line["data"] for line in events]
    rows = show("--unfold", TOOL, *options).stdout.splitlines()
    assert sum(line[:5].strip().isdigit() for line in rows) == len(events)


@pytest.mark.parametrize("text", ["x", "1-2", "..", "3..1x"])
def test_what_is_not_a_range_is_wrong_use(text):
    result = show(TOOL, "--range", text)
    assert result.exit_code == 2
    assert "is not a range" in result.stderr


@pytest.mark.parametrize("text", ["0", "0..3", "..0", "5..3"])
def test_a_range_that_holds_no_event_is_wrong_use(text):
    result = show(TOOL, "--range", text)
    assert result.exit_code == 2
    assert "events are counted from 1" in result.stderr


def test_a_block_without_an_event_is_in_no_range():
    comments = str(bundled_recording("comments"))
    assert "(comment)" in show(comments).stdout
    assert "(comment)" not in show(comments, "--range", "1..9").stdout


TYPO = """inspector: --only text_dleta: nothing here is of this type; did you mean text_delta?
"""


def test_a_misspelt_type_is_wrong_use_and_a_near_one_is_suggested():
    result = CliRunner().invoke(cli, ["show", "--only", "text_dleta", str(bundled_recording("hello"))])
    assert (result.exit_code, result.stderr) == (2, TYPO)
    replayed = CliRunner().invoke(
        cli, ["replay", "--speed", "1000", "--only", "text_dleta", str(bundled_recording("hello"))]
    )
    assert (replayed.exit_code, replayed.stderr, replayed.stdout) == (2, TYPO, "")
    followed = CliRunner().invoke(
        cli, ["show", "--follow", "--only", "text_dleta", str(bundled_recording("hello"))]
    )
    assert (followed.exit_code, followed.stderr, followed.stdout) == (2, TYPO, "")


def test_a_misspelt_type_is_refused_before_anything_is_shown():
    paths = [str(bundled_recording(name)) for name in ("hello", "unknown")]
    assert CliRunner().invoke(cli, ["show", "--only", "pongs", *paths]).stdout == ""
    both = CliRunner().invoke(cli, ["show", "--only", "pongs", "--only", "pong", *paths])
    assert (both.exit_code, both.stdout) == (2, "")
    new = CliRunner().invoke(cli, ["show", "--only", "pong", *paths])
    assert (new.exit_code, "   26    1.791 +1.791  pong" in new.stdout) == (0, True)


def test_standard_input_is_shown_before_a_misspelt_type_is_refused():
    result = CliRunner().invoke(
        cli, ["show", "--only", "pongs", "-"], input=bundled_recording("hello").read_bytes()
    )
    assert (result.exit_code, "complete at" in result.stdout) == (2, True)


@pytest.mark.parametrize("type_", ["thinking_delta", "ping", "vertex_event"])
def test_a_type_that_is_known_or_that_the_stream_has_is_none(type_, tmp_path):
    (tmp_path / "new.sse").write_bytes(b'event: vertex_event\ndata: {"type":"vertex_event"}\n\n')
    result = CliRunner().invoke(cli, ["show", "--only", type_, str(tmp_path / "new.sse")])
    left_out = "inspector: nothing is selected: 1 event is left out\n"
    assert (result.exit_code, result.stderr) == (0, "" if type_ == "vertex_event" else left_out)


def test_a_negative_content_block_is_wrong_use():
    result = CliRunner().invoke(cli, ["show", "--block", "-1", str(bundled_recording("hello"))])
    assert result.exit_code == 2
    assert "--block" in result.stderr
