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
    result.stdout.fnmatch_lines(["*inspector: fails when *hello.jsonl is cut at byte *_st' | b'op*"])
    result.stdout.no_fnmatch_line("*cut at byte * and at byte*")
