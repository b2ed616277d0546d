"""Reading an event: the same whether it recurs or not, and no rule changes what is kept."""

from __future__ import annotations

import pytest
from check_examples import EXAMPLES

from inspector.checker import check
from inspector.checker.event_reading import RECURRING, read_object, read_payload, read_recurring

PAYLOADS = [
    ("ping", b'{"type":"ping"}'),
    ("content_block_stop", b'{"type":"content_block_stop","index":0      }'),
    ("content_block_stop", b'{"type":"content_block_stop"}'),
    ("error", b'{"detail":"overloaded"}'),
    (None, b'{"type":7}'),
    ("ping", b"7"),
    ("ping", b"{"),
    ("ping", b'{"a":NaN}'),
]


@pytest.mark.parametrize(("name", "data"), PAYLOADS)
def test_what_recurs_is_read_as_what_comes_once(name, data):
    assert read_recurring(name, data) == read_recurring(name, data) == read_payload(name, data)


def test_the_name_is_a_part_of_what_recurs():
    assert read_recurring("a", b"{}") != read_recurring("b", b"{}")


def test_a_reading_has_the_fields_of_the_payload():
    payload = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    reading = read_object("x", payload)
    assert (reading.payload, reading.delta, reading.kind) == (payload, payload["delta"], "message_delta")
    assert "usage" in [fault.path for fault in reading.faults]


def test_the_events_around_a_text_are_short_enough_to_recur():
    data = b'{"type":"content_block_start","index":100,"content_block":{"type":"text","text":""}}'
    assert len(data + b" " * 16) <= RECURRING


def test_no_rule_changes_what_is_kept():
    read_recurring.cache_clear()
    for example in EXAMPLES.values():
        check(example.recording)
        for block in example.recording.blocks:
            if block.data is not None and len(block.data) <= RECURRING:
                assert read_recurring(block.event, block.data) == read_payload(block.event, block.data)
    assert read_recurring.cache_info().hits
