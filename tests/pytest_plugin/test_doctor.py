"""`pytest --inspector-doctor`: which recordings need attention."""

from __future__ import annotations

import re
import shutil

import anthropic
import pytest
from conftest import ROOT

pytest_plugins = ["pytester", "inner_runs"]

MAJOR = int(anthropic.__version__.partition(".")[0])
RECORDINGS = ROOT / "recordings"

TESTS = """
@pytest.mark.recording("used")
def test_a(replay_server):
    assert ask(anthropic.Anthropic()).content[0].text

def test_that_loads_one_itself():
    assert inspector.load("recordings/loaded.jsonl").body
"""


@pytest.fixture
def folder(pytester):
    """Return the recordings of a project, in which everything is well."""
    folder = pytester.mkdir("recordings")
    version = f"{MAJOR}.0.0"
    for name in ("used", "loaded"):
        text = (RECORDINGS / "hello.jsonl").read_text()
        text = re.sub(r'("x-stainless-package-version":)"[\d.]+"', rf'\1"{version}"', text)
        (folder / f"{name}.jsonl").write_text(text)
    return folder


def test_a_project_in_which_all_is_well_passes(inner, folder):
    result = inner(TESTS, "--inspector-doctor")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*inspector doctor*", "2 recordings, none need attention"])


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (
            lambda text: text.replace("claude-haiku-4-5", "claude-3-opus-20240229"),
            "claude-3-opus-20240229, whose end",
        ),
        pytest.param(
            lambda text: re.sub(r'(package-version":)"[\d.]+"', r'\1"0.39.0"', text),
            "was recorded with anthropic 0.39.0, and",
            marks=pytest.mark.skipif(MAJOR == 0, reason="no generation is older than 0.x"),
        ),
        (
            lambda text: text.replace('"content_block_stop","index":0', '"content_block_stop","index":1'),
            "  block-",
        ),
        (
            lambda text: text.replace("What is it like", "sk-ant-" + "api03-" + "Zx9Kq2Lw7Rt4" * 8 + "AA"),
            "line 1 holds a secret",
        ),
        (lambda text: text.replace('"end":"complete"', '"end":"done"'), "cannot be read: "),
    ],
    ids=["model", "SDK", "check", "secret", "unreadable"],
)
def test_what_is_wrong_with_a_recording_is_said_and_fails_the_run(inner, folder, edit, reason):
    file = folder / "loaded.jsonl"
    file.write_text(edit(file.read_text()))
    source = TESTS.replace(
        'inspector.load("recordings/loaded.jsonl").body', 'open("recordings/loaded.jsonl").read()'
    )
    result = inner(source, "--inspector-doctor")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*inspector doctor*", "recordings/loaded.jsonl", f"*{reason}*"])
    result.stdout.fnmatch_lines(["2 recordings, 1 needs attention"])
    assert "Zx9Kq2Lw7Rt4" not in result.stdout.str()


def test_a_recording_that_no_test_opens_is_listed(inner, folder):
    shutil.copy(folder / "used.jsonl", folder / "orphan.jsonl")
    result = inner(TESTS, "--inspector-doctor")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["recordings/orphan.jsonl", "  no test that ran has opened it*"])
    assert "recordings/used.jsonl" not in result.stdout.str()


def test_recordings_of_failures_are_fine(inner, folder):
    file = folder / "loaded.jsonl"
    stream, _, end = file.read_text().partition('{"t":2.113744')
    assert end
    file.write_text(stream + '{"t":2.2,"end":"cut"}\n')
    assert inner(TESTS, "--inspector-doctor").ret == 0


def test_a_folder_of_the_projects_own_is_looked_through(inner, folder, pytester):
    other = pytester.path / "other"
    shutil.move(folder, other)
    shutil.copy(other / "used.jsonl", other / "orphan.jsonl")
    source = """
@pytest.fixture
def recordings_dir():
    import pathlib
    return pathlib.Path("other").absolute()
"""
    result = inner(source + TESTS.replace("recordings/loaded", "other/loaded"), "--inspector-doctor")
    result.stdout.fnmatch_lines(["other/orphan.jsonl", "3 recordings, 1 needs attention"])


def test_tests_that_did_not_run_are_mentioned(inner, folder):
    result = inner(TESTS, "--inspector-doctor", "-k", "test_a")
    result.stdout.fnmatch_lines(["recordings/loaded.jsonl", "1 tests were deselected: *"])


def test_workers_of_xdist_count(inner, folder, pytester, monkeypatch):
    pytest.importorskip("xdist")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    inner.write("test_both.py", TESTS)
    plugins = ("-p", "xdist", "-p", "inspector.pytest_plugin")
    result = pytester.runpytest_subprocess(*plugins, "--inspector-doctor", "-n", "2")
    result.stdout.fnmatch_lines(["2 recordings, none need attention"])
    assert result.ret == 0


def test_without_the_option_nothing_is_listed(inner, folder):
    assert "inspector doctor" not in inner(TESTS).stdout.str()
