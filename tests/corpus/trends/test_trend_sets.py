"""A set is known by what stands there, and read in parts; what is damaged is named."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from response_sets import response, write_part, write_set

from inspector.corpus.trends.trend_sets import is_set, open_set
from inspector.errors import RecordingError


def read(path, names=("source",)):
    return [row for batch in open_set(str(path)).batches(names) for row in batch.to_pylist()]


def names(path):
    return [row["source"] for row in read(path)]


def test_a_set_is_a_folder_with_tables_or_a_table(tmp_path):
    folder = write_set(tmp_path / "set", [response(source="1")])
    part = tmp_path / "set" / "responses" / "part-00000.parquet"
    for path in (folder, part.parent, part):
        assert is_set(str(path))
        assert names(path) == ["1"]


def test_recordings_are_no_set(tmp_path):
    (tmp_path / "responses").mkdir()
    (tmp_path / "responses" / "one.jsonl").write_text("{}")
    for path in (tmp_path, tmp_path / "responses", tmp_path / "responses" / "one.jsonl", tmp_path / "none"):
        assert not is_set(str(path))


def test_parts_are_read_in_order_in_folders_too(tmp_path):
    for day, part, source in ((2, 0, "3"), (1, 1, "2"), (1, 0, "1")):
        write_part(
            tmp_path / f"responses/date=2026-11-0{day}/part-{part:05d}.parquet", [response(source=source)]
        )
    assert names(tmp_path) == ["1", "2", "3"]


def test_what_is_being_written_counts_for_nothing(tmp_path):
    write_set(tmp_path, [response(source="1")])
    write_part(tmp_path / "responses" / ".part-00001.parquet", [response(source="2")])
    assert names(tmp_path) == ["1"]


def test_a_part_that_no_ledger_commits_counts_for_nothing(tmp_path):
    write_set(tmp_path, [response(source="1")])
    write_set(tmp_path, [response(source="2")], part=1)
    write_part(tmp_path / "sources" / "part-00000.parquet", [response()])
    assert names(tmp_path) == ["1"]


def test_a_part_that_another_replaces_counts_for_nothing(tmp_path):
    write_set(tmp_path, [response(source="old")])
    write_set(tmp_path, [response(source="new")], part=1, about={"inspector.replaces": "0"})
    assert names(tmp_path) == ["new"]


def test_a_column_that_a_part_lacks_is_null_there(tmp_path):
    write_set(tmp_path, [response(longest_gap=2.0)])
    write_set(tmp_path, [response()], part=1, without=["longest_gap", "rules"])
    rows = read(tmp_path, ["longest_gap", "rules"])
    assert rows == [{"longest_gap": 2.0, "rules": []}, {"longest_gap": None, "rules": None}]


def test_columns_of_near_types_are_read_too(tmp_path):
    """Other programs write 32 bits, dictionaries, and times without a zone."""
    table = pa.table(
        {
            "source": pa.array(["1"]).dictionary_encode(),
            "number": pa.array([1], pa.int16()),
            "verdict": pa.array(["complete"], pa.large_string()),
            "duration": pa.array([2.5], pa.float32()),
            "at": pa.array([0], pa.timestamp("ns")),
            "rules": pa.array([["a"]], pa.large_list(pa.string())),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    (row,) = read(tmp_path / "a.parquet", ["source", "number", "verdict", "duration", "rules"])
    assert row == {"source": "1", "number": "1", "verdict": "complete", "duration": 2.5, "rules": ["a"]}


def test_how_parts_were_made_is_known_once(tmp_path):
    for part in range(3):
        about = {"inspector.settings": {"rules": ["silence"] if part else None}}
        write_set(tmp_path, [response()], part=part, about=about)
    assert open_set(str(tmp_path)).settings == [{"rules": None}, {"rules": ["silence"]}]


def test_settings_that_are_no_json_are_none(tmp_path):
    write_set(tmp_path, [response()], about={"inspector.settings": "[1"})
    assert open_set(str(tmp_path)).settings == [{}]


def refused(path, match):
    with pytest.raises(RecordingError, match=match) as caught:
        read(path, ["duration"])
    assert "\n" not in str(caught.value)


def test_what_is_not_there_is_said(tmp_path):
    refused(tmp_path / "none.parquet", r"none\.parquet: there is no such file")


def test_another_table_is_said(tmp_path):
    pq.write_table(pa.table({"source": ["a"], "rule": ["b"]}), tmp_path / "findings.parquet")
    refused(tmp_path / "findings.parquet", "it has no column number, no verdict")
    about = {b"inspector.table": b"findings"}
    pq.write_table(pa.table({"rule": ["b"]}).replace_schema_metadata(about), tmp_path / "findings.parquet")
    refused(tmp_path / "findings.parquet", r"a table of findings\. Give the folder")


@pytest.mark.parametrize("damage", [b"", b"no table", b"PAR1" + bytes(40) + b"PAR1"])
def test_a_damaged_table_is_named(tmp_path, damage):
    file = tmp_path / "a.parquet"
    file.write_bytes(damage)
    refused(file, r"a\.parquet: a table that cannot be read: .")


def test_damage_in_the_middle_is_named(tmp_path):
    file = write_part(tmp_path / "a.parquet", [response(duration=float(n)) for n in range(5000)])
    data = bytearray(file.read_bytes())
    middle = slice(len(data) // 4, len(data) // 2)
    data[middle] = bytes(byte ^ 0x55 for byte in data[middle])
    file.write_bytes(data)
    with pytest.raises(RecordingError, match=r"a\.parquet: a table that cannot be read"):
        read(file, ["duration", "source"])


def test_a_column_of_something_else_is_named(tmp_path):
    columns = {"source": ["a"], "number": [1], "verdict": ["complete"], "duration": [["no number"]]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    refused(tmp_path / "a.parquet", "cannot be read: ")


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    write_set(tmp_path, [response()])
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(RecordingError, match=r"sse-inspector\[parquet\]"):
        open_set(str(tmp_path))
