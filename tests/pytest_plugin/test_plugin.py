"""The plugin's hooks, options and names, and what it costs a run that does not use it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import ROOT

import inspector.pytest_plugin as plugin

pytest_plugins = ["pytester", "inner_runs"]


# Lists of faults


def test_a_list_of_faults_runs_the_test_for_each_and_names_it(inner):
    result = inner(
        """
@pytest.mark.recording("tool_use", fault=inspector.DIRTY_DOZEN)
@pytest.mark.parametrize("size", [1, 2])
def test_survives(replay_transport, size):
    try:
        ask(over(replay_transport))
    except Exception as error:  # from APIStatusError to AttributeError: the SDK raises all of them
        assert not isinstance(error, anthropic.NotFoundError)
""",
        "-v",
    )
    result.assert_outcomes(passed=24)
    result.stdout.fnmatch_lines(["*test_survives*cut-fin*PASSED*"])


def test_a_list_of_faults_needs_no_argument_of_the_test(inner):
    result = inner(
        """
@pytest.mark.recording("hello", fault=["cut-fin", "cut-fin"])
def test_it(request):
    with pytest.raises(Exception, match="peer closed|incomplete"):
        ask(over(request.getfixturevalue("replay_transport")))
""",
        "-v",
    )
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*test_it?cut-fin? PASSED*", "*test_it?cut-fin#2? PASSED*"])


def test_a_list_of_faults_that_cannot_run_once_for_each_fails(inner):
    result = inner("""
import unittest

@pytest.mark.recording("hello", fault=["cut-fin"])
class TestIt(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def transport(self, replay_transport): pass
    def test_it(self): pass
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*pytest cannot do with a method of unittest.TestCase*"])


# Recording


@pytest.mark.parametrize("mode", ["record", "rewrite"])
def test_under_ci_nothing_is_recorded_unless_forced(inner, api, monkeypatch, mode):
    monkeypatch.setenv("CI", "true")
    result = inner(inner.to_record, f"--inspector={mode}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*variable CI is set*--inspector-force*"])
    inner(inner.to_record, f"--inspector={mode}", "--inspector-force").assert_outcomes(passed=3)


def test_recording_with_the_network_blocked_is_wrong_use(inner):
    result = inner(inner.to_record, "--inspector=record", "--inspector-block-network")
    result.stderr.fnmatch_lines(["*needs the network, but --inspector-block-network*blocks it*"])


# A run that does not use it


def test_importing_the_plugin_imports_next_to_nothing():
    code = (
        "import pytest, sys; before = set(sys.modules); import inspector.pytest_plugin;"
        "print(sorted(n for n in set(sys.modules) - before))"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    plugin_modules = ["inspector.pytest_plugin", "inspector.pytest_plugin._options"]
    assert shown.stdout.strip() == str(["inspector", "inspector._version", *plugin_modules])


def test_a_run_that_does_not_use_the_plugin_loads_no_more_of_it(pytester):
    pytester.makepyfile(
        "import sys\ndef test_it(): assert 'inspector.recording' not in sys.modules\n"
        "def test_late(): assert not {'inspector.recording', 'anthropic', 'httpx'} & set(sys.modules)"
    )
    loaded = ("-p", "no:inspector", "-p", "inspector.pytest_plugin", "-p", "no:hypothesispytest")
    pytester.runpytest_subprocess(*loaded).assert_outcomes(passed=2)


def test_no_name_is_one_that_another_plugin_has(pytestconfig):
    taken = {
        *("record_mode", "--record-mode", "vcr", "vcr_config", "vcr_cassette_dir", "vcr_cassette_name"),
        *("default_cassette_name", "block_network", "--block-network", "allowed_hosts", "--allowed-hosts"),
        *("disable_recording", "--disable-recording", "cassette", "cassette_config", "vcr_markers"),
        *("--vcr-record", "--vcr-record-mode", "--disable-vcr", "event_loop", "anyio_backend"),
        *("disable_vcr", "httpx_mock", "respx_mock", "httpserver", "mocker", "socket_enabled"),
    }
    parser = pytest.Parser(_ispytest=True)
    plugin.pytest_addoption(parser)
    options = parser.getgroup("inspector").options
    names = {name for option in options for name in (*option.names(), option.dest)}
    assert not names & taken
    assert all(name.removeprefix("--").startswith("inspector") for name in names)
    assert not {*plugin.__all__, "recording"} & taken


def test_under_xdist(pytester, monkeypatch):
    pytest.importorskip("xdist")
    monkeypatch.setenv(
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1"
    )  # three processes would import all that is installed
    pytester.makepyfile("""
import contextlib, http.client, urllib.request
import inspector, pytest

@pytest.mark.recording("tool_use", fault=inspector.DIRTY_DOZEN[:3])
def test_each(replay_server):
    assert replay_server.requests == []
    with contextlib.suppress(OSError, http.client.HTTPException):
        urllib.request.urlopen(replay_server.url + "/v1/messages", b"{}").read()

@pytest.mark.recording("hello")
def test_left(replay_server): pass
""")
    result = pytester.runpytest_subprocess("-p", "xdist", "-p", "inspector.pytest_plugin", "-n", "2")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*not played: hello*"])
