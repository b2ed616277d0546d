"""`every_split` runs a function for every split of a body, and shrinks a failure."""

from __future__ import annotations

pytest_plugins = ["pytester", "inner_runs"]


def test_every_split_runs_the_function_for_every_cut(inner):
    inner("""
@pytest.mark.recording("unicode")
def test_sync(every_split):
    texts = []
    every_split(lambda transport: texts.append(ask(over(transport)).content[0].text), at_most=20)
    assert len(texts) > 20 and len(set(texts)) == 1

@pytest.mark.recording("hello")
def test_async(every_split):
    every_split(aask, at_most=3)
""").assert_outcomes(passed=2)


def test_a_failing_split_is_shrunk_to_its_smallest(inner):
    result = inner("""
import itertools

def naive(transport):  # takes every chunk for whole events
    http = anthropic.DefaultHttpxClient(transport=transport)
    with http.stream("POST", "https://api.anthropic.com/v1/messages") as response:
        chunks = list(response.iter_raw())
    ends = set(itertools.accumulate(map(len, chunks)))
    assert b"".join(chunks).index(b"_stop") + 3 not in ends

@pytest.mark.recording("hello")
def test_it(every_split):
    every_split(naive, at_most=700)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*inspector: fails when hello is cut at byte *_st' | b'op*"])
    result.stdout.no_fnmatch_line("*cut at byte * and at byte*")


def test_each_run_is_judged_as_a_test_is(inner):
    result = inner("""
@pytest.mark.recording("hello")
def test_silent(every_split): every_split(lambda transport: None)

@pytest.mark.recording("hello")
def test_too_much(every_split): every_split(lambda transport: [ask(over(transport)), swallow(transport)])

def swallow(transport):
    try: ask(over(transport))
    except anthropic.APIError: pass

@pytest.mark.recording("hello")
def test_not_called(every_split): pass

@pytest.mark.recording("hello", loop=True)
def test_looped(every_split):
    every_split(lambda transport: [ask(over(transport)), ask(over(transport))], at_most=2)

@pytest.mark.recording("hello")
def test_of_an_unmodified_application(every_split):
    every_split(lambda transport: ask(anthropic.Anthropic()), at_most=3)

@pytest.mark.recording("hello", match="body")
def test_matched(every_split): every_split(lambda transport: ask(over(transport), max_tokens=1), at_most=3)
""")
    result.assert_outcomes(passed=2, failed=4)
    result.stdout.fnmatch_lines(["this test sent no request to Claude*", "*already played*"])
    result.stdout.fnmatch_lines(["this test did not call every_split", "*is in no recording*"])


def test_faults_are_in_the_recording_before_it_is_cut(inner):
    result = inner("""
@pytest.mark.recording("hello", fault="http-error=529,on=1..2")
def test_limited(every_split): every_split(lambda transport: ask(over(transport, max_retries=2)), at_most=2)

@pytest.mark.recording("hello", fault="newlines=crlf")
def test_always(every_split): every_split(lambda transport: ask(over(transport)), at_most=3)

@pytest.mark.recording("hello", "tool_use")
def test_two(every_split): pass
""")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*every_split needs one recording, but the marker names 2"])


def test_an_async_test_is_told_to_be_a_plain_one(inner):
    result = inner("""
@pytest.mark.recording("hello")
def test_it(every_split):
    async def test():
        every_split(aask)
    asyncio.run(test())
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["every_split runs the async function itself*make this test a plain function*"]
    )
    result.stdout.no_fnmatch_line("*did not call every_split*")


def test_a_function_that_fails_at_once_was_called(inner):
    result = inner("""
@pytest.mark.recording("hello")
def test_it(every_split):
    every_split(lambda transport: 1 / 0)
""")
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*did not call every_split*")
