"""Reading sources: an item for each recording, and what became of each file."""

from __future__ import annotations

import gzip
import re

import pytest
from zstd_library import zstd

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


SSE = b'event: ping\ndata: {"type": "ping"}\n\n' * 3
INVOCATION = (
    b'{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","output":{"outputBodyJson":[{"type":"'
    b'message_start","message":{"id":"msg_1","role":"assistant"}},{"type":"message_stop"}]}}'
)


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
@pytest.mark.parametrize(
    ("name", "content", "before", "message", "recordings"),
    [
        ("a.jsonl", HELLO, -20, r":\d+: the \w+ data breaks off here; what stands before it is checked", 1),
        ("a.jsonl", HELLO, 0, r": is cut off: no recording in it \(the \w+ data breaks off here\)", 0),
        ("a.sse", SSE, -20, r":\d+: the \w+ data breaks off here; what stands before it is checked", 1),
        ("a.json", INVOCATION, -20, r":1: the \w+ data breaks off here \(not", 0),
    ],
    ids=["recording", "head", "body", "another tool's"],
)
def test_compressed_data_that_breaks_off_is_said_in_words(
    tmp_path, name, content, before, message, recordings, pack
):
    # The second member or frame breaks off: so the text before it is there, whatever the compression.
    data = pack(content[:before]) + pack(content[before:])[:12]
    name += ".gz" if pack is gzip.compress else ".zst"
    (tmp_path / name).write_bytes(data)
    files = READ([Source(str(tmp_path / name), sure=True)])
    assert tuple(files.counts.totals) == (0, 1, 0, recordings)
    assert re.match(re.escape(f"{tmp_path}/{name}") + message, files.unreadable[0].message)
    assert not files.notices


def test_a_recording_whose_writer_died_is_read(tmp_path):
    for name, data in (("a.jsonl", HELLO[:-9]), ("a.jsonl.gz", gzip.compress(HELLO[:-9]))):
        (tmp_path / name).write_bytes(data)
        files = READ([Source(str(tmp_path / name))])
        assert tuple(files.counts.totals) == (1, 0, 0, 1)
        assert "the line is torn; what stands before it is checked" in files.notices[0].message


def test_a_file_that_vanished_keeps_nobody_from_the_next(tmp_path):
    (tmp_path / "b.jsonl").write_bytes(HELLO)
    files = READ([Source(str(tmp_path / "a.jsonl")), Source(str(tmp_path / "b.jsonl"))])
    assert tuple(files.counts.totals) == (1, 1, 0, 1)
    assert files.unreadable[0].message == f"{tmp_path}/a.jsonl: cannot be read: No such file or directory"


def test_a_source_that_no_worker_survives_is_unreadable():
    files = READ.lost(Source("a.jsonl"), "the process that read it was killed by SIGKILL")
    assert tuple(files.counts.totals) == (0, 1, 0, 0)
    assert files.unreadable[0].message.startswith("a.jsonl: cannot be read: the process that read it was ")
