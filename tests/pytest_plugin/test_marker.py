"""The marker: which recordings it names, where they are, and what is wrong with it."""

from __future__ import annotations

import pytest
from conftest import ROOT

pytest_plugins = ["pytester", "inner_runs"]


def test_recordings_are_beside_the_test_or_else_in_the_root(inner, pytester):
    hello = (ROOT / "recordings/hello.jsonl").read_bytes()
    for folder in ("recordings", "sub/recordings", "mine"):
        (pytester.path / folder).mkdir(parents=True)
    (pytester.path / "recordings/of_root.jsonl").write_bytes(hello)
    (pytester.path / "sub/recordings/beside.jsonl").write_bytes(hello)
    (pytester.path / "mine/own.jsonl").write_bytes(hello)
    body = "@pytest.mark.recording('{}')\ndef test_it(replay_transport): ask(over(replay_transport))\n"
    inner.write("sub/test_beside.py", body.format("beside"))
    own = "@pytest.fixture\ndef recordings_dir(request): return request.config.rootpath / 'mine'\n"
    inner.write("sub/test_own.py", own + body.format("own"))
    inner(body.format("of_root")).assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ('@pytest.mark.recording("nosuch")', "*there is no recording 'nosuch'*--inspector=record*"),
        ('@pytest.mark.recording("helo")', "*neither */recordings/helo.jsonl nor*Did you mean 'hello'?*"),
        ("", "*this test names no recording. Mark it with*"),
        ('@pytest.mark.recording("hello", sped=1)', "*does not know sped; it knows speed, fault, match, *"),
        ('@pytest.mark.recording("hello", match="x")', "*match='x' is not known*"),
        ('@pytest.mark.recording("hello", fault="nosuch")', "*nosuch*"),
    ],
)
def test_a_wrong_marker_is_an_error_in_plain_words(inner, mark, message):
    result = inner(f"{mark}\ndef test_it(replay_server): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(message)
    result.stdout.no_fnmatch_line("*inspector/pytest_plugin*")


# A test's own recording


OWN = """
@pytest.mark.recording
@pytest.mark.parametrize("city", ["paris", "a/b", "a-b", "x" * 300, "x" * 301, ""], ids=str)
def test_ask(replay_transport, city): ask(over(replay_transport))

class TestOuter:
    class TestInner:
        @pytest.mark.recording()
        def test_it(self, replay_server): ask(anthropic.Anthropic())
"""


def test_a_bare_marker_records_a_file_for_each_class_test_and_parameter(inner, api, pytester):
    inner.write("sub/test_agent.py", OWN)
    inner("", "--inspector=record").assert_outcomes(passed=7)
    names = sorted(path.name for path in (pytester.path / "sub/recordings/test_agent").iterdir())
    assert len(names) == 7 == len(set(map(str.lower, names)))
    assert {"test_ask[paris].jsonl", "test_ask[a-b].jsonl", "TestOuter.TestInner.test_it.jsonl"} < {*names}
    assert [name for name in names if name.startswith("test_ask[a-b]~")]
    assert all(len(name.encode()) < 210 for name in names)
    assert len(api.requests) == 7
    inner("").assert_outcomes(passed=7)
    assert len(api.requests) == 7


def test_each_fault_of_a_list_plays_the_same_own_recording(inner, api, pytester):
    source = """
@pytest.mark.recording({})
@pytest.mark.parametrize("n", [1, 2])
def test_it(replay_transport, n): ask(over(replay_transport))

@pytest.mark.recording({})
def test_alone(replay_transport): ask(over(replay_transport))
"""
    inner(source.format("", ""), "--inspector=record").assert_outcomes(passed=3)
    faulty = 'fault=["comment-inject", "rechunk=utf8"]'
    inner(source.format(faulty, faulty)).assert_outcomes(passed=6)


def test_an_own_recording_that_is_missing_is_said_with_its_path(inner):
    result = inner("""
@pytest.mark.recording
def test_it(): ask(anthropic.Anthropic())

@pytest.mark.recording
def test_over_the_transport(replay_transport):
    with pytest.raises(anthropic.APIError):
        ask(over(replay_transport))

@pytest.mark.recording
def test_over_a_socket(replay_server):
    with pytest.raises(anthropic.NotFoundError, match="--inspector=record"):
        ask(anthropic.Anthropic())

@pytest.mark.recording(fault="cut-fin")
def test_with_a_fault(): ask(anthropic.Anthropic())
""")
    result.assert_outcomes(failed=4)
    for name in ("it", "over_the_transport", "over_a_socket"):
        line = f"this test has no recording yet: there is no *recordings/test_*/test_{name}.jsonl. Run *"
        result.stdout.fnmatch_lines([line])
        assert len([each for each in result.outlines if f"/test_{name}.jsonl. Run the" in each]) == 1
    result.stdout.fnmatch_lines(["*test_with_a_fault.jsonl. A test with a fault cannot record it*"])


def test_a_test_without_a_request_needs_no_recording_of_its_own(inner, api):
    source = "pytestmark = pytest.mark.recording\ndef test_it(): pass\ndef test_other(replay_server): pass"
    for mode in ("replay", "record", "replay", "rewrite"):
        inner(source, f"--inspector={mode}").assert_outcomes(passed=2)


def test_with_loop_the_recordings_are_played_again_and_again(inner):
    inner("""
@pytest.mark.recording("hello", loop=True)
def test_transport(replay_transport):
    assert ask(over(replay_transport)) == ask(over(replay_transport))

@pytest.mark.recording("hello", loop=True)
def test_server(replay_server):
    assert ask(anthropic.Anthropic()) == ask(anthropic.Anthropic())
""").assert_outcomes(passed=2)
