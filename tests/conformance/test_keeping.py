"""What is kept of an exchange in memory, and in a folder."""

from __future__ import annotations

from inspector.conformance.keeping import Kept


def test_an_exchange_knows_its_file():
    assert Kept("text-1", "folder").file == "folder/text-1.jsonl"
    assert Kept("text-1", None).file is None
