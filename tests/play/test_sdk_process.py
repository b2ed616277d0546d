"""The SDK of another Python: the same answers as in process, and a process that can be killed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from check_examples import EXAMPLES
from faults.fault_rows import ROWS
from streams import END, GOOD, opens, recording, start, stops, tool_delta

import inspector
from inspector import faults
from inspector.errors import InspectorError
from inspector.play import sdk_process
from inspector.play.sdk_process import SdkProcess, SdkProcessError, python_in
from inspector.recording.bundled import bundled_recording

RECORDINGS = [
    *(pytest.param(each.recording, id=rule) for rule, each in EXAMPLES.items()),
    *(
        pytest.param(faults.apply(inspector.load(bundled_recording(row.recording)), row.fault), id=row.id)
        for row in ROWS
    ),
]


@pytest.fixture(scope="module")
def process():
    with SdkProcess(sys.executable) as process:
        yield process


@pytest.mark.parametrize("sent", RECORDINGS)
def test_it_says_what_the_sdk_does_in_this_process(sent, process):
    assert process.observe(sent) == inspector.observe(sent)


def test_it_needs_nothing_of_inspector(tmp_path):
    source = Path(sdk_process.sdk_calls.__file__).read_text()
    assert "import inspector" not in source
    assert "from inspector" not in source


def test_a_process_that_does_not_answer_is_killed_and_replaced(monkeypatch):
    with SdkProcess(sys.executable) as process:
        first = process._process
        monkeypatch.setattr(sdk_process.select, "select", lambda *_: ([], [], []))
        assert "was killed" in str(process.observe(recording(GOOD)))
        assert first.poll() is not None
        monkeypatch.undo()
        assert process.observe(recording(GOOD)) == inspector.observe(recording(GOOD))


def test_a_process_that_died_is_replaced():
    with SdkProcess(sys.executable) as process:
        process._process.kill()
        process._process.wait()
        assert "its process ended" in str(process.observe(recording(GOOD)))
        assert not process.observe(recording(GOOD)).raised


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 1", "no Python that runs"),
        ('echo \'{"failure":"no module"}\'; cat', "cannot import anthropic: no module"),
    ],
)
def test_an_interpreter_without_the_sdk_is_named(tmp_path, script, message):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    with pytest.raises(SdkProcessError, match=message) as failure:
        SdkProcess(str(python))
    assert isinstance(failure.value, InspectorError)


def test_an_interpreter_that_does_not_exist_is_named():
    with pytest.raises(SdkProcessError, match="cannot be run: No such file"):
        SdkProcess("/nowhere/python")


def test_a_place_means_an_interpreter(tmp_path):
    assert python_in(sys.executable) == sys.executable
    assert python_in("python3") is not None
    assert python_in("ls") is None
    assert python_in(str(tmp_path)) is None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    assert python_in(str(tmp_path)) == str(tmp_path / "bin" / "python")


@pytest.mark.parametrize("value", ["12345678901234567890123", "NaN", "1e400"])
def test_numbers_come_as_they_are(process, value):
    body = start() + opens(0, "tool_use") + tool_delta(0, f'{{"a":{value}}}') + stops(0) + END
    assert process.observe(recording(body)) == inspector.observe(recording(body))
