"""`docs/tables.md`: the schema that it shows, and the answers to its questions, on recordings with faults."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from statistics import median

import duckdb
import pandas
import polars
import pyarrow.parquet as parquet
import pytest
from conftest import ROOT
from every_recording import RECORDINGS
from table_runs import rows

from inspector.corpus.tabulation.arrow_tables import schema
from inspector.corpus.tabulation.table_columns import COLUMNS, SCHEMA_VERSION
from inspector.corpus.tabulation.table_folder import TableFolder
from inspector.corpus.tabulation.tabulate import Tabulate
from inspector.errors import InapplicableFaultError
from inspector.faults import apply
from inspector.recording import dump
from inspector.storage import listed

MANUAL = (ROOT / "docs" / "tables.md").read_text()
QUESTIONS = re.findall(r"\n([^\n]+\?)\n\n```sql\n(.*?);\n```", MANUAL, re.DOTALL)
FAULTS = (
    "cut-fin",
    "cut-rst",
    "stall=12s",
    "http-error",
    "http-error=429",
    "error-event",
)
HOSTS = ("api.anthropic.com", "gateway.example", "other.example:8443")


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Make tables of every bundled recording, with a fault or without, sent to three hosts."""
    place = tmp_path_factory.mktemp("manual")
    files = place / "files"
    files.mkdir()
    made = 0
    for at, recording in enumerate(RECORDINGS.values()):
        host = HOSTS[at % len(HOSTS)]
        request = replace(recording.request, url=f"https://{host}/v1/messages")
        recording = replace(recording, head=replace(recording.head, request=request))
        for fault in (None, FAULTS[at % len(FAULTS)]):
            try:
                sent = apply(recording, fault) if fault else recording
            except InapplicableFaultError:
                continue
            (files / f"{made}.jsonl").write_bytes(b"".join(dump(sent)))
            made += 1
    (files / "broken.jsonl").write_text("{}\n")
    job = Tabulate(events=True)
    with TableFolder(place / "tables", job) as folder:
        folder.add(job(list(filter(folder.wants, listed(str(files))))))
    return place / "tables"


@pytest.fixture
def answer(tables, monkeypatch):
    """Answer a question of the manual, which contains these words."""
    monkeypatch.chdir(tables.parent)

    def answered(words):
        (sql,) = [sql for question, sql in QUESTIONS if words in question]
        duckdb.sql("set timezone = 'UTC'")
        return [tuple(row.values()) for row in duckdb.sql(sql).to_arrow_table().to_pylist()]

    return answered


@pytest.mark.parametrize("table", COLUMNS)
def test_the_manual_has_the_schema(table):
    section = MANUAL.partition(f"\n### {table}\n")[2].partition("\n#")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| `([\w<>]+)` \|", section, re.MULTILINE)) == COLUMNS[table]


@pytest.mark.parametrize("table", COLUMNS)
def test_the_files_have_the_schema(tables, table):
    (file,) = (tables / table).iterdir()
    written = parquet.read_schema(file)
    assert written.equals(schema(table))
    assert written.metadata[b"inspector.schema"] == str(SCHEMA_VERSION).encode()
    assert b"inspector.version" in written.metadata


def test_there_are_as_many_questions_as_it_says_and_each_has_an_answer(answer):
    assert "\n## Eleven questions\n" in MANUAL
    assert len(QUESTIONS) == 11  # the last needs --events
    for question, _ in QUESTIONS:
        assert answer(question), question


def test_which_rule_fires_most_by_host(answer, tables):
    expected = Counter(
        (row["host"], rule) for row in rows(tables, "responses") for rule in row["rules"] or ()
    )
    assert {(host, rule): count for host, rule, count in answer("Which rule fires most")} == expected


def test_how_long_users_wait_by_model_and_hour(answer, tables):
    known = [row for row in rows(tables, "responses") if row["time_to_first_text"] is not None]
    answers = answer("How long do users wait")
    assert sum(count for _, _, count, _, _ in answers) == len(known)
    assert all(0 < p50 <= p99 for *_, p50, p99 in answers)


