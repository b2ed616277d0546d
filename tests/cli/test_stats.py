"""`inspector stats`: one recording as a page, many as a table, and JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from conftest import ROOT
from streams import GOOD, PING, STOP, delta, message_delta, opens, recording, start, stops

from inspector import Ending, load, stats
from inspector.cli import _printing, _stats_text, cli
from inspector.recording import dump, save

PINGS = str(ROOT / "recordings" / "pings.jsonl")
ENDING = message_delta(usage=None) + STOP
MANUAL = (ROOT / "docs" / "stats.md").read_text()


def run(*args, stdin=b"", color=False, status=0):
    result = CliRunner().invoke(cli, ["stats", *map(str, args)], input=stdin, color=color)
    assert result.exit_code == status, result.output
    return result


def saved(folder, sent, name="one.jsonl"):
    save(sent, folder / name, overwrite=True)
    return folder / name


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_on_a_terminal_no_line_is_wider_than_it(monkeypatch, width):
    for module in (_printing, _stats_text):
        monkeypatch.setattr(module, "screen_width", lambda **_: width)
    monkeypatch.chdir(ROOT)
    for path in sorted((ROOT / "recordings").rglob("*.jsonl")):
        lines = run(path.relative_to(ROOT)).stdout.splitlines()
        several_words = [line for line in lines if len(line.split()) > 1]
        assert max(map(len, several_words)) <= width, path


def test_one_recording_is_a_page_with_every_section(tmp_path):
    pings = [(1.0 + 30 * number, PING) for number in range(1, 5)]
    sent = recording((1.0, start() + opens(0, "thinking")), *pings, (141.0, stops(0)), GOOD)
    lines = run(saved(tmp_path, sent)).stdout.splitlines()
    assert "Complete, but silent for 140 s inside thinking" in lines
    text = " ".join(" ".join(lines).split())
    assert "no bytes 30.0 s from 1.0 s on" in text
    assert "longer than the 20 s banner of Claude Code" in text
    assert "longer than the 90 s of Claude Code" in text
    assert "pings 4 pings · 30.0 s apart" in text


def test_several_recordings_are_a_table_with_percentiles(tmp_path):
    for number in range(1, 4):
        sent = recording((float(number), start() + opens(0)), (4.0 * number, delta(0)), how=Ending.CUT)
        saved(tmp_path, sent, f"{number}.jsonl")
    saved(tmp_path, recording((1.0, start() + opens(0)), (9.0, delta(0) + stops(0) + ENDING)), "4.jsonl")
    saved(tmp_path, recording((0.1, b"{}"), t=0.1, status=529), "5.jsonl")
    lines = [re.split(r"\s{2,}", line) for line in run(tmp_path).stdout.splitlines()]
    assert lines[0][:5] == ["file", "model", "first event", "first token", "silence"]
    assert [line[0].rpartition("/")[2] for line in lines[1:]] == [
        "1.jsonl",
        "2.jsonl",
        "3.jsonl",
        "4.jsonl",
        "5.jsonl",
        "p50",
        "p90",
        "p99",
        "of values",
    ]
    assert lines[6][1:] == ["1.5 s", "8.5 s", "7.0 s", "9.0 s"]
    assert lines[9][1:] == ["4", "4", "4", "1"], "an error is no answer, and what broke off has no duration"


def test_recordings_of_a_session_are_told_apart():
    lines = run(ROOT / "recordings" / "tool_session.jsonl").stdout.splitlines()
    assert [line.split("  ")[0].rpartition("/")[2] for line in lines[1:3]] == [
        "tool_session.jsonl",
        "tool_session.jsonl #2",
    ]


def test_json_has_every_number_and_the_percentiles():
    document = json.loads(run("--format", "json", PINGS).stdout)
    (one,) = document["recordings"]
    expected = stats(load(PINGS)).to_dict()
    assert one == json.loads(json.dumps(expected))
    assert document["over_all"]["recordings"] == 1
    assert document["over_all"]["first_token"]["p50"] == one["first_token"]
    assert document["unreadable"] == []


def test_a_stream_without_times_has_none(tmp_path):
    text = run("-", stdin=GOOD).stdout
    assert " s" not in re.sub(r"sent|size", "", text).replace("cannot say", "").replace("request · s", "")
    assert "times absent" in text
    (one,) = json.loads(run("-", "--format", "json", stdin=GOOD).stdout)["recordings"]
    assert one["timed"] is False


@pytest.mark.parametrize(
    "name", ["error_429", "broken/no_response", "broken/html", "broken/torn", "prefilled"]
)
def test_whatever_it_is_something_is_said(name):
    text = run(ROOT / "recordings" / f"{name}.jsonl").output
    assert "times " in text


def test_what_can_be_read_is_shown_and_the_rest_reported(tmp_path):
    (tmp_path / "bad.jsonl").write_text("no recording")
    good = saved(tmp_path, recording(GOOD))
    result = run(good, tmp_path / "bad.jsonl", tmp_path / "none.jsonl", status=3)
    assert "Complete" in result.stdout
    assert "bad.jsonl" in result.stderr
    assert "none.jsonl" in result.stderr


def test_a_torn_file_is_measured_as_far_as_it_goes(tmp_path):
    file = tmp_path / "torn.jsonl"
    file.write_bytes(b"".join(dump(recording(GOOD)))[:-40])
    result = run(file)
    assert "The recording stops without an end" in result.stdout
    assert "is torn; what stands before it is measured" in result.stderr


HOSTILE = "\x1b]0;owned\x07[bold red]\u202e<b>::error::"


def test_a_hostile_stream_drives_no_terminal(tmp_path):
    odd = f"data: {json.dumps({'type': HOSTILE})}\n\n".encode()
    begun = start(model=HOSTILE) + opens(0, "tool_use", name=HOSTILE) + opens(1, HOSTILE)
    sent = recording(begun + delta(1, "x", HOSTILE), (30.0, stops(0) + odd))
    for result in (run(saved(tmp_path, sent)), run(saved(tmp_path, sent), "--format", "json")):
        assert "\x1b" not in result.stdout
        assert "\u202e" not in result.stdout
    assert "[bold red]" in run(saved(tmp_path, sent)).stdout


def test_millions_of_kinds_and_blocks_do_not_flood_the_page(tmp_path):
    body = start() + b"".join(opens(n, f"kind{n}") + delta(n) + stops(n) for n in range(500))
    lines = run(saved(tmp_path, recording(body, (30.0, GOOD)))).stdout.splitlines()
    assert len(lines) < 100
    assert "and 461 more content blocks" in lines


def test_secrets_of_a_file_are_masked(tmp_path):
    key = "sk-ant-api03-" + "a1B2" * 20
    file = tmp_path / "bare.sse"
    file.write_bytes(start(model=key) + GOOD)
    for options in ((), ("--format", "json")):
        assert key not in run(file, *options).output


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_the_drawing_is_made_of_what_the_terminal_has(encoding):
    result = subprocess.run(
        [sys.executable, "-m", "inspector", "stats", PINGS],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)},
    )
    text = result.stdout.decode(encoding)
    assert ("█" in text) is (encoding == "utf-8")
    assert ("#" in text.splitlines()[4]) is (encoding != "utf-8")
    assert "?" not in text


@pytest.mark.parametrize(
    ("count", "says"), [(1, "1 payload of an event is"), (2, "2 payloads of events are")]
)
def test_payloads_that_are_not_json_are_counted_in_a_sentence(tmp_path, count, says):
    sent = recording(start() + b"event: content_block_delta\ndata: {\n\n" * count)
    assert f"{says} not JSON" in run(saved(tmp_path, sent)).stdout


def test_the_name_of_a_file_is_escaped_before_it_is_broken_into_lines(tmp_path, monkeypatch):
    name = saved(tmp_path, recording(GOOD), "esc\x1b[31m\x1b red\nname.jsonl")
    assert f"{tmp_path}/esc\\e[31m\\e red\\nname.jsonl · " in run(name).stdout.splitlines()[0]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_stats_text, "screen_width", lambda: 30)
    first = run(name.name).stdout.splitlines()[0]
    assert first == "esc\\e[31m\\e red\\nname.jsonl ·"
