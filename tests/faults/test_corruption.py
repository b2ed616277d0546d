"""Faults inside one event: the bytes that become wrong."""

from __future__ import annotations

import pytest
from edited import edit, load


def test_a_comment_splits_a_data_line():
    before, edited = load("hello"), edit("hello", "keepalive-splice=hi@ev:5")
    assert edited.body.replace(b": hi\n\n", b"") == before.body
    events = list(edited.events())
    assert [event.valid for event in events[:5]] == [True] * 4 + [False]


@pytest.mark.parametrize(("mode", "byte"), [("utf8", b"\xff"), ("control", b"\x01")])
def test_a_wrong_byte_stands_inside_a_string(mode, byte):
    before, edited = load("hello"), edit("hello", f"corrupt-bytes={mode}@ev:4")
    at = edited.body.index(byte)
    assert edited.body[:at] + edited.body[at + 1 :] == before.body
    fourth = list(before.events())[3]
    assert fourth.offset < at < fourth.offset + len(fourth.block.raw_bytes)


def test_one_bit_is_flipped_by_the_seed():
    before = load("hello").body
    seen = set()
    for seed in range(10):
        after = edit("hello", "corrupt-bytes=flip", seed=seed).body
        different = [(at, a ^ b) for at, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
        ((at, bits),) = different
        assert bits.bit_count() == 1
        seen.add((at, bits))
    assert len(seen) > 5


def test_a_byte_position_names_the_byte_itself():
    second = list(load("hello").events())[1]
    edited = edit("hello", f"corrupt-bytes=control@byte:{second.offset + 1}")
    assert edited.body[second.offset + 1] == 1


@pytest.mark.parametrize(
    ("name", "fault", "field", "filler"),
    [
        ("hello", "big-frame=1000", "text", "x"),
        ("tool_use", "big-frame=1000@type:input_json_delta#-1", "partial_json", " "),
        ("thinking", "big-frame=1k@type:thinking_delta#1", "thinking", "x"),
    ],
)
def test_one_delta_grows(name, fault, field, filler):
    before, after = list(load(name).events()), list(edit(name, fault).events())
    ((old, new),) = [(a.data, b.data) for a, b in zip(before, after, strict=True) if a.data != b.data]
    assert new["delta"][field] == old["delta"][field] + filler * 1000
