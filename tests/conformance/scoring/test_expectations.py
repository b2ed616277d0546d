"""Known failures: a new one fails, one that is none any more fails, and the file is written as it is read."""

from __future__ import annotations

import tomllib

import pytest
from score_examples import CARD

from inspector import UsageError
from inspector.conformance.scoring.expectations import (
    Expected,
    dump_expectations,
    expected_of,
    load_expectations,
    with_expectations,
)
from inspector.conformance.scoring.scorecard import State

PROBES = [result.name for result in CARD.results]
BOTH = {"max-tokens": Expected("not yet", "https://example.com/1"), "tool": Expected()}


def names(results):
    return [result.name for result in results]


def test_without_the_file_every_failure_is_unexpected():
    assert names(CARD.unexpected) == names(CARD.failed) == ["max-tokens", "tool"]


def test_a_known_failure_is_expected_and_still_named_in_the_score():
    card = with_expectations(CARD, BOTH, "known.toml")
    assert names(card.unexpected) == []
    assert "failed: max-tokens (known), tool (known)" in card.score
    assert card.result("max-tokens").known == "not yet https://example.com/1"
    assert card.result("tool").known == "no reason is given"


def test_a_new_failure_fails():
    card = with_expectations(CARD, {"tool": Expected()}, "known.toml")
    assert names(card.unexpected) == ["max-tokens"]


@pytest.mark.parametrize(("name", "outcome"), [("text", "passes"), ("image", "is not applicable")])
def test_an_entry_that_does_not_fail_any_more_fails(name, outcome):
    card = with_expectations(CARD, {**BOTH, name: Expected()}, "known.toml")
    assert names(card.unexpected) == [name]
    [failure] = card.result(name).failures
    expected = f"it {outcome}, and known.toml has it as a known failure: take it out of the file"
    assert failure.message == expected


def test_an_entry_that_was_not_tested_or_did_not_run_changes_nothing():
    card = with_expectations(CARD, {**BOTH, "idle": Expected(), "other": Expected()}, "known.toml")
    assert names(card.unexpected) == []
    assert card.result("idle").state is State.NOT_TESTED


def test_the_file_is_written_from_a_run_and_makes_it_pass():
    text = dump_expectations(expected_of(CARD, {}))
    card = with_expectations(CARD, load_expectations(text, "known.toml", PROBES), "known.toml")
    assert names(card.unexpected) == []
    assert dump_expectations(expected_of(card, load_expectations(text, "known.toml", PROBES))) == text


def test_writing_the_file_again_keeps_reasons_and_what_was_not_tested():
    before = {"text": Expected("gone"), "tool": Expected("why"), "idle": Expected("busy")}
    assert expected_of(CARD, before) == {
        "max-tokens": Expected(),
        "tool": Expected("why"),
        "idle": Expected("busy"),
    }


@pytest.mark.parametrize(
    "reason", ['"quoted" \\ ', "line\nbreak\t\x00\x7f\x1b", "\u2028 \U0001f642 é", "'''"]
)
def test_a_reason_of_any_text_is_written_as_toml(reason):
    entries = {"tool": Expected(reason, "https://example.com/?a=b")}
    text = dump_expectations(entries)
    assert load_expectations(text, "known.toml", PROBES) == entries
    assert tomllib.loads(text)["tool"]["reason"] == reason


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool", "known.toml is not TOML"),
        ("[txt]", "there is no probe 'txt'"),
        ("tool = 1", r"write \[tool\] as a table"),
        ("[tool]\nreason = 1", "may have the texts"),
        ("[tool]\nwhy = 'x'", "and not 'why'"),
    ],
)
def test_a_file_that_is_wrong_says_what_to_do(text, message):
    with pytest.raises(UsageError, match=message):
        load_expectations(text, "known.toml", PROBES)
