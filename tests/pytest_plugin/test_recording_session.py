"""The modes of --inspector: what asks the API, what is written, and what the run says of it."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT

import inspector
import inspector.pytest_plugin._recording_session
import inspector.serve.server

pytest_plugins = ["pytester", "inner_runs"]

QUESTION = """
def question(text, **more):
    return ask(anthropic.Anthropic(), messages=[{"role": "user", "content": text}], **more)
"""

OWN = (
    QUESTION
    + """
@pytest.mark.recording
@pytest.mark.parametrize("city", ["paris", "rome"])
def test_ask(city):
    assert question(f"Weather in {city}?").content[0].text
"""
)


def turns(pytester, name):
    path = next(pytester.path.rglob(f"{name}.jsonl"))
    return [each.request.json()["messages"][0]["content"] for each in inspector.load_all(path)]


def module_of(pytester):
    return next(pytester.path.glob("test_*.py")).stem


def test_parametrised_tests_have_a_recording_each_and_answer_no_other_question(inner, api, pytester):
    inner(OWN, "--inspector=record").assert_outcomes(passed=2)
    assert turns(pytester, "test_ask[[]paris]") == ["Weather in paris?"]
    assert turns(pytester, "test_ask[[]rome]") == ["Weather in rome?"]
    asked = len(api.requests)
    inner(OWN).assert_outcomes(passed=2)
    result = inner(OWN.replace("Weather in", "News of"))
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ['*body.messages?0?.content is "News of paris?", recorded was "Weather in paris?"*']
    )
    assert len(api.requests) == asked


def test_the_summary_lists_what_was_written(inner, api, pytester):
    result = inner(OWN, "--inspector=record")
    result.stdout.fnmatch_lines(
        [
            "*= inspector recordings =*",
            f"recorded   recordings/{module_of(pytester)}/test_ask?paris?.jsonl",
            "*claude-haiku-4-5 · 46 events · * bytes · without the values of *",
            f"recorded   recordings/{module_of(pytester)}/test_ask?rome?.jsonl",
        ]
    )
    inner(OWN, "--inspector=record").stdout.fnmatch_lines(["nothing was recorded*"])
    assert "inspector recordings" not in inner(OWN).stdout.str()


def test_new_adds_what_a_cassette_does_not_answer(inner, api, pytester):
    inner(OWN, "--inspector=record").assert_outcomes(passed=2)
    more = OWN.replace("    assert", '    question("And tomorrow?")\n    assert')
    asked = len(api.requests)
    inner(more, "--inspector=record").assert_outcomes(failed=2)
    assert len(api.requests) == asked
    result = inner(more, "--inspector=new")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["appended * recordings/*paris*"])
    assert len(api.requests) == asked + 2
    assert turns(pytester, "test_ask[[]rome]") == ["Weather in rome?", "And tomorrow?"]
    for mode in ("replay", "new", "none"):
        inner(more, f"--inspector={mode}").assert_outcomes(passed=2)
    assert len(api.requests) == asked + 2
    keys = {
        header for each in api.requests for header in each.headers.values() if header.startswith("sk-ant")
    }
    assert keys <= {"sk-ant-real-key-of-the-user"}


@pytest.mark.parametrize(
    "client",
    [
        "ask(over(replay_transport), messages=ASK['messages'] + more)",
        "ask(anthropic.Anthropic(), messages=ASK['messages'] + more)",
        "subprocess.run([sys.executable, '-c', PROGRAM], check=True)",
    ],
    ids=["transport", "in process", "subprocess"],
)
def test_new_works_for_every_kind_of_client(inner, api, pytester, client):
    source = f"""
PROGRAM = '''
import anthropic
ask = dict(model="claude-haiku-4-5", max_tokens=256, messages=[{{"role": "user", "content": "New?"}}])
anthropic.Anthropic().messages.create(**ask)
'''
more = [{{"role": "user", "content": "New?"}}]

@pytest.mark.recording
def test_it(replay_server, replay_transport):
    ask(anthropic.Anthropic())
    if os.path.exists("more"):
        {client}
"""
    inner(source, "--inspector=new").assert_outcomes(passed=1)
    (pytester.path / "more").touch()
    inner(source).assert_outcomes(failed=1)
    inner(source, "--inspector=new").assert_outcomes(passed=1)
    inner(source).assert_outcomes(passed=1)
    assert len(turns(pytester, "test_it")) == 2


def test_a_rewrite_that_means_the_same_leaves_the_file_alone(inner, api, pytester, monkeypatch):
    inner(OWN, "--inspector=record").assert_outcomes(passed=2)
    before = {path: path.read_bytes() for path in pytester.path.rglob("*.jsonl")}
    result = inner(OWN, "--inspector=rewrite")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["unchanged  recordings/*"])
    assert {path: path.read_bytes() for path in pytester.path.rglob("*.jsonl")} == before
    with inspector.serve.server.Server(ROOT / "recordings/thinking.jsonl", match="any", loop=True) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        result = inner(OWN.replace(".text", ""), "--inspector=rewrite")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["rewritten  recordings/*"])
    assert {path: path.read_bytes() for path in pytester.path.rglob("*.jsonl")} != before


def test_none_is_strict_and_never_records(inner, api, pytester):
    source = (
        QUESTION
        + """
@pytest.mark.recording(strict=False)
def test_missing():
    try: question("Hi")
    except Exception: pass

@pytest.mark.recording("hello", strict=False)
def test_more():
    ask(anthropic.Anthropic())
    try: anthropic.Anthropic().messages.count_tokens(model="m", messages=[])
    except Exception: pass
