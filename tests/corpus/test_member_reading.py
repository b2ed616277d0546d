"""Reading sources: an item for each recording, and what became of each file."""

from __future__ import annotations

import pytest

from inspector.checker.session import session_reports
from inspector.corpus.member_reading import ReadJob
from inspector.recording.bundled import bundled_recording
from inspector.storage import Source

HELLO = bundled_recording("hello").read_bytes()
READ = ReadJob(session_reports, "checked")


@pytest.mark.parametrize(
    ("name", "content", "sure", "totals"),
    [
        ("a.jsonl", HELLO, True, (1, 0, 0, 1)),
        ("a.jsonl", HELLO * 3, True, (1, 0, 0, 3)),
        ("a.jsonl", b"x\n", True, (0, 1, 0, 0)),
        ("a.jsonl", HELLO + b"x\ny\n", True, (0, 1, 0, 1)),
        ("a.json", b"{}", False, (0, 0, 1, 0)),
        ("a.json", HELLO, False, (0, 0, 1, 0)),
        ("a.log", HELLO, False, (1, 0, 0, 1)),
        ("a.txt", b"nothing", False, (0, 0, 1, 0)),
        ("a.txt", b"", False, (0, 0, 1, 0)),
    ],
)
def test_what_becomes_of_a_file(tmp_path, name, content, sure, totals):
    (tmp_path / name).write_bytes(content)
    files = READ([Source(str(tmp_path / name), sure=sure)])
    assert tuple(files.counts.totals) == totals
    assert files.counts.totals.files == files.counts.sources == 1
    assert files.counts.empty == ((0,) if totals[2] else ())
    assert (len(files.items), len(files.unreadable)) == (totals[3], totals[1])


def test_a_file_that_vanished_keeps_nobody_from_the_next(tmp_path):
    (tmp_path / "b.jsonl").write_bytes(HELLO)
    files = READ([Source(str(tmp_path / "a.jsonl")), Source(str(tmp_path / "b.jsonl"))])
    assert tuple(files.counts.totals) == (1, 1, 0, 1)
    assert files.unreadable[0].message == f"{tmp_path}/a.jsonl: cannot be read: No such file or directory"


def test_a_source_that_no_worker_survives_is_unreadable():
    files = READ.lost(Source("a.jsonl"), "the process that read it was killed by SIGKILL")
    assert tuple(files.counts.totals) == (0, 1, 0, 0)
    assert files.unreadable[0].message.startswith("a.jsonl: cannot be read: the process that read it was ")
