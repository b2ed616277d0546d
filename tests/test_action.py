"""The action in `action.yml`, run as GitHub's runner runs it; tests/interop installs it, too."""

from __future__ import annotations

import html
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from action_steps import ACTION, examples, run_action
from click.testing import CliRunner
from conftest import ROOT

import inspector
from inspector.cli import cli

RECORDINGS = ROOT / "recordings"
PROGRAM = str(Path(sys.executable).with_name("inspector"))
SHELL = ['"; touch owned; echo "', "'; touch owned; '", "$(touch owned)", "`touch owned`"]
RUNNER = [
    "status=0",
    "::error::injected",
    "::set-output name=status::0",
    "%0A::error::injected",
    "${{ github.token }}",
]
HOSTILE = {
    "a line": " ".join([*SHELL, "\u202e\x1b[31m | <b>@someone</b>"]),
    "lines": "\n".join(["x", *SHELL, "touch owned", *RUNNER, "--help", "\x1b[31m | <b>"]),
}


@pytest.fixture
def folder(tmp_path):
    """A user's checkout with a good recording and a cut one."""
    recordings = tmp_path / "work" / "recordings"
    recordings.mkdir(parents=True)
    shutil.copy(RECORDINGS / "hello.jsonl", recordings)
    shutil.copy(RECORDINGS / "broken" / "cut_tool.jsonl", recordings)
    return tmp_path / "work"


@pytest.fixture
def act(tmp_path, folder):
    """Runs the action in that checkout."""
    runs = iter(range(100))

    def run(**inputs):
        files = tmp_path / f"runner{next(runs)}"
        files.mkdir()
        inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
        return run_action(inputs, cwd=folder, files=files, program=PROGRAM, INSPECTOR_CHECK_NO_SDK="1")

    return run


@pytest.fixture
def endpoint():
    with inspector.Server(RECORDINGS / "hello.jsonl", match="any", loop=True) as server:
        yield server.url


def test_no_shell_reads_an_input():
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert "uses" not in step


def test_check_gives_a_table_a_sarif_file_and_counts(act, folder):
    done = act()
    assert done.status == 1
    assert done.outputs == {
        "status": "1",
        "sarif": "inspector.sarif",
        "recordings": "2",
        "errors": "1",
        "warnings": "0",
        "unreadable": "0",
        "score": "",
    }
    sarif = json.loads((folder / "inspector.sarif").read_text())
    assert [each["ruleId"] for each in sarif["runs"][0]["results"]] == ["message-stop-missing"]
    assert "### inspector check: recordings: 2, errors: 1, warnings: 0, unreadable: 0\n" in done.summary
    row = next(line for line in done.summary.splitlines() if "❌" in line)
    cells = [html.unescape(re.sub("<.*?>", "", cell)).strip() for cell in row.strip("|").split(" | ")]
    assert cells[:3] == ["❌ error", "message-stop-missing", "recordings/cut_tool.jsonl:18"]


def test_check_of_good_recordings_has_no_table(act):
    done = act(files="recordings/hello.jsonl")
    assert (done.status, done.outputs["status"], done.outputs["errors"]) == (0, "0", "0")
    assert "|" not in done.summary
    assert "::" not in done.log


def test_annotations_are_those_of_the_github_format(act, folder, monkeypatch):
    (folder / "recordings" / "a,b:c%25.sse").write_bytes(b"event: message_start\ndata: {]\n\n")
    (folder / "recordings" / "no recording.jsonl").write_bytes(b"x")
    done = act()
    monkeypatch.chdir(folder)
    expected = CliRunner().invoke(cli, ["check", "--format", "github", "recordings"]).stdout.splitlines()
    assert sorted(line for line in done.log.splitlines() if line.startswith("::")) == sorted(expected)
    assert len(expected) > 3
    assert (done.status, done.outputs["unreadable"]) == (3, "1")


def test_options_and_files_are_lines(act, folder):
    shutil.copy(folder / "recordings" / "hello.jsonl", folder / "two words.jsonl")
    done = act(
        files="recordings/cut_tool.jsonl\n\n  two words.jsonl\n", options="--ignore=message-stop-missing\n"
    )
    assert (done.status, done.outputs["recordings"], done.outputs["errors"]) == (0, "2", "0")


