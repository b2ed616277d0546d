"""`resilient=True`: how a program ended, as far as its test shows, and what the verdict makes of it."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester", "inner_runs"]

PROGRAM = """
def answer():
    return ask(anthropic.Anthropic(max_retries=0)).content[0].text

class BrokenOffError(Exception): pass

def careful():
    message = ask(anthropic.Anthropic(max_retries=0))
    if message.stop_reason is None:
        raise BrokenOffError
    return message

"""
MARK = '@pytest.mark.recording("hello", fault="cut-clean", resilient=True)\n'


def run(inner, test, *options):
    return inner(PROGRAM + MARK + test, *options)


def test_a_test_that_passes_on_a_part_fails_and_says_all(inner):
    result = run(inner, "def test_it(): answer()")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "the client: 1 request, 0 retries; the test passed",
            "  request 1: 200, no message_stop, 23 events, text",
            "fault truncated-accepted: request 1: no message_stop, * and the test passed",
            "  Take a stream without `message_stop` as failed*",
            "verdict: 1 fault, 0 warnings, 0 not known",
        ]
    )


def test_without_resilient_no_verdict_is_made(inner):
    result = inner(PROGRAM + MARK.replace(", resilient=True", "") + "def test_it(): answer()")
    result.assert_outcomes(passed=1)
    assert "verdict:" not in result.stdout.str()


@pytest.mark.parametrize(
    "test",
    [
        "def test_it():\n    with pytest.raises(BrokenOffError): careful()",
        "def test_it():\n    try: careful()\n    except BrokenOffError: pass",
        "def test_it(replay_server):\n    answer()\n    replay_server.verdict(reported=True)",
        "def test_it(replay_transport):\n    replay_transport.verdict(raised=BrokenOffError())\n    answer()",
    ],
    ids=["raises", "except", "reported", "raised"],
)
def test_a_test_that_expects_the_failure_passes(inner, test):
    run(inner, test).assert_outcomes(passed=1)


def test_a_with_statement_catches_nothing(inner):
    run(inner, "def test_it(tmp_path):\n    with open(tmp_path / 'x', 'w'): answer()").assert_outcomes(
        failed=1
    )


@pytest.mark.parametrize("door", ["replay_server", "replay_transport"])
def test_a_door_gives_the_verdict_in_the_test(inner, door):
    test = f"""
@pytest.mark.recording("hello", fault="cut-clean")
def test_it({door}):
    assert not {door}.verdict().actions
    verdict = {door}.verdict(returned=answer())
    assert [each.check for each in verdict.faults] == ["truncated-accepted"]
    with pytest.raises(AssertionError, match="truncated-accepted"):
        verdict.assert_resilient()
"""
    inner(PROGRAM + test).assert_outcomes(passed=1)


def test_a_test_that_fails_anyway_shows_the_verdict_beside_its_own_failure(inner):
    result = run(inner, "def test_it(): careful()")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*BrokenOffError*", "*Captured inspector call*", "*it raised test_*BrokenOffError*"]
    )


def test_a_program_that_is_another_process_is_judged_too(inner):
    test = """
def test_it(replay_server):
    code = f"import sys; sys.path.insert(0, {os.getcwd()!r}); import {__name__} as test; test.answer()"
    subprocess.run([sys.executable, "-c", code], check=True)
"""
    result = run(inner, test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["fault truncated-accepted: *"])


def test_retries_of_a_good_client_have_no_fault(inner):
    test = """
@pytest.mark.recording("hello", fault="http-error=529,retry_after=0.05,on=1..2", resilient=True)
def test_it(replay_server):
    ask(anthropic.Anthropic())
    verdict = replay_server.verdict()
    assert verdict.retries == 2 and not verdict.findings
"""
    inner(test).assert_outcomes(passed=1)


def test_while_a_test_is_recorded_its_verdict_is_empty(inner, api):
    test = """
@pytest.mark.recording("mine")
def test_it(replay_server):
    ask(anthropic.Anthropic())
    verdict = replay_server.verdict(reported=True)
    assert not verdict.actions and not verdict.findings
"""
    inner(test, "--inspector=record").assert_outcomes(passed=1)
