"""`inspector check`: what goes in, what its options do, and the exit status."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from check_runs import CUT, run, save_both
from conftest import ROOT
from streams import GOOD, STOP, recording

from inspector.recording import dump, save

HEAD = b"HTTP/1.1 100 Continue\r\n\r\n"
HEAD += b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nRequest-Id: r\r\n\r\n"

HELLO = ROOT / "recordings" / "hello.jsonl"


@pytest.fixture
def folder(tmp_path):
    return save_both(tmp_path)


def test_a_good_recording_exits_0_with_its_verdict(folder):
    result = run(folder / "good.jsonl")
    assert (result.exit_code, result.stdout) == (
        0,
        f"{folder / 'good.jsonl'}: complete: end_turn, 7 events, text; clean\n",
    )


def test_a_finding_exits_1_and_is_printed(folder):
    result = run(folder / "cut.jsonl")
    assert result.exit_code == 1
    assert "partial: no message_stop, 3 events, tool_use; 1 error" in result.stdout
    assert "message-stop-missing  ev 3  @" in result.stdout


def test_a_folder_is_checked_file_by_file(folder):
    result = run(folder)
    assert result.exit_code == 1
    assert result.stdout.count(".jsonl: ") == 2
    assert "2 recordings, 1 clean; errors: 1, warnings: 0" in result.stderr


def test_the_totals_add_up_where_a_reader_stopped(folder):
    stopped = [ROOT / f"recordings/broken/{name}.jsonl" for name in ("abandoned", "cut_text")]
    line = run(folder / "good.jsonl", *stopped).stderr
    assert "3 recordings, 1 clean, 1 incomplete without errors or warnings; errors: 1" in line


def test_a_folder_may_hold_bare_event_streams(tmp_path):
    (tmp_path / "a.sse").write_bytes(GOOD)
    assert "a.sse: complete" in run(tmp_path).stdout
    save(recording(GOOD), tmp_path / "b.jsonl")
    assert run(tmp_path).stdout.count(": complete") == 2


def test_quiet_leaves_out_good_recordings(folder):
    assert "good.jsonl" not in run("-q", folder).stdout


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["--fail-on", "never"], 0),
        (["--ignore", "message-stop-missing"], 0),
        (["--ignore", "sequence,blocks"], 0),
        (["--select", "timing"], 0),
        (["--profile", "compat"], 1),
        (["--ignore", "nothing-such"], 2),
        (["--limit", "gap-idle=0.5"], 1),
        (["--limit", "gap=1"], 2),
        (["--limit", "gap-idle=soon"], 2),
        (["--profile", "openai"], 2),
    ],
)
def test_options_decide_the_exit_status(folder, args, status):
    assert run(folder / "cut.jsonl", *args).exit_code == status


def test_fail_on_lets_a_warning_fail(tmp_path):
    save(recording(GOOD.replace(b"\n", b"\r\n")), tmp_path / "crlf.jsonl")
    assert run(tmp_path / "crlf.jsonl").exit_code == 0
    assert run(tmp_path / "crlf.jsonl", "--fail-on", "warning").exit_code == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [("notes.md", b"# Notes\n"), ("empty.jsonl", b""), ("data.jsonl", b'{"a":1}\n'), ("x.bin", b"\0\1\2")],
)
def test_what_is_no_recording_exits_3(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    result = run(tmp_path / name)
    assert result.exit_code == 3
    assert name in result.stderr


def test_an_unreadable_file_does_not_hide_the_findings_of_the_others(folder):
    result = run(folder / "cut.jsonl", folder / "absent.jsonl")
    assert result.exit_code == 3
    assert "message-stop-missing" in result.stdout
    assert "absent.jsonl: cannot be read" in result.stderr


def test_a_recording_that_breaks_off_is_reported_up_to_there(folder):
    text = (folder / "good.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "odd.jsonl").write_bytes(b"".join(text[:3]) + b"not a line\n" + text[4])
    result = run(folder / "odd.jsonl")
    assert result.exit_code == 3
    assert "odd.jsonl: partial" in result.stdout
    assert "odd.jsonl:4: not a line of a recording" in result.stderr


@pytest.mark.parametrize(
    ("stdin", "verdict", "status"),
    [
        pytest.param(GOOD, "complete: end_turn, 7 events, text; clean", 0, id="curl -N"),
        pytest.param(HEAD + GOOD, "complete: end_turn", 0, id="curl -i"),
        pytest.param(HEAD.replace(b"1.1", b"2") + GOOD, "complete: end_turn", 0, id="curl -i, HTTP/2"),
        pytest.param(b"\xef\xbb\xbf" + GOOD, "complete", 1, id="with a BOM"),
        pytest.param(GOOD[:-200], "partial", 1, id="cut"),
        pytest.param(b"<html>Sign in</html>", "not a stream", 1, id="html"),
        pytest.param(b'{"type":"error","error":{"type":"x","message":"y"}}', "failed", 1, id="json"),
        pytest.param(b"HTTP/1.1 529 Overloaded\r\n\r\n{}", "failed: HTTP 529", 1, id="curl -i, an error"),
        pytest.param(b'{"type":"ping"}\n' + CUT.blocks[0].data, "partial", 1, id="show --format events"),
        pytest.param(
            gzip.compress(GOOD), "not a stream: no event stream; 1 error", 1, id="curl without --compressed"
        ),
        pytest.param(b"".join(map(gzip.compress, dump(recording(GOOD)))), "complete", 0, id="a .jsonl.gz"),
    ],
)
def test_standard_input_may_be_what_curl_prints(stdin, verdict, status):
    result = run("-", stdin=stdin)
    assert f"-: {verdict}" in result.stdout
    assert result.exit_code == status


def test_standard_input_may_be_a_recording(folder):
    assert run("-", stdin=(folder / "cut.jsonl").read_bytes()).exit_code == 1


def test_a_bare_event_stream_may_be_a_file(tmp_path):
    (tmp_path / "body.sse").write_bytes(GOOD + STOP)
    result = run(tmp_path / "body.sse", "--format", "json")
    (finding,) = json.loads(result.stdout)["reports"][0]["findings"]
    assert (finding["rule"], finding["line"], finding["t"]) == ("message-stop-duplicate", 22, None)


def test_a_compressed_body_is_evidence_and_not_decompressed(tmp_path):
    (tmp_path / "body.sse").write_bytes(gzip.compress(GOOD))
    (tmp_path / "body.sse.gz").write_bytes(gzip.compress(GOOD))
    shown = run(tmp_path / "body.sse").stdout
    assert "content-encoding-mismatch" in shown
    assert "curl decodes with --compressed" in " ".join(shown.split())
    assert "complete: end_turn" in run(tmp_path / "body.sse.gz").stdout


def test_a_session_has_a_verdict_for_each_recording(tmp_path):
    save([recording(GOOD), CUT], tmp_path / "session.jsonl")
    result = run(tmp_path / "session.jsonl")
    assert "session.jsonl: complete" in result.stdout
    assert "session.jsonl #2: partial" in result.stdout


def test_the_command_imports_neither_the_sdk_nor_an_http_library(folder):
    code = (
        "import sys; from inspector.cli import cli\n"
        "cli.main(['check', sys.argv[1]], standalone_mode=False)\n"
        "heavy = {'anthropic', 'httpx', 'httpx2', 'pydantic', 'xml', 'multiprocessing'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    subprocess.run(
        [sys.executable, "-c", code, str(folder / "good.jsonl")], check=True, env=env, capture_output=True
    )


@pytest.mark.parametrize("missing", ["empty", "no*.jsonl"])
@pytest.mark.parametrize("format_", ["text", "json"])
def test_an_argument_that_names_no_file_is_reported_and_the_others_are_checked(missing, format_, tmp_path):
    (tmp_path / "empty").mkdir()
    result = run("--format", format_, str(HELLO), str(tmp_path / missing), str(HELLO))
    assert result.exit_code == 3
    assert result.stdout.count("hello.jsonl") >= 2
    assert missing in result.stderr


def test_only_a_whole_message_without_problems_counts_as_clean():
    result = run(str(HELLO), str(HELLO.parent / "broken" / "abandoned.jsonl"))
    assert "2 recordings, 1 clean" in result.stderr


def test_a_file_of_another_tool_that_breaks_off_is_checked_so_far_and_is_status_3(tmp_path):
    exchange = (
        "- request: {body: '{}', headers: {}, method: POST, uri: https://api.anthropic.com/v1/messages}\n"
        "  response:\n    body:\n      string: hello\n    headers: {}\n"
        "    status: {code: 200, message: OK}\n"
    )
    text = "interactions:\n" + exchange * 2 + "# " + 1000 * "x"
    (tmp_path / "torn.yaml.gz").write_bytes(gzip.compress(text.encode(), 0)[:-500])
    result = run(tmp_path / "torn.yaml.gz")
    assert result.exit_code == 3, result.stderr
    assert "torn.yaml.gz #2: " in result.stdout
    assert "the gzip data breaks off here" in result.stderr