def test_wrong_use_keeps_its_status_and_its_explanation(act, folder):
    done = act(options="--profile=nobody")
    assert (done.status, done.outputs["status"], done.outputs["sarif"]) == (2, "2", "")
    assert "nobody" in done.log
    assert not (folder / "inspector.sarif").exists()
    assert act(options="--format=json").status == 2


def test_a_name_like_an_option_is_a_file(act):
    done = act(files="--help")
    assert (done.status, done.outputs["unreadable"]) == (3, "1")


def test_a_long_table_is_cut(act, folder):
    broken = (folder / "recordings" / "cut_tool.jsonl").read_bytes()
    (folder / "recordings" / "many.jsonl").write_bytes(broken * 150)
    done = act()
    assert done.outputs["errors"] == "151"
    assert done.summary.count("❌") == 100
    assert "200 more are in the SARIF file." in done.summary


def test_probe_gives_the_scorecard_and_the_score(act, endpoint):
    done = act(command="probe", base_url=endpoint, options="--only=text,same-answer-unstreamed")
    assert done.status == 0, done.log
    assert done.outputs["score"] == "2 of 2 passed"
    assert done.summary.startswith("### Messages API ")
    assert "| ✅ pass | [text](" in done.summary
    assert done.summary in done.log


def test_a_probe_that_fails_has_its_status_unless_it_is_known(act, endpoint, folder):
    failing = {"command": "probe", "base_url": endpoint, "model": "a-model"}
    (folder / "known.toml").write_text("[max-tokens]\n")
    assert act(**failing, options="--only=max-tokens,text").outputs["status"] == "1"
    done = act(**failing, expect="known.toml", options="--only=max-tokens,text")
    assert (done.status, done.outputs["score"]) == (0, "1 of 2 passed, 1 failed")


def test_a_probe_of_nothing_has_status_4(act):
    done = act(command="probe", base_url="http://127.0.0.1:9", options="--only=text")
    assert (done.status, done.outputs["status"]) == (4, "4")
    assert "**Nothing was tested**" in done.summary


def test_a_probe_without_an_endpoint_is_wrong_use(act):
    done = act(command="probe")
    assert (done.status, done.outputs["score"]) == (2, "")
    assert "--base-url" in done.log


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", [name for name in ACTION["inputs"] if name != "version"])
def test_no_input_is_run_or_sets_another_output(name, text, act, folder):
    usual = {"command": "check"}
    if name in ("base-url", "model", "expect"):
        usual = {"command": "probe", "base-url": "http://127.0.0.1:9", "options": "--only=text"}
    done = act(**{key.replace("-", "_"): value for key, value in {**usual, name: text}.items()})
    assert not list(folder.parent.rglob("owned"))
    assert done.outputs["status"] == str(done.status)
    assert done.written["run"].keys() <= ACTION["outputs"].keys()
    commands = [line for line in done.log.splitlines() if line.startswith("::")]
    assert all(line.startswith(("::error::", "::error file=")) for line in commands)
    assert "::error::injected" not in commands
    assert "<b>" not in done.summary
    assert "\x1b" not in done.log


@pytest.mark.parametrize("example", examples("ci.md", having="jobs"))
def test_the_examples_of_the_manual_name_inputs_and_outputs_that_exist(example):
    steps = [step for job in yaml.safe_load(example)["jobs"].values() for step in job["steps"]]
    ours = [step for step in steps if "/sse-inspector@" in step.get("uses", "")]
    for step in ours:
        assert step.get("with", {}).keys() <= ACTION["inputs"].keys()
    for step, output in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", example):
        assert step in [each.get("id") for each in ours]
        assert output in ACTION["outputs"]


def test_the_manual_has_each_input_and_output():
    page = (ROOT / "docs" / "ci.md").read_text()
    for name in (*ACTION["inputs"], *ACTION["outputs"]):
        assert f"| `{name}` |" in page
