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
    result.stdout.fnmatch_lines(["not played: tool_use. No request *"])


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


SILENT = """
@pytest.mark.recording("tool_use", fault=inspector.DIRTY_DOZEN[:2])
def test_survives(replay_transport): ...

@pytest.mark.recording("tool_use", fault="cut-fin")
def test_one(replay_server): ...

@pytest.mark.recording("hello")
def test_named(): ...

@pytest.mark.recording("hello", match="name")
def test_by_name(): ...

@pytest.mark.recording("hello", strict=False)
def test_lenient(): ...

@pytest.mark.recording
def test_own(): ...
"""


def test_a_marked_test_that_asks_nothing_fails_also_under_a_fault(inner):
    result = inner(SILENT)
    result.assert_outcomes(
        failed=5, passed=2
    )  # a module may be marked as a whole: an own recording may be missing
    result.stdout.fnmatch_lines(["this test sent no request to Claude.*", "not played: tool_use"])


def test_under_a_fault_later_recordings_may_be_left(inner):
    inner("""
@pytest.mark.recording("tool_use", "hello", fault="http-error=500")
def test_it():
    try: ask(anthropic.Anthropic(max_retries=0))
    except anthropic.InternalServerError: pass
""").assert_outcomes(passed=1)


def test_tokens_that_nobody_recorded_are_a_miss_in_a_strict_test(inner):
    source = """
@pytest.mark.recording("hello"{})
def test_it():
    ask(anthropic.Anthropic())
    try: anthropic.Anthropic().messages.count_tokens(model="m", messages=[])
    except anthropic.NotFoundError: pass
"""
    result = inner(source.format(""))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["request 2, POST /v1/messages/count_tokens: no recording answers *"])
    inner(source.format(", strict=False")).assert_outcomes(passed=1)


def test_a_mismatch_shows_each_difference_on_a_line_and_long_texts_by_their_words(inner):
    result = inner("""
@pytest.mark.recording("hello", match="request")
def test_it():
    text = "Hello! What is it like to be streamed over a socket, and not in process?"
    try: ask(anthropic.Anthropic(), model="claude-opus-4-5", messages=[{"role": "user", "content": text}])
    except anthropic.NotFoundError: pass
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "request 1, POST /v1/messages: *. The nearest is hello, see below. Record *",
            '    body.messages?0?.content differs: "*streamed{+ over a socket, and not in process+}?"',
            '    body.model is "opus", recorded was "haiku"',
            "request 1 was sent by *.py:*",
        ]
    )


def test_an_own_recording_that_answers_another_system_prompt_is_noted(inner, api):
    source = """
@pytest.mark.recording{}
def test_it(): ask(anthropic.Anthropic(), system="{}")
"""
    inner(source.format("", "a"), "--inspector=record").assert_outcomes(passed=1)
    result = inner(source.format("", "b"), "-rP")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(['*body.system is "b", recorded was "a". With match="body" this would fail*'])
    inner(source.format('(match="body")', "b")).assert_outcomes(failed=1)
    inner(source.format('(match="body", ignore=["system"])', "b")).assert_outcomes(passed=1)


def test_a_function_may_choose_the_recording(inner):
    result = inner("""
def same_model(request, recorded):
    assert request.json()["model"] == recorded.json()["model"]

@pytest.mark.recording("tool_use", "hello", match=same_model, strict=False)
def test_it(): ask(anthropic.Anthropic(), model="claude-haiku-4-5")

@pytest.mark.recording("hello", match=same_model)
def test_other():
    ask(anthropic.Anthropic(), model="claude-opus-4-5")
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*same_model (assert 'claude-opus-4-5' == 'claude-haiku-4-5'*"])


def test_an_own_recording_is_recorded_again_and_not_removed_from_a_marker(inner, api):
    source = """
@pytest.mark.recording
def test_it(): ask(anthropic.Anthropic(), messages=[{{"role": "user", "content": {!r}}}])
"""
    inner(source.format("one"), "--inspector=record").assert_outcomes(passed=1)
    result = inner(source.format("two"))
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*from the marker*")
    added = inner(source.format("two"), "--inspector=new")
    added.assert_outcomes(passed=1)
    added.stdout.fnmatch_lines(["not played*test_it.jsonl*--inspector=rewrite removes it"])
    result = inner(source.format("two"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["not played: *Find out why*", "To record what*--inspector=rewrite*=new*"])
    inner(source.format("two"), "--inspector=rewrite").assert_outcomes(passed=1)
    inner(source.format("two")).assert_outcomes(passed=1)
