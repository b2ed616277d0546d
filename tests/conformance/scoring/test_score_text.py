"""A scorecard as text: nothing is shown without its failures, and each failure with what proves it."""

from __future__ import annotations

from dataclasses import replace

from inspector.conformance.scoring.score_text import score_lines
from inspector.conformance.scoring.scorecard import Deviation, Exchange, ProbeResult, Scorecard, State
from inspector.recording import Head, Recording, Request

EXCHANGE = Exchange("tool-1", Recording(Head("", Request("", ""))), file="kept/tool-1.jsonl")
FAILURE = Deviation("no JSON", "tool-1", 7, 865, "tool-json-invalid", "anthropic 2.12.0: raises nothing")


def lines(*results, **card):
    card = Scorecard("2026-11", "http://x", "m", results, took=2.0, **card)
    return [line.text for line in score_lines(card)]


def failed(**members):
    members = {"failures": (FAILURE,), "exchanges": (EXCHANGE,), "runs": 1, **members}
    return ProbeResult(
        "tool", State.FAIL, "It holds.", source="https://doc", seen=("https://seen",), **members
    )


def test_a_failure_has_its_place_its_client_its_recording_and_its_links():
    assert lines(failed())[2:8] == [
        "fail        tool  It holds.",
        "    tool-1 ev 7 @865: no JSON (tool-json-invalid)",
        "      anthropic 2.12.0: raises nothing",
        "      kept/tool-1.jsonl",
        "    how it must be: https://doc",
        "    seen elsewhere: https://seen",
    ]


def test_only_verbose_shows_all_links():
    card = Scorecard("2026-11", "http://x", "m", (replace(failed(), seen=("https://1", "https://2")),))
    brief, whole = ([line.text for line in score_lines(card, verbose=each)] for each in (False, True))
    assert "    seen elsewhere: https://1" in brief
    assert [line for line in whole if line not in brief] == ["    seen elsewhere: https://2"]


def test_what_the_client_does_is_said_once_for_each_exchange():
    text = lines(failed(failures=(FAILURE, FAILURE)))
    assert sum("anthropic" in line for line in text) == 1


def test_a_known_failure_says_why_it_is_known():
    assert "    known failure: see ticket 7" in lines(failed(known="see ticket 7"))


def test_the_score_names_what_failed_and_counts_what_was_not_tested():
    results = [
        failed(),
        ProbeResult("text", State.PASS),
        ProbeResult("image", State.NOT_TESTED, reason="busy"),
    ]
    assert "1 of 2 passed; failed: tool; 1 not tested" in lines(*results)


def test_runs_that_differ_are_counted():
    assert "fail        tool  passes 2 of 3. It holds." in lines(failed(passed=2, runs=3))


def test_a_reason_stands_for_all_probes_and_names_what_was_kept():
    result = ProbeResult("text", State.NOT_TESTED, "It holds.", "x cannot be reached", exchanges=(EXCHANGE,))
    text = lines(result, reason="x cannot be reached")
    assert text[2:4] == ["x cannot be reached", "  kept/tool-1.jsonl"]


def test_the_time_of_the_endpoint_is_apart_from_ours():
    assert lines()[-1] == "2.0 s: 0.0 s waiting for the endpoint, 2.0 s our own"
