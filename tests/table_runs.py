"""Runs that make tables of small files, here or in a process that is killed; and what the tables hold."""

from __future__ import annotations

import os
import shutil

import pyarrow.parquet as parquet
from conftest import ROOT

from inspector.corpus.tabulation import table_folder
from inspector.corpus.tabulation.table_folder import TableFolder
from inspector.corpus.tabulation.tabulate import Tabulate
from inspector.storage import listed

TABLES = ("responses", "findings", "events", "sources")
NAMES = ("hello", "thinking", "tool_session", "error_529", "broken/cut_text", "broken/torn", "pings", "crlf")


def some_files(folder):
    """Make a folder of recordings, with one that breaks in the middle, and one that holds something else."""
    folder.mkdir()
    for number, name in enumerate(NAMES):
        shutil.copy(ROOT / "recordings" / f"{name}.jsonl", folder / f"{number}.jsonl")
    hello = (folder / "0.jsonl").read_bytes()
    (folder / "8.jsonl").write_bytes(hello + b"broken\n{}\n")
    (folder / "9.json").write_text('{"name": "a package"}')
    return folder


def run(files, out, *, job=Tabulate(events=True), part=1, batch=2, read=None, **options):  # noqa: B008
    """Make tables of a folder, a batch of sources at a time; commit a part after so many batches."""
    table_folder._PART = part - 1  # every batch is larger
    with TableFolder(out, job, **options) as folder:
        waiting = []
        for source in filter(folder.wants, listed(str(files))):
            waiting.append(source)
            if len(waiting) == batch:
                folder.add(job(waiting))
                (read if read is not None else []).extend(waiting)
                waiting = []
        if waiting:
            folder.add(job(waiting))
            (read if read is not None else []).extend(waiting)
        folder.end(all_found=True)
    return folder


def killed(action):
    """Do something in a process that may kill itself; return whether it did."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            action()
            status = 0
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, KILLED), status
    return status == KILLED


KILLED = 77


def killing(monkeypatch, module, name, count):
    """Let the process die after so many calls of a function."""
    function, calls = getattr(module, name), []

    def calling(*arguments, **options):
        result = function(*arguments, **options)
        calls.append(1)
        if len(calls) == count:
            os._exit(KILLED)
        return result

    monkeypatch.setattr(module, name, calling)


def rows(out, table):
    """The rows of a table, in an order that does not depend on the parts."""
    made = [
        row
        for file in sorted((out / table).glob("*.parquet"))
        for row in parquet.read_table(file).to_pylist()
    ]
    return sorted(made, key=lambda row: [str(value) for value in row.values()])


def contents(out):
    """The rows of every table."""
    return {table: rows(out, table) for table in TABLES}


def files_of(out):
    """The names of all files below a folder of tables."""
    return sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
