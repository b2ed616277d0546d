"""What is not compared is said: columns, rules that did not run, versions and settings that differ."""

from __future__ import annotations

import pytest
from response_sets import cut, response, write_set

from inspector._version import __version__
from inspector.checker import RULES
from inspector.corpus.trends.comparing_sets import compare

ONE, OTHER = list(RULES)[:2]


def compared(tmp_path, *sets):
    """Compare sets, each given as rows and as how they were made."""
    paths = []
    for number, (rows, how) in enumerate(sets):
        paths.append(write_set(tmp_path / str(number), rows * 60, **how))
    return compare(paths)


def settings(**changed):
    made = {"inspector": __version__, "profile": None, "rules": None, "limits": {"gap_idle": 60.0}, **changed}
    return {"about": {"inspector.settings": made}}


def rules(trends):
    return {line.name for line in trends.lines if line.kind == "rule"}


def test_sets_that_are_alike_have_no_notes(tmp_path):
    how = settings()
    assert compared(tmp_path, ([response()] * 20, how), ([cut()] * 20, how)).notes == ()


def test_columns_that_a_set_lacks_are_said_and_not_compared(tmp_path):
    lacks = {"without": ["longest_silence", "error", "ending"]}
    trends = compared(tmp_path, ([response()], lacks), ([response()], {}))
    assert f"{trends.sets[0].name} has no ending, no error, no longest_silence: not compared" in trends.notes
    assert not {line.name for line in trends.lines} & {"longest_silence", "complete"} - {"complete"}
    assert not {line.kind for line in trends.lines} & {"ending", "unreadable"}


@pytest.mark.parametrize("selected", [[ONE], [OTHER]])
def test_rules_that_did_not_run_for_a_set_are_not_compared(tmp_path, selected):
    every = [response(rules=[ONE, OTHER])]
    some = [response(rules=selected)]
    trends = compared(tmp_path, (every, settings()), (some, settings(rules=selected)))
    assert rules(trends) == set(selected)
    (left_out,) = {ONE, OTHER} - set(selected)
    assert f"not compared, for not every set was made with them: {left_out}" in trends.notes


def test_a_rule_that_never_fired_but_ran_is_compared(tmp_path):
    trends = compared(tmp_path, ([response(rules=[ONE])], settings()), ([response()], settings()))
    assert rules(trends) == {ONE}


def test_of_another_version_only_rules_that_fire_there_are_compared(tmp_path):
    old = settings(inspector="0.0.1")
    before = [response(rules=[ONE], inspector_version="0.0.1")]
    after = [response(rules=[ONE, OTHER])]
    trends = compared(tmp_path, (before, old), (after, settings()))
    assert rules(trends) == {ONE}
    assert f"not compared, for not every set was made with them: {OTHER}" in trends.notes
    versions = ", ".join(sorted(["0.0.1", __version__]))
    assert f"made by inspector {versions}, whose rules may differ in what they report" in trends.notes


def test_sets_of_one_version_that_say_nothing_are_compared_in_every_rule(tmp_path):
    assert rules(compared(tmp_path, ([response(rules=[ONE])], {}), ([response()], {}))) == {ONE}


@pytest.mark.parametrize("name", ["profile", "limits"])
def test_settings_that_differ_are_said(tmp_path, name):
    trends = compared(tmp_path, ([response()], settings()), ([response()], settings(**{name: "x"})))
    assert any(note.startswith(f"checked with {name} that differ: ") for note in trends.notes)


def test_small_counts_are_said(tmp_path):
    trends = compare([write_set(tmp_path / str(n), [response()] * (20 + n)) for n in range(2)])
    assert f"{trends.sets[0].name} has 20 recordings: only a large change can be seen" in trends.notes
    (note,) = [note for note in trends.notes if "too few values" in note]
    assert "p99 needs " in note
    assert trends.changed == ()
