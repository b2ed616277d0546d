"""The sentence that a page begins with."""

from __future__ import annotations

import dataclasses

import pytest

from inspector.checker import report
from inspector.formats import load
from inspector.page.verdict_line import verdict_line
from inspector.recording.bundled import bundled_recording
from inspector.views.key_numbers import headline
from inspector.views.measuring import stats


def line(name):
    recording = load(bundled_recording(name))
    return verdict_line(stats(recording), report(recording))


@pytest.mark.parametrize(
    ("name", "level", "text"),
    [
        ("hello", "ok", "Complete in 2.1 s"),
        ("broken/index_gap", "error", "Complete, but with index-gap"),
        ("broken/cut_text", "error", "The connection was closed before the end"),
    ],
)
def test_it_says_how_a_response_went(name, level, text):
    made = line(name)
    assert (made.level, str(made)) == (level, text)


@pytest.mark.parametrize("name", ["hello", "broken/cut_text", "error_529", "max_tokens"])
def test_it_is_the_headline_of_the_statistics_unless_only_rules_see_a_problem(name):
    assert line(name).parts == headline(stats(load(bundled_recording(name)))).parts


def test_further_findings_as_bad_as_the_first_are_counted():
    recording = load(bundled_recording("hello"))
    found = report(load(bundled_recording("broken/index_gap")))
    (first,) = [each for each in found.findings if each.severity == "error"]
    for more, text in ((1, " and 1 more error"), (2, " and 2 more errors")):
        several = dataclasses.replace(found, findings=(first,) * (more + 1))
        assert str(verdict_line(stats(recording), several)).endswith(f"{first.rule}{text}")


def test_a_warning_does_not_hide_an_error():
    recording = load(bundled_recording("max_tokens"))
    found = report(load(bundled_recording("broken/index_gap")))
    assert verdict_line(stats(recording), found).level == "error"
