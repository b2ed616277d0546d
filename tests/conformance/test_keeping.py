"""What is kept of an exchange in memory, and in a folder."""

from __future__ import annotations

from inspector.conformance.keeping import Kept
from inspector.conformance.settings import MOST_BYTES
from inspector.recording import End, Ending, Head, Request, TimedBlock


def test_a_body_that_decodes_to_gigabytes_is_not_kept_in_memory():
    kept = Kept("text-1", None)
    kept.add(Head("", Request("POST", "http://x/v1/messages")))
    for number in range(40):
        kept.add(TimedBlock(number, None, None, b":" * (MOST_BYTES // 8)))
    kept.add(End(40.0, Ending.COMPLETE))
    recording = kept.recording()
    assert len(recording.body) == MOST_BYTES
    assert recording.end.how is Ending.COMPLETE


def test_an_exchange_knows_its_file():
    assert Kept("text-1", "folder").file == "folder/text-1.jsonl"
    assert Kept("text-1", None).file is None