def test_which_gateway_cuts_streams(answer, tables):
    hosts = {host: (streams, broken) for host, streams, broken, _ in answer("Which gateway cuts")}
    assert set(hosts) == {host.partition(":")[0] for host in HOSTS}
    endings = [row["ending"] for row in rows(tables, "responses") if row["status"] == 200]
    ended = [ending for ending in endings if ending and ending != "abandoned"]
    assert "abandoned" in endings  # a client left, and nobody knows what its gateway would have done
    assert len(ended) < len(endings)  # whether what nobody saw the end of broke off is unknown
    assert sum(streams for streams, _ in hosts.values()) == len(ended)
    assert sum(broken for _, broken in hosts.values()) == sum(ending != "complete" for ending in ended) > 3


def test_how_responses_turned_out(answer, tables):
    verdicts = Counter()
    for _, verdict, _, count in answer("How did responses turn out"):
        verdicts[verdict] += count
    assert verdicts == Counter(row["verdict"] for row in rows(tables, "responses") if row["verdict"])
    assert {"complete", "partial", "failed"} <= set(verdicts)


def test_which_streams_a_client_would_have_given_up(answer):
    assert all(silence >= 10 for *_, silence, _ in answer("Which streams would a client"))


def test_what_tokens_cost(answer, tables):
    counted = [row for row in rows(tables, "responses") if row["input_tokens"] is not None]
    answers = answer("What did tokens cost")
    assert sum(row[4] for row in answers) == sum(row["output_tokens"] or 0 for row in counted)
    assert all((percent or 0) >= 0 for _, _, _, percent, *_ in answers)


def test_how_fast_models_write_is_what_a_comparison_says(answer, tables):
    rates = {}
    for row in rows(tables, "responses"):
        if row["verdict"] == "complete" and (row["output_tokens"] or 0) > 50 and row["duration"]:
            spent = row["duration"] - row["time_to_first_event"]
            rates.setdefault(row["model"], []).append(row["output_tokens"] / spent)
    made = {model: rate for model, _, rate in answer("How fast does each model write")}
    assert made == {model: pytest.approx(median(each), abs=0.06) for model, each in rates.items()} != {}


def test_what_is_wrong_with_responses_that_look_complete(answer):
    assert "utf8-invalid" in {rule for rule, *_ in answer("look complete")}


def test_which_recordings_are_there_twice(answer):
    assert all(recordings > 1 and one <= another for _, recordings, _, one, another in answer("there twice"))


def test_which_files_could_not_be_read(answer):
    ((error, count, example),) = answer("could not be read")
    assert error.startswith("line 1: not a recording")
    assert (count, example.endswith("broken.jsonl")) == (1, True)


def test_where_streams_stand_still(answer):
    assert all(longest >= 1 for *_, longest in answer("stand still"))


@pytest.mark.parametrize("table", COLUMNS)
def test_polars_pandas_and_duckdb_read_the_same(tables, table):
    expected = parquet.read_table(tables / table).to_pylist()
    pattern = str(tables / table / "*.parquet")
    assert polars.scan_parquet(pattern).collect().to_arrow().to_pylist() == expected
    assert duckdb.read_parquet(pattern).to_arrow_table().cast(schema(table)).to_pylist() == expected
    frame = pandas.read_parquet(tables / table)
    assert list(frame.columns) == list(COLUMNS[table])
    assert len(frame) == len(expected)
    for name, kind in COLUMNS[table].items():
        values = [None if kind != "list<string>" and pandas.isna(value) else value for value in frame[name]]
        if kind == "list<string>":
            values = [None if value is None else list(value) for value in values]
        assert values == [row[name] for row in expected], name


def test_the_python_of_the_manual_runs(tables, monkeypatch, capsys):
    monkeypatch.chdir(tables.parent)
    for block in re.findall(r"```python\n(.*?)```", MANUAL, re.DOTALL):
        exec(block, {})
    assert "gateway.example" in capsys.readouterr().out
