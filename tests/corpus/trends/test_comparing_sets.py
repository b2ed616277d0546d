"""What changed beyond chance is marked, what did not is not; what cannot be compared is said."""

from __future__ import annotations

import math

import pytest
from response_sets import cut, response, some_responses, unreadable, write_set

from inspector.corpus.trends.comparing_sets import STEPS, compare
from inspector.corpus.trends.trend_intervals import chance_of_each, difference, quantile_ranks, share
from inspector.errors import UsageError


def compared(tmp_path, *all_rows, by=None, **how):
    return compare([write_set(tmp_path / str(n), rows, **how) for n, rows in enumerate(all_rows)], by=by)


def named(trends):
    return {(line.kind, line.name, line.part, line.group): line for line in trends.lines}


def test_a_set_has_not_changed_from_itself(tmp_path):
    rows = list(some_responses(600, 1))
    trends = compared(tmp_path, rows, rows)
    assert trends.changed == ()
    assert {line.change.value for line in trends.lines} == {0.0}
    assert {line.at_least for line in trends.lines} == {0.0}


@pytest.mark.parametrize("seed", range(8))
def test_chance_alone_changes_nothing(tmp_path, seed):
    trends = compared(tmp_path, some_responses(400, 2 * seed), some_responses(500, 2 * seed + 1))
    assert trends.changed == ()


def test_what_changed_is_marked_and_its_effect_lies_in_the_interval(tmp_path):
    before = some_responses(3000, 1, slow=1, broken=0.01)
    after = some_responses(3000, 2, slow=1.5, broken=0.06)
    lines = named(compared(tmp_path, before, after))
    rule = lines["rule", "message-stop-missing", None, None]
    first = lines["time", "time_to_first_event", "p50", None]
    assert rule.changed
    assert rule.change.low < 0.05 < rule.change.high
    assert first.changed
    assert first.change.low < 0.5 * math.exp(-1) < first.change.high
    assert not lines["time", "longest_gap", "p50", None].changed


def test_sets_whose_ends_were_seen_unlike_often_have_the_same_endings(tmp_path):
    """A bare stream has no end: a set with many of those is not cut less often."""
    seen = [response(), cut()] * 200
    unseen = [response(ending=None)] * 600
    lines = named(compared(tmp_path, seen, seen + unseen))
    assert lines["ending", "cut", None, None].change.value == 0
    assert lines["ending", "unseen", None, None].changed
    lines = named(compared(tmp_path / "none", seen, unseen))
    assert lines["ending", "cut", None, None].change is None


def test_turned_around_every_change_has_the_other_sign(tmp_path):
    sets = [list(some_responses(900, 1)), list(some_responses(700, 2, slow=2, broken=0.1))]
    forth = named(compared(tmp_path / "forth", *sets))
    back = named(compared(tmp_path / "back", *reversed(sets)))
    assert forth.keys() == back.keys()
    for key, line in forth.items():
        low, high = back[key].change.low, back[key].change.high
        assert (line.change.low, line.change.high) == pytest.approx((-high, -low))
        assert line.at_least == pytest.approx(back[key].at_least)
        assert line.changed == back[key].changed


def test_lines_are_those_of_a_plain_computation(tmp_path):
    sets = [list(some_responses(500, 1)), list(some_responses(400, 2, broken=0.1))]
    trends = compared(tmp_path, *sets)
    chance = chance_of_each(trends.comparisons)
    sides = []
    for rows in sets:
        partial = sum(row["verdict"] == "partial" for row in rows)
        sides.append(share(partial, len(rows), chance))
    line = named(trends)["verdict", "partial", None, None]
    assert tuple(side.interval for side in line.sides) == tuple(sides)
    assert line.change == difference(*sides)
    values = sorted(row["longest_gap"] for row in sets[0])
    low, high = quantile_ranks(500, 0.9, chance)
    interval = named(trends)["time", "longest_gap", "p90", None].sides[0].interval
    assert (interval.low, interval.high) == (values[low - 1], values[high - 1])


def test_the_surest_large_change_comes_first(tmp_path):
    before = [response(rules=["often"] * (n % 2) + ["seldom"] * (n % 50 == 0)) for n in range(2000)]
    after = [response(rules=["often"] * (n % 5 < 3) + ["seldom"] * (n % 5 == 0)) for n in range(2000)]
    trends = compared(tmp_path, before, after)
    assert [line.name for line in trends.changed] == ["seldom", "often"], (
        "from 2 % to 20 %, from 50 % to 60 %"
    )


