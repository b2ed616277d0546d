"""The table of events, as CSV and as Parquet."""

from __future__ import annotations

import csv
import io

import pytest
from streams import GOOD, frame, recording

from inspector.formats.event_table import EventRow, csv_table, parquet_table, rows

ODD = recording(GOOD + frame("odd", b'"a, ""b""\r'.replace(b"\r", b"")) + frame("half", b'{"index":1e400}'))


def test_a_row_has_what_an_event_has():
    third = list(rows([recording(GOOD)]))[2]
    assert third == EventRow(
        "1",
        3,
        0.51,
        "content_block_delta",
        "content_block_delta",
        0,
        "text_delta",
        "Hello",
        third.offset,
        third.size,
        third.data,
    )
    assert GOOD[third.offset : third.offset + third.size].startswith(b"event: content_block_delta")


def test_the_text_of_the_table_is_csv():
    table = list(csv.DictReader(io.StringIO(csv_table([ODD]).decode(), newline="")))
    assert [each["data"] for each in table] == [each.data for each in rows([ODD])]
    assert table[0]["content_block"] == ""


def test_parquet_has_the_same_rows():
    pytest.importorskip("pyarrow")
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(io.BytesIO(parquet_table([ODD, ODD]))).to_pylist()
    assert [tuple(each.values()) for each in table] == [tuple(each) for each in rows([ODD, ODD])]
    assert {each["recording"] for each in table} == {"1#1", "2#2"} or len(table) == 2 * len(list(rows([ODD])))
    assert pyarrow.parquet.read_table(io.BytesIO(parquet_table([]))).num_rows == 0


def test_half_a_character_does_not_stop_the_table():
    pytest.importorskip("pyarrow")
    lone = recording(frame("a", b'{"type":"a","delta":{"type":"text_delta","text":"\\ud83d"}}'))
    assert parquet_table([lone])
    assert csv_table([lone])
