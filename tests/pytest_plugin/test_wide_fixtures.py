"""A fixture of a wider scope that sends requests in its set-up: those of the test that needs it first."""

from __future__ import annotations

import pytest

from inspector.recording.bundled import bundled_recording

TOOL = bundled_recording("tool_use")

pytest_plugins = ["pytester", "inner_runs"]

ANSWER = """
@pytest.fixture(scope="{scope}")
def answer(): return ask(anthropic.Anthropic(api_key="none"))

@pytest.fixture(scope="{scope}")
def idle(): return None
"""


@pytest.mark.parametrize("scope", ["class", "module", "package", "session"])
def test_a_later_test_passes_with_and_without_a_request_of_its_own(inner, scope):
    source = """
class TestIt:
    pytestmark = pytest.mark.recording("hello")
    def test_first(self, answer): assert answer.content
    def test_silent(self, answer): assert answer.content
    def test_by_another_fixture(self, request): assert request.getfixturevalue("answer").content
    def test_not_silent(self, answer): assert ask(anthropic.Anthropic()).content == answer.content
"""
    inner(ANSWER.format(scope=scope) + source).assert_outcomes(passed=4)


def test_only_a_test_that_uses_such_a_fixture_may_be_silent(inner):
    source = """
pytestmark = pytest.mark.recording("hello")
def test_first(answer): pass
def test_without(): pass
def test_idle(idle): pass
@pytest.mark.recording("hello", fault="cut-clean")
def test_fault(answer): pass
"""
    inner(ANSWER.format(scope="module") + source).assert_outcomes(passed=1, failed=3)


def test_a_fixture_that_is_set_up_again_without_a_request_counts_no_more(inner):
    result = inner("""
@pytest.fixture(scope="module", params=[True, False])
def answer(request): return request.param and ask(anthropic.Anthropic(api_key="none"))

@pytest.mark.recording("hello")
def test_it(answer): pass
""")
    result.assert_outcomes(passed=1, failed=1)


def test_the_report_of_a_silent_test_notes_what_was_not_played(inner):
    source = """
pytestmark = pytest.mark.recording("hello")
def test_first(answer): pass
def test_silent(answer): print("here")
"""
    result = inner(ANSWER.format(scope="module") + source, "-rP")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["not played: hello"])


def test_it_is_recorded_for_the_first_test_and_replayed(inner, api):
    source = (
        ANSWER.format(scope="module")
        + """
pytestmark = pytest.mark.recording
def test_first(answer): assert answer.content
def test_silent(answer): assert answer.content
"""
    )
    inner(source, "--inspector=record").assert_outcomes(passed=2)
    assert len(api.requests) == 1
    inner(source).assert_outcomes(passed=2)
    inner(source, "--inspector=verify").assert_outcomes(passed=2)
    assert len(api.requests) == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_fixture_may_play_recordings_of_its_own_on_a_server(inner, host):
    inner(f"""
@pytest.fixture(scope="module")
def answer():
    with inspector.Server({str(TOOL)!r}) as server:
        url = server.url.replace("127.0.0.1", {host!r})
        message = ask(anthropic.Anthropic(base_url=url, api_key="none"))
        assert len(server.requests) == 1
    return message

@pytest.mark.recording("hello")
def test_it(answer):
    assert answer.stop_reason == "tool_use"
    assert ask(anthropic.Anthropic()).stop_reason == "end_turn"
""").assert_outcomes(passed=1)
