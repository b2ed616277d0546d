"""Other people's gateways and servers start, pass a request on, and leave no process behind."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest
from conftest import ROOT
from gateways.running import KEY, running
from gateways.subjects import SUBJECTS

import inspector

HELLO = ROOT / "recordings" / "hello.jsonl"
BOUND = 20.0  # seconds
PROCESSES = Path("/proc")  # Linux has it


@pytest.fixture(params=SUBJECTS.values(), ids=list(SUBJECTS))
def subject(request):
    if request.param.skipped:
        pytest.skip(request.param.skipped)
    return request.param


def ask(server, model):
    """Send a request for a stream; return the body."""
    question = {"model": model, "max_tokens": 99, "messages": [{"role": "user", "content": "hi"}]}
    headers = {"content-type": "application/json", "x-api-key": KEY, **server.headers}
    body = json.dumps({**question, "stream": True}).encode()
    request = urllib.request.Request(f"{server.url}/v1/messages", body, headers)
    with urllib.request.urlopen(request, timeout=BOUND) as response:
        return response.read()


def test_it_answers_and_ends_with_all_its_processes(subject, tmp_path):
    with inspector.Server(HELLO, match="any", loop=True) as upstream:
        arguments = [upstream.url, tmp_path] if subject.behind else [tmp_path]
        with subject.start(*arguments) as server:
            assert b"message_start" in ask(server, subject.model)
            assert processes_in(tmp_path) or not PROCESSES.exists()
        assert len(upstream.requests) == bool(subject.behind)
    assert not processes_in(tmp_path)
    assert subject.version()[0].isdigit()


def processes_in(folder):
    """The processes whose working directory is this folder."""
    found = []
    for process in PROCESSES.glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == folder:
                found.append(process.name)
        except OSError:
            continue  # it has ended, or belongs to another user
    return found


def test_a_program_that_ends_at_once_is_an_error_with_its_output(tmp_path):
    with (
        pytest.raises(RuntimeError, match=r"does not listen(.|\n)*no such option"),
        running(["sh", "-c", "echo no such option; exit 2"], 1, tmp_path),
    ):
        pytest.fail("it does not run")
