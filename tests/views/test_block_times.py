"""The content blocks of a stream: first tokens, gaps and rates."""

from __future__ import annotations

import pytest
from streams import END, delta, opens, recording, start, stops, tool_delta

from inspector import stats
from inspector.views.block_times import characters_per_second


def blocks(*reads):
    return stats(recording(*reads)).blocks


def test_a_block_has_its_times():
    (block,) = blocks(
        (1.0, start() + opens(0)),
        (1.5, delta(0, "ab")),
        (2.0, delta(0, "cd")),
        (3.5, delta(0, "ef")),
        (4.0, stops(0)),
        END,
    )
    assert (block.start, block.first_token, block.last_token, block.stop) == (1.0, 1.5, 3.5, 4.0)
    assert (block.deltas, block.characters, block.characters_per_second) == (3, 6, 2.0)
    assert (block.gaps.least, block.gaps.most) == (0.5, 1.5)


def test_text_that_a_block_begins_with_is_its_first_token():
    (block,) = blocks((1.0, start() + opens(0, text="begun")), (2.0, delta(0, "ab") + stops(0) + END))
    assert (block.first_token, block.characters, block.deltas) == (1.0, 7, 1)


def test_an_empty_delta_and_a_signature_are_no_token():
    tool, thinking = blocks(
        (1.0, start() + opens(0, "tool_use") + tool_delta(0, "")),
        (2.0, tool_delta(0, "{}") + stops(0)),
        (3.0, opens(1, "thinking") + delta(1, "c2ln", "signature_delta") + stops(1) + END),
    )
    assert (tool.first_token, tool.deltas, tool.name) == (2.0, 1, "get_weather")
    assert (thinking.first_token, thinking.deltas, thinking.gaps) == (None, 0, None)


def test_a_block_that_never_starts_or_stops_has_no_such_time():
    (block,) = blocks((1.0, start()), (2.0, delta(3, "ab")))
    assert (block.index, block.type, block.start, block.first_token, block.stop) == (
        3,
        "text",
        None,
        2.0,
        None,
    )


def test_a_second_block_with_the_index_of_an_open_one_is_another():
    first, second = blocks((1.0, start() + opens(0) + delta(0)), (2.0, opens(0) + delta(0) + stops(0) + END))
    assert (first.stop, second.stop) == (None, 2.0)


@pytest.mark.parametrize(
    ("texts", "rate"),
    [
        ([], None),
        ([((1.0,), (5,))], None),
        ([((1.0, 1.0, 3.0), (5, 5, 8))], 4.0),
        ([((1.0, 3.0), (5, 8)), ((2.0, 5.0), (2, 6))], 4.0),
    ],
)
def test_a_rate_leaves_out_what_came_with_the_first_read(texts, rate):
    assert characters_per_second(texts) == rate
