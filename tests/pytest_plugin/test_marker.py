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


def test_with_loop_the_recordings_are_played_again_and_again(inner):
    inner("""
@pytest.mark.recording("hello", loop=True)
def test_transport(replay_transport):
    assert ask(over(replay_transport)) == ask(over(replay_transport))

@pytest.mark.recording("hello", loop=True)
def test_server(replay_server):
    assert ask(anthropic.Anthropic()) == ask(anthropic.Anthropic())
""").assert_outcomes(passed=2)
