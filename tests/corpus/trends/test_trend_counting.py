"""Counts agree with DuckDB; a row without a verdict is no recording; names are limited."""

from __future__ import annotations

import datetime

import pytest
from response_sets import cut, response, some_responses, unreadable, write_set

from inspector.corpus.trends import trend_counting
from inspector.corpus.trends.trend_counting import NAMED, count_rows, groups_of
from inspector.corpus.trends.trend_sets import open_set


def counted(folder, rows, by=None, groups=(None,)):
    return count_rows(open_set(write_set(folder, rows)), by, groups)


def total(folder, rows):
    return counted(folder, rows)[0]


def test_counts_are_those_of_duckdb(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    made = total(tmp_path, [*some_responses(2500, 4, broken=0.2), response(status=None), unreadable()])
    table = duckdb.from_parquet(f"{tmp_path}/responses/*.parquet")
    for kind, null in NAMED.items():
        query = (
            f"select coalesce({kind}::text, '{null}'), count(*) from t where verdict is not null group by 1"
        )
        assert made.names[kind] == dict(table.query("t", query).fetchall())
    query = "select r, count(*) from (select unnest(rules) as r from t) group by 1"
    assert made.names["rule"] == dict(table.query("t", query).fetchall())
    assert made.timed == table.query("t", "select count(time_to_first_event) from t").fetchall()[0][0]


def test_what_could_not_be_read_is_no_recording(tmp_path):
    rows = [
        response(source="1", number=1),
        response(source="1", number=2, error="the file breaks off here"),
        unreadable(source="2"),
        cut(source="3"),
    ]
    made = total(tmp_path, rows)
    assert (made.files, made.unreadable, made.recordings) == (3, 2, 3)
    assert made.names["verdict"] == {"complete": 2, "partial": 1}


def test_a_rule_counts_once_for_a_recording(tmp_path):
    rows = [response(rules=["a", "a", "b"]), response(rules=None), response(rules=["a"])]
    assert total(tmp_path, rows).names["rule"] == {"a": 2, "b": 1}


def test_when_and_by_what_a_set_was_made_is_known(tmp_path):
    days = [datetime.datetime(2026, 11, day, tzinfo=datetime.UTC) for day in (9, 12)]
    rows = [response(at=days[1]), response(at=None), response(at=days[0], inspector_version="9")]
    made = total(tmp_path, rows)
    assert (made.first, made.last) == tuple(days)
    assert set(made.versions) == {response()["inspector_version"], "9"}


def test_a_set_without_rows_is_counted(tmp_path):
    made = total(tmp_path, [])
    assert (made.files, made.unreadable, made.recordings, made.first) == (0, 0, 0, None)


def test_groups_are_the_most_frequent_values(tmp_path):
    rows = [response(model=name) for name in "aaabbc"] + [response(model=None)] * 4 + [unreadable()]
    assert groups_of([open_set(write_set(tmp_path, rows))], "model", 2) == (["none", "a"], 2)


def test_groups_add_up_to_the_total(tmp_path):
    rows = [*some_responses(300, 1), *some_responses(200, 2, broken=0.5)]
    rows = [{**row, "model": f"model-{number % 3}"} for number, row in enumerate(rows)]
    whole, groups = counted(tmp_path, rows, "model", [f"model-{n}" for n in range(3)])
    assert sum(each.recordings for each in groups.values()) == whole.recordings == 500
    for kind in (*NAMED, "rule"):
        assert (
            sum((each.names[kind] for each in groups.values()), start=type(whole.names[kind])())
            == (whole.names[kind])
        )


def test_a_column_may_be_grouped_by_and_counted(tmp_path):
    _, groups = counted(tmp_path, [response(status=529), response()], "status", ["200", "529"])
    assert groups["529"].names["status"] == {"529": 1}


def test_names_that_a_stream_makes_up_do_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(trend_counting, "_MOST_NAMES", 10)
    made = total(tmp_path, [response(stop_reason=f"reason {number}") for number in range(50)])
    assert len(made.names["stop_reason"]) == 10


def test_an_ending_is_a_share_of_those_that_somebody_saw(tmp_path):
    rows = [response(), response(), cut(), response(ending=None), response(ending=None)]
    made = total(tmp_path, [*rows, unreadable()])
    assert made.share_of("ending", "cut") == (1, 3)
    assert made.share_of("ending", "complete") == (2, 3)
    assert made.share_of("ending", "unseen") == (2, 5)
    assert made.share_of("verdict", "partial") == (1, 5)
    assert made.share_of("unreadable", "") == (1, 6)