def test_a_change_counts_alike_at_both_ends(tmp_path):
    lines = named(compared(tmp_path, [response()] * 980 + [cut()] * 20, [response()] * 900 + [cut()] * 100))
    complete, partial = (lines["verdict", name, None, None] for name in ("complete", "partial"))
    assert complete.at_least == pytest.approx(partial.at_least)


def test_unreadable_files_are_compared_as_a_share_of_files(tmp_path):
    session = [response(source="1", number=number) for number in (1, 2, 3)]
    trends = compared(tmp_path, session * 50, session * 40 + [unreadable()] * 40)
    line = named(trends)["unreadable", "", None, None]
    assert [(side.count, side.of) for side in line.sides] == [(0, 50), (40, 80)]
    assert line.changed


def test_values_that_are_not_known_are_not_compared(tmp_path):
    untimed = [{**row, "time_to_first_event": None} for row in some_responses(50, 3, broken=0)]
    trends = compared(tmp_path, untimed, some_responses(60, 4, broken=0))
    line = named(trends)["time", "time_to_first_event", "p50", None]
    assert [side.count for side in line.sides] == [0, 60]
    assert (line.sides[0].interval, line.change, line.changed) == (None, None, False)
    assert trends.sets[0].counted.timed == 0


@pytest.mark.parametrize("rows", [[], [unreadable()]])
def test_a_set_without_recordings_is_said(tmp_path, rows):
    trends = compared(tmp_path, rows, some_responses(50, 1))
    assert trends.changed == ()
    assert any("0 has no recordings: there is nothing to compare" in note for note in trends.notes)


def test_two_empty_sets_have_no_lines(tmp_path):
    assert compared(tmp_path, [], []).lines == ()


def test_groups_are_compared_for_themselves(tmp_path):
    fast, slow = list(some_responses(800, 1, slow=1)), list(some_responses(800, 2, slow=2))
    before = [{**row, "model": model} for model in "ab" for row in fast]
    after = [{**row, "model": "a"} for row in fast] + [{**row, "model": "b"} for row in slow]
    trends = compared(tmp_path, before, after, by="model")
    assert {line.group for line in trends.changed} == {"b"}
    assert trends.sets[1].counted.recordings == 1600


def test_more_groups_share_one_chance(tmp_path):
    rows = [{**row, "model": "ab"[n % 2]} for n, row in enumerate(some_responses(100, 1, broken=0.5))]
    one, two = compared(tmp_path, rows, rows), compared(tmp_path, rows, rows, by="model")
    assert two.comparisons == 2 * (one.comparisons - 1), "no group has unreadable files"


def test_what_cannot_be_read_belongs_to_no_group(tmp_path):
    trends = compared(tmp_path, [response(), unreadable()], [response()], by="host")
    assert "unreadable" not in {line.kind for line in trends.lines}
    assert trends.sets[0].counted.unreadable == 1


@pytest.mark.parametrize("by", ["none", "rules", "source", "at", "duration"])
def test_a_column_that_divides_nothing_is_refused_with_those_that_do(tmp_path, by):
    with pytest.raises(UsageError, match=f"--by {by}: .*host, .*model, "):
        compared(tmp_path, [response()], [response()], by=by)


def test_one_set_or_three_have_values_and_no_changes(tmp_path):
    rows = [list(some_responses(50, seed)) for seed in range(3)]
    for count in (1, 3):
        trends = compared(tmp_path / str(count), *rows[:count])
        assert {len(line.sides) for line in trends.lines} == {count}
        assert {line.change for line in trends.lines} == {None}


def test_too_many_sets_are_refused(tmp_path):
    with pytest.raises(UsageError, match="at most 8"):
        compare(["a.parquet"] * 9)


def test_rare_names_are_left_out_and_said(tmp_path):
    rows = [response(stop_reason=f"reason {number}") for number in range(103)] + [response()] * 5
    trends = compared(tmp_path, rows, rows)
    reasons = [line.name for line in trends.lines if line.kind == "stop_reason"]
    assert len(reasons) == 100
    assert "end_turn" in reasons
    assert "4 rarer values of stop reason are not compared" in trends.notes


def test_steps_add_up(tmp_path):
    steps = []
    compare([write_set(tmp_path / name, [response()]) for name in "ab"], advance=steps.append)
    assert sum(steps) == 2 * STEPS
