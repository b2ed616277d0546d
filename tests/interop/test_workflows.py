"""The workflows and the `Dockerfile`, judged by linters; and what a release does before it publishes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
import yaml
from conftest import ROOT
from packages import environment, linters

import inspector

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yml"))}
RELEASE = WORKFLOWS["release.yml"]["jobs"]["build"]["steps"]
LEFT_OUT = shutil.ignore_patterns(".?*", "__pycache__", "node_modules", "dist", "build")


@pytest.mark.parametrize(
    "command",
    [
        ["zizmor", "--offline", "--no-progress", "--pedantic", FOLDER],
        ["actionlint", "-no-color", "-shellcheck", "shellcheck"],
        ["hadolint", "Dockerfile"],
    ],
    ids=lambda command: command[0],
)
def test_the_linters_see_nothing(command):
    programs = linters()
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [programs / command[0], *map(str, command[1:])],
        cwd=ROOT,
        env=environment(PATH=path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_job_may_do_nothing_that_it_does_not_name(name):
    assert WORKFLOWS[name]["permissions"] == {}
    for job in WORKFLOWS[name]["jobs"].values():
        assert "timeout-minutes" in job
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step.get("uses", f"a/b@{40 * '0'}"))


@pytest.fixture
def checkout(tmp_path):
    """The files of this checkout without its history, as a tag of its version."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    return folder


def ran(steps, checkout, tag):
    """Run the shell steps of a job as GitHub's runner does; return the last one."""
    temp = checkout.parent / "temp"
    temp.mkdir(exist_ok=True)
    for step in steps:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=checkout,
            env=environment(RUNNER_TEMP=str(temp), GITHUB_REF_NAME=tag),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            break
    return done


def test_the_release_builds_checks_and_tries_the_wheel(checkout):
    steps = [step for step in RELEASE if "run" in step]
    assert [step["name"] for step in steps] == ["The tag is the version", "Build", "Check", "Try"]
    done = ran(steps, checkout, f"v{inspector.__version__}")
    assert done.returncode == 0, done.stdout
    assert len(list((checkout / "dist").iterdir())) == 2
    assert "message_stop" in done.stdout or "Hello!" in done.stdout


def test_a_tag_of_another_version_is_refused(checkout):
    done = ran([step for step in RELEASE if "run" in step][:1], checkout, "v0.0.9")
    assert done.returncode == 1
    assert done.stdout == f"::error::v0.0.9 is not v{inspector.__version__}\n"
