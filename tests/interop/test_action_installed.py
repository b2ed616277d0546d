"""The action of `action.yml`, installed as GitHub's runner installs it, and judged by two linters."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from action_steps import examples, run_action
from conftest import ROOT
from packages import NO_REGISTRY, environment, linters


def test_the_action_installs_its_own_checkout_and_checks(tmp_path, monkeypatch):
    for name in ("runner", "work"):
        (tmp_path / name).mkdir()
    # Python must not import the user's own files.
    for name in ("venv.py", "pip.py", "inspector.py", "json.py"):
        (tmp_path / "work" / name).write_text("raise SystemExit('a file of the user was imported')")
    done = run_action(
        {"files": str(ROOT / "recordings" / "hello.jsonl")}, cwd=tmp_path / "work", files=tmp_path / "runner"
    )
    if NO_REGISTRY in done.log:
        pytest.skip("the action cannot install this package: the registry has not what it needs")
    assert done.status == 0, done.log
    assert (done.outputs["recordings"], done.outputs["errors"]) == ("1", "0")
    assert done.written["install"]["program"].startswith(str(tmp_path / "runner"))


@pytest.mark.parametrize("version", ['1"; touch owned; "', "$(touch owned)", "1\ntouch owned", "0.0.0.0.1"])
def test_a_version_that_is_none_is_refused(version, tmp_path):
    for name in ("runner", "work"):
        (tmp_path / name).mkdir()
    done = run_action(
        {"version": version}, cwd=tmp_path / "work", files=tmp_path / "runner", PIP_NO_INDEX="1"
    )
    assert done.status != 0
    assert "run" not in done.written
    assert not list(tmp_path.rglob("owned"))


def test_zizmor_sees_nothing():
    command = [linters() / "zizmor", "--offline", "--no-progress", "--pedantic", ROOT / "action.yml"]
    lint(command, cwd=ROOT)


def test_actionlint_sees_nothing_in_the_examples_of_the_manual(tmp_path):
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    shutil.copy(ROOT / "action.yml", tmp_path)
    written = examples("ci.md", having="jobs")
    assert len(written) == 2
    for number, text in enumerate(written):
        # A path lets actionlint compare the inputs and outputs with those of action.yml.
        text = re.sub(r"OWNER/sse-inspector@[0-9a-f]{40}", "./", text)
        (workflows / f"{number}.yml").write_text(text)
    lint([linters() / "actionlint", "-no-color"], cwd=tmp_path)


def lint(command, *, cwd):
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
