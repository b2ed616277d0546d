"""`pytest --inspector-faults`: every marked test under each fault, and the table."""

from __future__ import annotations

import re

import pytest

from inspector import DIRTY_DOZEN

pytest_plugins = ["pytester", "inner_runs"]

TESTS = """
class BrokenOffError(Exception): pass

def text():
    return ask(anthropic.Anthropic(max_retries=0)).content[0].text

def careful():
    try:
        message = ask(anthropic.Anthropic(max_retries=0))
    except Exception as error:
        raise BrokenOffError from error
    if message.stop_reason is None or message.content[0].text.count("Hello!") != 1:
        raise BrokenOffError
    return message.content[0].text

@pytest.mark.recording("hello")
@pytest.mark.parametrize("size", [1])
def test_careless(size): assert text() == WHOLE

@pytest.mark.recording("hello")
def test_careful(): assert careful() == WHOLE

@pytest.mark.recording("hello", fault="cut-fin")
def test_of_its_own(): pass

@pytest.mark.recording("hello")
def test_every_split(every_split): pass

def test_unmarked(): pass

WHOLE = "".join(b["text"] for b in inspector.load(os.path.join(%r, "hello.jsonl")).message()["content"])
"""


@pytest.fixture
def source():
    from inner_runs import ROOT

    return TESTS % str(ROOT / "recordings")


def cells(result, test):
    line = next(line for line in result.outlines if line.startswith(f"test_{test}") or f"::{test} " in line)
    return line.split()[-len(DIRTY_DOZEN) :]


CARELESS = ["F", "w", "w", "w", "ok", "ok", "F", "w", "F", "-", "w", "ok"]
CAREFUL = ["ok", "ok", "ok", "w", "ok", "ok", "ok", "ok", "ok", "-", "ok", "ok"]


@pytest.mark.parametrize("processes", [1, 2])
def test_each_marked_test_runs_under_each_fault_and_the_table_says_what_its_program_did(
    inner, pytester, source, processes
):
    if processes > 1:
        inner.write("test_it.py", source)
        plugin = ("-p", "no:inspector", "-p", "inspector.pytest_plugin", "-p", "no:cacheprovider")
        result = pytester.runpytest_subprocess(*plugin, "--inspector-faults", "-n", str(processes))
    else:
        result = inner(source, "--inspector-faults")
    outcomes = result.parseoutcomes()
    assert (outcomes["failed"], outcomes["passed"], outcomes["skipped"]) == (3, 19, 2)
    assert cells(result, "test_careless[1]") == CARELESS
    assert cells(result, "test_careful") == CAREFUL
    result.stdout.fnmatch_lines(
        [
            "F *::test_careless?1? cut-clean: truncated-accepted; *",
            "w *::test_careless?1? cut-fin: raw-exception; it raised httpx*.RemoteProtocolError",
        ]
    )


def test_the_table_fits_into_80_columns(inner, source, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    longer = source.replace("test_careful", "test_" + "careful_" * 12)
    result = inner(longer, "--inspector-faults")
    rows = [line for line in result.outlines if re.search(r"( ok| w| F| -){12}$", re.sub(" +", " ", line))]
    assert len(rows) == 2
    assert max(map(len, rows)) <= 80


def test_recording_and_faults_exclude_each_other(inner, source):
    result = inner(source, "--inspector-faults", "--inspector=record")
    result.stderr.fnmatch_lines(["*--inspector-faults plays recordings*"])


def test_a_server_does_not_wait_as_long_as_the_sdk(inner, monkeypatch):
    monkeypatch.setattr("inspector.pytest_plugin._case.PATIENCE", 0.1)
    monkeypatch.setattr("inspector.pytest_plugin._fault_table.DIRTY_DOZEN", ("stall-ping",))
    test = """
@pytest.mark.recording("hello")
def test_it(replay_server): ask(anthropic.Anthropic(max_retries=0))
"""
    result = inner(test, "--inspector-faults", "-rA")
    result.stdout.fnmatch_lines(["*the server ended it after *", "not known no-content-timeout: *"])


def test_a_run_without_the_option_has_no_table(inner, source):
    result = inner(source)
    assert "programs under faults" not in result.stdout.str()
