"""A comparison as JSON has every number; as Markdown it is a table that no name can leave."""

from __future__ import annotations

import json

import pytest
from response_sets import response, some_responses, write_set

from inspector.corpus.trends.comparing_sets import compare
from inspector.corpus.trends.trend_documents import trends_document, trends_markdown

HOSTILE = "a|b</code><b>@somebody `x` \x1b]0;owned\x07\u202e https://example.org www.example.org"
KEY = "sk-ant-api03-" + "Ab1" * 30 + "AA"


def compared(tmp_path, *all_rows, by=None):
    return compare([write_set(tmp_path / str(n), rows) for n, rows in enumerate(all_rows)], by=by)


@pytest.fixture
def trends(tmp_path):
    return compared(tmp_path, some_responses(900, 1), some_responses(900, 2, slow=2, broken=0.1))


def test_json_has_every_line_with_its_intervals(trends):
    document = json.loads(json.dumps(trends_document(trends), allow_nan=False))
    assert document["comparisons"] == trends.comparisons
    assert [each["recordings"] for each in document["sets"]] == [900, 900]
    assert len(document["lines"]) == len(trends.lines)
    for line, made in zip(trends.lines, document["lines"], strict=True):
        assert made["changed"] == line.changed
        assert made["difference"]["value"] == pytest.approx(line.change.value)
        assert made["sides"][1]["count"] == line.sides[1].count


def test_ends_that_are_not_known_are_null(tmp_path):
    document = trends_document(compared(tmp_path, [response()], [response()] * 2))
    (line,) = [each for each in document["lines"] if (each["name"], each["quantile"]) == ("duration", "p50")]
    assert line["difference"] == {"value": 0.0, "low": None, "high": None}


def test_one_set_has_no_differences(tmp_path):
    lines = trends_document(compared(tmp_path, [response()] * 9))["lines"]
    assert {line["difference"]["value"] for line in lines} == {None}


def test_markdown_is_one_table_of_what_changed(trends):
    lines = trends_markdown(trends, everything=False).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 2 + len(trends.changed)
    assert len({row.count("|") for row in rows}) == 1
    assert len(trends_markdown(trends, everything=True).splitlines()) == len(lines) + len(trends.lines) - len(
        trends.changed
    )


def test_a_name_leaves_neither_its_cell_nor_its_code(tmp_path):
    rows = [response(stop_reason=HOSTILE, model=HOSTILE)] * 50
    text = trends_markdown(compared(tmp_path, rows, rows, by="model"), everything=True)
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in table}) == 1
    for harm in ("<b>", "@", "\x1b", "\u202e", "https:", "www.e", "`"):
        assert harm not in text


def test_a_secret_in_a_name_is_masked(tmp_path):
    rows = [response(stop_reason=KEY)] * 50
    trends = compared(tmp_path / KEY, rows, rows)
    assert KEY not in json.dumps(trends_document(trends))
    assert KEY not in trends_markdown(trends, everything=True)
