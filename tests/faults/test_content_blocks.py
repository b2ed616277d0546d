"""Faults of content blocks: their indexes, their deltas, their order."""

from __future__ import annotations

import pytest
from edited import edit, load, types

from inspector.faults.contents import content_blocks


@pytest.mark.parametrize(
    ("mode", "indexes"), [("+1", [1, 2, 3, 4]), ("gap", [0, 2, 3, 4]), ("dup", [0, 0, 0, 0])]
)
def test_the_indexes_are_wrong(mode, indexes):
    before, after = load("tools_parallel"), edit("tools_parallel", f"reindex={mode}")
    new = dict(zip(content_blocks(before), indexes, strict=True))
    for old, event in zip(before.events(), after.events(), strict=True):
        index = old.data.get("index")
        assert event.data == old.data if index is None else event.data["index"] == new[index]


@pytest.mark.parametrize(("fault", "index"), [("retarget", 0), ("retarget=2", 2), ("retarget=9", 9)])
def test_a_delta_goes_to_another_block(fault, index):
    before, after = list(load("tools_parallel").events()), list(edit("tools_parallel", fault).events())
    ((old, new),) = [(a, b) for a, b in zip(before, after, strict=True) if a.data != b.data]
    assert old.type == "content_block_delta"
    assert (old.data["index"], new.data["index"]) == (3, index)


def test_blocks_overlap():
    order = types(edit("tools_parallel", "overlap"))
    marks = [each for each in order if each in ("content_block_start", "content_block_stop")]
    start, stop = "content_block_start", "content_block_stop"
    assert marks == [start, start, stop, start, stop, start, stop, stop]
