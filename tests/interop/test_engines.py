"""Other people's engines run `inspector.corpus.check` and `stats` unchanged: what `docs/engines.md` shows.

Ray and Spark take 500 MB each. They are tried where they are installed, or with INSPECTOR_INTEROP_ALL=1.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys

import pyarrow.parquet as parquet
import pytest
from conftest import ROOT
from packages import environment, program, virtual_environment

import inspector.corpus
from inspector.storage import listed

MANUAL = (ROOT / "docs" / "engines.md").read_text()


@pytest.fixture(scope="module")
def expected():
    """The rows of one batch of all bundled recordings, by table."""
    import pyarrow

    names = [source.name for source in listed(str(ROOT / "recordings"))]
    batch = pyarrow.RecordBatch.from_pydict({"path": names})
    made = {"findings": inspector.corpus.check(batch), "responses": inspector.corpus.stats(batch)}
    return {table: sorted_rows(rows.to_pylist()) for table, rows in made.items()}


def sorted_rows(rows):
    """Rows without what depends on where a file is and when it was written."""
    made = []
    for row in rows:
        name = row.pop("source").removeprefix("file:").removeprefix(str(ROOT))
        if row.get("number") is not None or "rule" in row:  # a README among the files is a row with an error
            made.append({"source": name.rpartition("recordings/")[2], **row})
        for changing in ("size", "modified"):
            row.pop(changing, None)
    return sorted(
        ({key: value for key, value in row.items() if key not in ("size", "modified")} for row in made),
        key=lambda row: [str(value) for value in row.values()],
    )


def example(heading, packages, folder):
    """Run the example of the manual under a heading where its package is; return the folder of its output."""
    name = packages[0].partition("[")[0]
    if importlib.util.find_spec(name):
        python = sys.executable
    elif os.environ.get("INSPECTOR_INTEROP_ALL") == "1":
        packages = [*packages, "pyarrow", "pandas<3", f"{ROOT}[corpus]"]
        place = virtual_environment(name, packages, seconds=900.0)
        python = str(place / "bin" / "python")
    else:
        pytest.skip(f"{name} is not installed; INSPECTOR_INTEROP_ALL=1 installs it")
    code = re.findall(r"```python\n(.*?)```", MANUAL.partition(f"## {heading}")[2], re.DOTALL)[0]
    shutil.copytree(ROOT / "recordings", folder / "recordings")
    (folder / "example.py").write_text(code)
    more = {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": python, "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    run = subprocess.run(
        [python, "example.py"],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-4000:]
    return folder


def rows_in(folder, table):
    """The rows that an engine wrote. Spark writes times in a type of its own."""
    files = sorted(folder.glob("*.parquet"))
    assert files
    schema = inspector.corpus.schema(table)
    return sorted_rows([row for file in files for row in parquet.read_table(file).cast(schema).to_pylist()])


def test_ray_data(expected, tmp_path):
    folder = example("Ray Data", ["ray[data]"], tmp_path)
    assert rows_in(folder / "findings", "findings") == expected["findings"]


def test_pyspark(expected, tmp_path):
    program("java")
    folder = example("PySpark", ["pyspark"], tmp_path)
    assert rows_in(folder / "responses", "responses") == expected["responses"]


def test_the_first_example(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    exec(re.findall(r"```python\n(.*?)```", MANUAL, re.DOTALL)[0], {})
    assert capsys.readouterr().out.startswith("recordings/hello.jsonl complete 0.")
