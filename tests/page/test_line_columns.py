"""The columns of a recording's lines."""

from __future__ import annotations

import struct

import pytest
from streams import END, PING, delta, event, frame, opens, recording, start, stops

from inspector.page.line_columns import Kind, LineColumns, tick_for
from inspector.recording import End, Ending, Other, TimedBlock


def unpacked(packed, count):
    """The columns as a naive reader unpacks them: gaps, lengths, blocks, kinds."""
    assert len(packed) == count * 11
    gaps, rest = packed[: 4 * count], packed[4 * count :]
    lengths, rest = rest[: 4 * count], rest[4 * count :]
    blocks, kinds = rest[: 2 * count], rest[2 * count :]
    return (
        list(struct.unpack(f"<{count}I", gaps)),
        list(struct.unpack(f"<{count}I", lengths)),
        list(struct.unpack(f"<{count}h", blocks)),
        list(kinds),
    )


def columns_of(*values, tick=1e-6):
    columns = LineColumns(tick)
    for value in values:
        columns.add(value, b"x" * 7 + b"\n")
    return columns


def block(raw, t=0.0):
    (made,) = recording(raw).blocks
    return made._replace(t=t)


KINDS = {
    "message_start": (start(), Kind.MESSAGE_START, -1),
    "a block's start": (opens(3), Kind.BLOCK_START, 3),
    "text": (delta(2), Kind.TEXT, 2),
    "thinking": (delta(2, kind="thinking_delta"), Kind.THINKING, 2),
    "a tool's input": (delta(0, kind="input_json_delta"), Kind.INPUT_JSON, 0),
    "a signature": (delta(0, kind="signature_delta"), Kind.SIGNATURE, 0),
    "a citation": (delta(0, kind="citations_delta"), Kind.CITATIONS, 0),
    "an unknown delta": (delta(0, kind="smell_delta"), Kind.OTHER_DELTA, 0),
    "a delta without a delta": (event("content_block_delta", index=1), Kind.OTHER_DELTA, 1),
    "a block's stop": (stops(12), Kind.BLOCK_STOP, 12),
    "ping": (PING, Kind.PING, -1),
    "error": (event("error", error={"type": "x"}), Kind.ERROR, -1),
    "an unknown event": (event("smell"), Kind.OTHER_EVENT, -1),
    "no JSON": (frame("content_block_delta", b'{"type":'), Kind.OTHER_EVENT, -1),
    "a comment": (b": hello\n\n", Kind.NO_EVENT, -1),
    "an index beyond all": (delta(40_000), Kind.TEXT, -1),
    "an index that is no number": (delta("one"), Kind.TEXT, -1),
    "an index below 0": (stops(-1), Kind.BLOCK_STOP, -1),
    "an index that is a truth value": (stops(True), Kind.BLOCK_STOP, -1),
    "a type that is no text": (frame("ping", b'{"type":[1]}'), Kind.OTHER_EVENT, -1),
}


@pytest.mark.parametrize(("raw", "kind", "index"), KINDS.values(), ids=KINDS)
def test_a_line_has_a_kind_and_the_index_of_its_content_block(raw, kind, index):
    columns = columns_of(block(raw))
    assert (columns.kind, columns.block) == (kind, index)
    assert unpacked(columns.packed(), 1)[2:] == ([index], [kind])


def test_a_delta_of_another_spelling_is_the_same_as_one_of_the_usual_spelling():
    usual = b'{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"a"}}'
    other = b'{ "index": 1, "delta": {"text": "a", "type": "text_delta"}, "type": "content_block_delta"}'
    made = [columns_of(block(frame("content_block_delta", data))) for data in (usual, other)]
    assert [(each.kind, each.block) for each in made] == [(Kind.TEXT, 1)] * 2


def test_the_end_and_lines_of_other_kinds_have_kinds_too():
    columns = columns_of(Other(b"{}\n"), End(1.0, Ending.CUT))
    assert unpacked(columns.packed(), 2)[3] == [Kind.OTHER_LINE, Kind.END]


def test_times_are_ticks_since_the_line_before_and_do_not_drift():
    times = [number / 3 for number in range(1000)]
    columns = columns_of(*(TimedBlock(t, None, None, b":\n\n") for t in times))
    gaps, *_ = unpacked(columns.packed(), 1000)
    total = 0
    for gap, t in zip(gaps, times, strict=True):
        total += gap
        assert abs(total * 1e-6 - t) <= 0.5e-6


def test_a_time_that_goes_back_counts_as_no_time():
    columns = columns_of(*(TimedBlock(t, None, None, b":\n\n") for t in (2.0, 1.0, 3.0)))
    assert unpacked(columns.packed(), 3)[0] == [2_000_000, 0, 1_000_000]


@pytest.mark.parametrize(
    ("times", "tick"), [([], 1e-6), ([4294.0], 1e-6), ([0.0, 5000.0], 1e-5), ([1.0, 1e9, 2.0], 1.0)]
)
def test_a_tick_is_a_microsecond_unless_a_gap_does_not_fit(times, tick):
    assert tick_for(times) == pytest.approx(tick)
    columns = columns_of(*(TimedBlock(t, None, None, b":\n\n") for t in times), tick=tick_for(times))
    assert sum(unpacked(columns.packed(), len(times))[0]) * tick == pytest.approx(max(times, default=0))


def test_what_is_packed_in_pieces_is_what_is_packed_at_once():
    values = recording(start(), opens(0), delta(0), stops(0), END).blocks
    at_once, pieces = columns_of(*values), LineColumns()
    packed = []
    for value in values:
        pieces.add(value, b"x" * 7 + b"\n")
        packed.append(unpacked(pieces.packed(), 1))
    joined = tuple([each[0] for each in column] for column in zip(*packed, strict=True))
    assert joined == unpacked(at_once.packed(), len(values))


def test_it_says_at_which_line_each_event_stands():
    values = recording(start(), b": a\n\n", PING, b": b\n\n", END).blocks
    columns = columns_of(*values)
    assert columns.event_lines.tolist() == [n for n, each in enumerate(values) if each.data is not None]