"""
    )
    inner(source, "--inspector=none", "--inspector-force").assert_outcomes(failed=2)
    assert api.requests == []
    assert not [*pytester.path.rglob("*.jsonl")]


def test_a_test_without_a_request_says_so_when_it_is_recorded(inner, api, pytester):
    source = """
@pytest.mark.recording("mine")
def test_named(): pass

@pytest.mark.recording
def test_own(): pass

@pytest.mark.recording("one", "two")
def test_fewer(): ask(anthropic.Anthropic())
"""
    result = inner(source, "--inspector=record")
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(
        [
            "not recorded: this test sent no request to Claude. Remove its marker, *",
            "not recorded: the marker names 2 recordings, but the API answered only 1 of them. *",
        ]
    )
    assert not [*pytester.path.rglob("*.jsonl")]


def test_side_traffic_is_forwarded_and_not_recorded(inner, api, pytester):
    source = """
import urllib.request

@pytest.mark.recording
def test_it(replay_server):
    urllib.request.urlopen(urllib.request.Request(replay_server.url + "/", method="HEAD"))
    ask(anthropic.Anthropic())
    urllib.request.urlopen(replay_server.url + "/api/event_logging/batch", b"{}")
"""
    inner(source, "--inspector=record").assert_outcomes(passed=1)
    (path,) = pytester.path.rglob("*.jsonl")
    assert [each.request.method for each in inspector.load_all(path)] == ["POST"]
    inner(source).assert_outcomes(passed=1)
    inner(source, "--inspector=none").assert_outcomes(passed=1)


def test_under_xdist_one_test_writes_a_file_and_the_controller_lists_it(inner, api, pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    inner.write(
        "test_many.py",
        """
@pytest.mark.parametrize("number", range(6))
@pytest.mark.recording("shared")
def test_shared(number):
    ask(anthropic.Anthropic())

@pytest.mark.parametrize("number", range(4))
@pytest.mark.recording
def test_own(number):
    ask(anthropic.Anthropic())
""",
    )
    arguments = ("-p", "xdist", "-p", "inspector.pytest_plugin", "-n", "2")
    result = pytester.runpytest_subprocess(*arguments, "--inspector=rewrite", "--inspector-force")
    result.assert_outcomes(passed=10)
    assert len(api.requests) == 5
    assert len([line for line in result.outlines if line.startswith("recorded ")]) == 5
    assert len(turns(pytester, "shared")) == 1


@pytest.mark.parametrize("mode", ["record", "new", "rewrite"])
def test_under_ci_nothing_records_unless_forced(inner, api, monkeypatch, mode):
    monkeypatch.setenv("CI", "true")
    result = inner(OWN, f"--inspector={mode}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*--inspector={mode} calls the API and writes recordings*"])


def test_before_record_and_filters_change_what_is_written(inner, api, pytester):
    source = (
        QUESTION
        + """
from dataclasses import replace

def anonymous(recording):
    if b"Forget" in recording.request.body:
        return None
    head = replace(recording.head, recorder={"by": "team"})
    return replace(recording, head=head)

@pytest.fixture(scope="module")
def inspector_config():
    return {
        "filter_headers": ["User-Agent", ("x-stainless-os", "an OS")],
        "filter_body": ["system", ("messages[0].content", "left out")],
        "before_record": anonymous,
    }

@pytest.mark.recording
def test_it():
    question("Who is Ada?", system="You work for ACME.")
    if os.environ.get("FORGET"): question("Forget this")
"""
    )
    inner(source, "--inspector=record").assert_outcomes(passed=1)
    (path,) = pytester.path.rglob("*.jsonl")
    recording = inspector.load(path)
    assert recording.head.recorder == {"by": "team"}
    assert recording.request.json()["messages"] == [{"role": "user", "content": "left out"}]
    assert "system" not in recording.request.json()
    assert recording.request.headers["x-stainless-os"] == "an OS"
    assert "user-agent" not in recording.request.headers
    assert json.loads(recording.request.body)["model"] == "claude-haiku-4-5"
    inner(source).assert_outcomes(passed=1)  # what is not recorded is not compared


def test_without_a_key_the_sdk_says_so_and_nothing_is_sent(inner, api, monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("HOME", "/nonexistent")
    source = "@pytest.mark.recording\ndef test_it(): ask(anthropic.Anthropic())"
    result = inner(source, "--inspector=record")
    result.assert_outcomes(failed=1)
    assert not api.requests
    result.stdout.fnmatch_lines(["*Could not resolve authentication*"])


def test_the_summary_names_what_was_not_recorded(inner, api):
    result = inner(
        """
@pytest.mark.recording("mine")
def test_it():
    ask(anthropic.Anthropic())
    assert False

@pytest.mark.recording("silent")
def test_silent(): pass
""",
        "--inspector=record",
    )
    result.stdout.fnmatch_lines(
        [
            "failed *recordings/mine.jsonl was not recorded: its test failed",
            "failed *recordings/silent.jsonl was not recorded: this test sent no request*",
        ]
    )
    result.stdout.no_fnmatch_line("*nothing was recorded*")


def test_verify_tells_another_request_from_another_response(inner, api):
    source = "@pytest.mark.recording\ndef test_it(): ask(anthropic.Anthropic(), max_tokens={})"
    inner(source.format(1), "--inspector=record").assert_outcomes(passed=1)
    result = inner(source.format(2), "--inspector=verify")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["request 1 is not the one recorded in *: body.max_tokens is 2, recorded was 1"]
    )
    result.stdout.no_fnmatch_line("*response 1 is not*")
