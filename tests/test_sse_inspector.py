"""The entry points, also where another module called `inspector` hides the package."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import pytest
from conftest import ROOT

import sse_inspector


def run(*arguments, cwd):
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(params=["inspector.py", "inspector/__init__.py"])
def hidden(request, tmp_path):
    """A folder with a module `inspector` of somebody else's."""
    return folder_with(request.param, tmp_path)


def folder_with(name, tmp_path):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine = True\n")
    (tmp_path / "test_mine.py").write_text("import inspector\n\n\ndef test_mine():\n    assert inspector\n")
    return tmp_path


def test_nothing_hides_the_package_here():
    assert sse_inspector.hidden_by() is None


def test_both_programs_and_the_plugin_begin_here():
    mine = importlib.metadata.distribution("sse-inspector").entry_points
    assert {(each.name, each.value) for each in mine} == {
        ("inspector", "sse_inspector:main"),
        ("sse-inspector", "sse_inspector:main"),
        ("inspector", "sse_inspector:plugin"),
    }


def test_a_module_with_our_name_is_named_in_one_line(hidden):
    done = run("-m", "sse_inspector", "--version", cwd=hidden)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("inspector: ")
    assert str(hidden / "inspector") in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["-v", "-q", "-Werror"])
def test_tests_run_where_a_module_hides_the_plugin(hidden, option):
    done = run("-m", "pytest", "-p", "no:cacheprovider", option, "test_mine.py", cwd=hidden)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "inspector: off, because " in done.stdout


MARKED = """
import pathlib, pytest

@pytest.mark.recording("hello")
def test_marked():
    pathlib.Path("called").touch()
"""


@pytest.mark.parametrize("options", [["-q"], ["-q", "-n1"]], ids=["alone", "xdist"])
def test_no_test_runs_that_a_hidden_plugin_would_have_answered(hidden, options):
    if "-n1" in options:
        pytest.importorskip("xdist")
    (hidden / "test_marked.py").write_text(MARKED)
    done = run("-m", "pytest", "-p", "no:cacheprovider", *options, cwd=hidden)
    assert done.returncode != 0, done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert "the marker recording of test_marked.py::test_marked does nothing here, because" in said
    assert str(hidden / "inspector") in said
    assert not (hidden / "called").exists()


def test_a_marked_test_that_is_deselected_stops_no_run(hidden):
    (hidden / "test_marked.py").write_text(MARKED)
    done = run("-m", "pytest", "-p", "no:cacheprovider", "-k", "test_mine", cwd=hidden)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("option", ["--inspector=none", "--inspector-block-network"])
def test_an_option_of_a_hidden_plugin_stops_the_run(hidden, option):
    done = run("-m", "pytest", "-p", "no:cacheprovider", option, "test_mine.py", cwd=hidden)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "inspector: off, because " in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["-p", "sse_inspector"],
        ["-p", "inspector"],
        ["-p", "sse_inspector", "-p", "inspector"],
        ["-p", "inspector", "-p", "sse_inspector"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("alone", ["1", ""], ids=["alone", "with others"])
def test_the_plugin_is_there_once_by_either_name(tmp_path, monkeypatch, options, alone):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", alone)
    (tmp_path / "test_it.py").write_text(
        "import os, pytest\n\n"
        '@pytest.mark.recording("hello", strict=False)\n'
        "def test_it(request):\n"
        "    assert os.environ['ANTHROPIC_BASE_URL'].startswith('http://127.0.0.1:')\n"
        "    plugins = request.config.pluginmanager.get_plugins()\n"
        "    assert sum(hasattr(each, 'replay_server') for each in plugins) == 1\n"
    )
    options = [*options, "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--strict-markers"]
    done = run("-m", "pytest", *options, "--inspector=replay", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_plugins_module_refuses_marked_tests_where_another_hides_the_package(hidden, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (hidden / "test_marked.py").write_text(MARKED)
    done = run("-m", "pytest", "-p", "no:cacheprovider", "-p", "sse_inspector", "-q", cwd=hidden)
    assert "does nothing here, because" in done.stdout + done.stderr
    assert not (hidden / "called").exists()


def test_strict_markers_run_no_marked_test_without_the_plugin(tmp_path):
    (tmp_path / "test_marked.py").write_text(MARKED)
    done = run("-m", "pytest", "-p", "no:inspector", "--strict-markers", "-q", cwd=tmp_path)
    assert done.returncode != 0
    assert "'recording' not found in `markers`" in done.stdout
    assert not (tmp_path / "called").exists()


def test_the_setting_that_blocks_the_network_stops_the_run_of_a_hidden_plugin(hidden):
    (hidden / "pytest.ini").write_text("[pytest]\ninspector_block_network = true\n")
    done = run("-m", "pytest", "-p", "no:cacheprovider", "test_mine.py", cwd=hidden)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "the setting inspector_block_network does nothing here, because " in done.stderr


def test_a_folder_that_is_no_package_hides_nothing(tmp_path):
    done = run("-m", "sse_inspector", "--version", cwd=folder_with("inspector/other.py", tmp_path))
    assert done.returncode == 0


def test_the_command_line_starts_by_either_name():
    for module in ("inspector", "sse_inspector"):
        done = run("-m", module, "--version", cwd=ROOT)
        assert done.stdout.startswith("inspector ")
        assert "anthropic" in done.stdout
