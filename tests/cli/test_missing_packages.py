"""A package that is not installed: one line says which, and the exit status is the same for all."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner

from inspector.cli import cli
from inspector.recording.bundled import bundled_recording

NEEDING = {
    "tables": (["pyarrow"], ["check", "a.jsonl", "-o", "tables"]),
    "one table": (["pyarrow"], ["stats", "a.jsonl", "-o", "x.csv"]),
    "trends": (["pyarrow"], ["stats", "one", "two"]),
    "a plot": (["matplotlib"], ["stats", "one", "two", "--plot", "x.svg"]),
    "Parquet of events": (["pyarrow"], ["export", "a.jsonl", "--format", "parquet", "-o", "x.parquet"]),
    "a bucket": (["obstore", "obstore.exceptions", "obstore.store"], ["check", "s3://bucket/a.jsonl"]),
    "dask": (["distributed"], ["check", "a.jsonl", "--engine", "dask"]),
    "reading zstd": (["compression.zstd", "backports.zstd"], ["check", "a.jsonl.zst"]),
    "writing packs": (["compression.zstd", "backports.zstd"], ["export", "--pack", "a.jsonl", "-o", "packs"]),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a recording, one compressed, and two sets of tables."""
    from zstd_library import zstd

    monkeypatch.chdir(tmp_path)
    hello = bundled_recording("hello").read_bytes()
    (tmp_path / "a.jsonl").write_bytes(hello)
    (tmp_path / "a.jsonl.zst").write_bytes(zstd.compress(hello))
    for name in ("one", "two"):
        assert CliRunner().invoke(cli, ["check", "a.jsonl", "-o", name]).exit_code == 0
    return tmp_path


@pytest.mark.parametrize(("packages", "command"), NEEDING.values(), ids=NEEDING)
def test_a_missing_package_is_one_line_and_status_3(packages, command, folder, monkeypatch):
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 3, result.output
    (line,) = (line for line in result.stderr.splitlines() if "pip install" in line)
    assert 'pip install "sse-inspector[' in line
    assert ("read it" in line, "writing" in line) == (command[-1].endswith("zst"), "--pack" in command)
