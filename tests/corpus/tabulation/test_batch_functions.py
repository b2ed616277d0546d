"""`inspector.corpus.check` and `stats`: from an Arrow batch of sources to a batch of rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import ROOT
from streams import GOOD

import inspector.corpus
from inspector.checker import Limits
from inspector.corpus.tabulation.tabulate import Tabulate
from inspector.errors import UsageError
from inspector.storage import Source, listed

NAMES = [source.name for source in listed(str(ROOT / "recordings"))]
BATCH = pa.RecordBatch.from_pydict({"source": NAMES})
FUNCTIONS = {"findings": inspector.corpus.check, "responses": inspector.corpus.stats}
each_function = pytest.mark.parametrize("table", FUNCTIONS)


@each_function
def test_a_batch_gives_the_rows_of_the_table(table):
    made = FUNCTIONS[table](BATCH)
    expected = getattr(Tabulate()([Source(name) for name in NAMES]), table)
    assert isinstance(made, pa.RecordBatch)
    assert made.schema == inspector.corpus.schema(table)
    assert made.to_pylist() == expected.to_pylist() != []


@each_function
@pytest.mark.parametrize("column", ["content", "bytes", "data"])
@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
def test_contents_are_read_instead_of_files(table, column, kind):
    contents = [Path(name).read_bytes() for name in NAMES]
    batch = pa.record_batch({"path": NAMES, column: pa.array(contents, kind)})
    made, expected = (FUNCTIONS[table](each).to_pylist() for each in (batch, BATCH))
    for row in made + expected:
        row.pop("modified", None), row.pop("size", None)
    assert made == expected


def test_a_content_needs_no_file_of_its_name():
    batch = pa.RecordBatch.from_pydict({"path": ["s3://nowhere/a.sse", "b.sse"], "data": [GOOD, None]})
    there, missing = inspector.corpus.stats(batch).to_pylist()
    assert (there["verdict"], there["size"], there["error"]) == ("complete", len(GOOD), None)
    assert (missing["source"], missing["error"]) == ("b.sse", "its content is null")


@pytest.mark.parametrize("content", [{}, {"content": [GOOD, GOOD, GOOD]}])
def test_a_null_is_no_name(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.sse", "None"):
        Path(name).write_bytes(GOOD)
    made = inspector.corpus.stats(pa.RecordBatch.from_pydict({"path": ["a.sse", None, "a.sse"], **content}))
    facts = [(row["source"], row["verdict"], row["error"]) for row in made.to_pylist()]
    good = ("a.sse", "complete", None)
    assert facts == [good, ("", None, "its name is null, or empty"), good]


@each_function
def test_a_table_gives_a_table(table):
    halves = pa.Table.from_batches([BATCH.slice(0, 20), BATCH.slice(20)])
    made = FUNCTIONS[table](halves)
    assert isinstance(made, pa.Table)
    assert made.to_pylist() == FUNCTIONS[table](BATCH).to_pylist()
    assert FUNCTIONS[table](halves.slice(0, 0)).schema == inspector.corpus.schema(table)


def test_the_arguments_are_those_of_a_check():
    made = inspector.corpus.check(BATCH, select=["first-event-slow"], profile="compat")
    assert not made.num_rows
    slow = inspector.corpus.check(BATCH, select=["first-event-slow"], limits=Limits(first_event=0.1))
    assert set(slow["rule"].to_pylist()) == {"first-event-slow"}
    with pytest.raises(UsageError, match="there is no profile 'other'"):
        inspector.corpus.stats(BATCH, profile="other")
    with pytest.raises(UsageError, match="there is no rule or group 'other'"):
        inspector.corpus.stats(BATCH, ignore=["other"])


def test_a_batch_without_names_is_wrong_use():
    with pytest.raises(UsageError, match=r"no column `source` or `path`; it has \['name'\]"):
        inspector.corpus.check(pa.RecordBatch.from_pydict({"name": ["x"]}))


def test_without_pyarrow_an_error_says_what_to_install():
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import inspector.corpus\n"
        "try: inspector.corpus.check(None)\n"
        "except inspector.RecordingError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.strip() == 'tables need pyarrow: pip install "sse-inspector[corpus]"', run.stderr
