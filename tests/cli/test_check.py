"""`inspector check` and `inspector rules`: what goes in, what comes out, and the exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from check_examples import EXAMPLES
from click.testing import CliRunner
from streams import GOOD, STOP, recording

from inspector.checker import RULES
from inspector.cli import cli
from inspector.cli._findings import print_findings
from inspector.recording import save

HEAD = b"HTTP/1.1 100 Continue\r\n\r\n"
HEAD += b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nRequest-Id: r\r\n\r\n"
CUT = EXAMPLES["message-stop-missing"].recording


def run(*args, stdin=b"", color=False):
    result = CliRunner().invoke(
        cli, ["check", *map(str, args)], input=stdin, color=color, prog_name="inspector"
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def folder(tmp_path):
    save(recording(GOOD), tmp_path / "good.jsonl")
    save(CUT, tmp_path / "cut.jsonl")
    return tmp_path


def test_a_good_recording_exits_0_with_its_verdict(folder):
    result = run(folder / "good.jsonl")
    assert (result.exit_code, result.stdout) == (
        0,
        f"{folder / 'good.jsonl'}: complete: end_turn, 7 events, text; clean\n",
    )


def test_a_finding_exits_1_and_is_told(folder):
    result = run(folder / "cut.jsonl")
    assert result.exit_code == 1
    assert "partial: no message_stop, 3 events, tool_use; 1 error" in result.stdout
    assert "message-stop-missing  ev 3  @" in result.stdout


def test_a_folder_is_checked_file_by_file(folder):
    result = run(folder)
    assert result.exit_code == 1
    assert result.stdout.count(".jsonl: ") == 2
    assert "2 recordings, 1 clean; errors: 1, warnings: 0" in result.stderr


def test_a_folder_may_hold_bare_event_streams(tmp_path):
    (tmp_path / "a.sse").write_bytes(GOOD)
    assert "a.sse: complete" in run(tmp_path).stdout
    save(recording(GOOD), tmp_path / "b.jsonl")
    assert run(tmp_path).stdout.count(": complete") == 2


def test_quiet_says_nothing_of_good_recordings(folder):
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


def test_a_warning_fails_where_it_is_asked_to(tmp_path):
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
        pytest.param(b'{"type":"error","error":{"type":"x","message":"y"}}', "not a stream", 1, id="json"),
        pytest.param(b"HTTP/1.1 529 Overloaded\r\n\r\n{}", "failed: HTTP 529", 1, id="curl -i, an error"),
        pytest.param(b"", "not a stream", 1, id="nothing"),
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


def test_a_session_has_a_verdict_for_each_recording(tmp_path):
    save([recording(GOOD), CUT], tmp_path / "session.jsonl")
    result = run(tmp_path / "session.jsonl")
    assert "session.jsonl: complete" in result.stdout
    assert "session.jsonl #2: partial" in result.stdout


def test_what_comes_from_the_stream_is_harmless_on_a_terminal(tmp_path):
    evil = GOOD.replace(b'"type": "text"', b'"type": "\\u001b[2J\\u202e"')
    (tmp_path / "evil.sse").write_bytes(evil)
    out = run("-v", tmp_path / "evil.sse", color=True).stdout
    assert "\x1b[2J" not in out and "\u202e" not in out


def test_json_has_everything(folder):
    told = json.loads(run(folder, "--format", "json").stdout)
    assert told["summary"] == {"recordings": 2, "error": 1, "warning": 0, "info": 0}
    cut = told["reports"][0]
    assert (cut["verdict"], cut["profile"], cut["findings"][0]["line"]) == ("partial", "anthropic", 5)


def test_github_annotations_point_at_lines(folder):
    out = run(folder, "--format", "github").stdout
    assert out.startswith(
        f"::error file={folder}/cut.jsonl,line=5,title=message-stop-missing::the stream ended"
    )
    assert len(out.splitlines()) == 1


def test_github_annotations_escape_what_would_end_them(tmp_path):
    path = tmp_path / "a,b:c%.sse"
    path.write_bytes(GOOD + STOP)
    assert "a%2Cb%3Ac%25.sse,line=" in run(path, "--format", "github").stdout


def test_junit_has_a_case_for_each_recording_and_an_error_for_what_cannot_be_read(folder):
    (folder / "bad.jsonl").write_bytes(b"x")
    suite = ElementTree.fromstring(run(folder, "--format", "junit").stdout).find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert [[child.tag for child in case] for case in suite] == [["failure"], [], ["error"]]


def test_junit_is_xml_whatever_the_stream_says(tmp_path):
    (tmp_path / "x.sse").write_bytes(GOOD.replace(b'"end_turn"', b'"\\u0001\\ud83d<&>"'))
    ElementTree.fromstring(run(tmp_path / "x.sse", "--format", "junit").stdout)


TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "properties": {
                        "uri": {"type": "string", "pattern": r"^[A-Za-z0-9%._~:/?#\[\]@!$&'()*+,;=-]+$"}
                    },
                },
                "region": {"type": "object", "properties": {"startLine": {"type": "integer", "minimum": 1}}},
            },
        }
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name"],
                                "properties": {
                                    "semanticVersion": {"pattern": r"^\d+\.\d+\.\d+"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id"],
                                            "properties": {
                                                "shortDescription": TEXT,
                                                "help": TEXT,
                                                "defaultConfiguration": {"properties": {"level": LEVEL}},
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "invocations": {"items": {"required": ["executionSuccessful"]}},
                    "results": {
                        "type": "array",
                        "items": {
                            "required": ["message"],
                            "properties": {
                                "ruleId": {"enum": list(RULES)},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": LEVEL,
                                "message": TEXT,
                                "locations": {"type": "array", "items": LOCATION},
                                "properties": {"type": "object"},
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What SARIF 2.1.0's schema requires of the parts that are written; no light package carries it whole."""


def test_sarif_keeps_to_its_schema(folder):
    (folder / "a b.sse").write_bytes(GOOD + STOP)
    told = json.loads(run(folder, "--format", "sarif").stdout)
    pytest.importorskip("jsonschema").validate(told, SARIF)
    results = told["runs"][0]["results"]
    rules = told["runs"][0]["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in results] == [each["ruleId"] for each in results]
    assert len(results) == 2


def test_many_files_on_two_cores_say_the_same_as_on_one(tmp_path):
    for number in range(60):
        save(CUT if number % 7 == 0 else recording(GOOD), tmp_path / f"{number:02}.jsonl")
    one, two = run("-j", 1, tmp_path), run("-j", 2, tmp_path)
    assert (one.stdout, one.exit_code) == (two.stdout, two.exit_code)
    assert one.stdout.count(": complete: ") == 51


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


def test_stream_can_end_with_the_findings(capsys):
    assert print_findings(CUT) == 1
    assert "message-stop-missing" in capsys.readouterr().out
    assert print_findings(recording(GOOD)) == 0


def rules(*args):
    return CliRunner().invoke(cli, ["rules", *args], prog_name="inspector")


def test_rules_lists_every_rule():
    out = rules().stdout
    assert [rule for rule in RULES if f"  {rule} " not in out] == []


@pytest.mark.parametrize("rule", list(RULES))
def test_rules_explains_one_with_its_example_and_source(rule):
    out = rules(rule).stdout
    assert RULES[rule].sentence in out
    assert RULES[rule].example in out
    assert RULES[rule].source.split(" http")[0] in out


def test_a_rule_that_does_not_exist_is_wrong_use_and_told_with_the_nearest():
    result = rules("mesage-empty")
    assert result.exit_code == 2
    assert "did you mean message-empty?" in result.stderr
