"""A test fails, or its report says so, where its requests and its recordings do not match."""

from __future__ import annotations

pytest_plugins = ["pytester", "inner_runs"]


def test_a_recording_that_was_not_played_fails_the_test(inner):
    result = inner("""
@pytest.mark.recording("hello", "tool_use")
def test_it(replay_transport): ask(over(replay_transport))

@pytest.mark.recording("hello", "tool_use")
def test_server(replay_server): ask(anthropic.Anthropic())

@pytest.mark.recording("hello", "tool_use", strict=False)
def test_lenient(replay_transport): ask(over(replay_transport))
""")
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(["not played: *tool_use.jsonl*"])


def test_a_request_too_many_fails_the_test_even_if_the_application_swallows_the_error(inner):
    result = inner("""
@pytest.mark.recording("hello")
def test_it(replay_transport):
    ask(over(replay_transport))
    try:
        ask(over(replay_transport))
    except anthropic.APIError:
        pass
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["request 2, POST /v1/messages: no recording left for*"])


def test_another_request_than_the_recorded_one_fails_by_body_and_the_report_says_what_differs(inner):
    result = inner("""
@pytest.mark.recording("hello", match="body")
def test_it(replay_server):
    ask(anthropic.Anthropic(), max_tokens=1)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*NotFoundError*", "*- Captured inspector call -*", "*body.max_tokens is 1, recorded was 256*"]
    )


def test_in_order_another_request_is_reported_and_does_not_fail(inner):
    source = """
@pytest.mark.recording("hello")
def test_it(replay_transport):
    ask(over(replay_transport), max_tokens=1)
"""
    result = inner(source, "-rP")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["*- Captured inspector call -*", "*not the one recorded*body.max_tokens is 1, recorded was 256*"]
    )
