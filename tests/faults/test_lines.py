"""Faults of framing: the bytes between the payloads, and what a parser makes of them."""

from __future__ import annotations

import pytest
from edited import edit, load, types

from inspector import sse


def body(fault, name="hello"):
    return edit(name, fault).body


def test_the_last_blank_line_is_missing():
    whole = load("hello").body
    assert body("no-final-blank") == whole[:-1]
    assert types(edit("hello", "no-final-blank")) == types(load("hello"))[:-1]


def test_event_lines_are_missing_all_or_in_part():
    assert b"event:" not in body("strip-event-lines")
    assert 0 < body("strip-event-lines=0.5").count(b"event:") < 46


def test_an_event_gets_another_name():
    events = list(edit("hello", "rename-event=brand_new@ev:4").events())
    assert (events[3].name, events[3].type) == ("brand_new", "content_block_delta")
    assert {event.name for event in events[:3]} == {"message_start", "content_block_start", "ping"}


def test_an_event_without_a_name_gets_one():
    renamed = edit("hello", ["strip-event-lines", "rename-event=x@ev:1"])
    assert [event.name for event in renamed.events()][:2] == ["x", None]


@pytest.mark.parametrize(("mode", "end"), [("crlf", b"\r\n"), ("cr", b"\r")])
def test_every_line_ends_in_another_way(mode, end):
    assert body(f"newlines={mode}") == load("hello").body.replace(b"\n", end)


def test_mixed_line_ends_lose_no_event():
    edited = edit("hello", "newlines=mixed")
    assert edited.body.count(b"\n\r\n") == 46
    assert types(edited) == types(load("hello"))


def test_spaces_after_field_names_are_missing():
    whole = load("hello").body
    assert body("no-space") == whole.replace(b"event: ", b"event:").replace(b"\ndata: ", b"\ndata:")


def test_a_byte_order_mark_comes_first():
    assert body("bom") == b"\xef\xbb\xbf" + load("hello").body


def test_a_payload_is_spread_over_lines_and_stays_the_same():
    before, after = list(load("hello").events()), list(edit("hello", "multiline-data@ev:4").events())
    assert after[3].block.raw_bytes.count(b"\ndata: ") == 3
    assert after[3].data == before[3].data


@pytest.mark.parametrize(("char", "separator"), [("2028", "\u2028"), ("2029", "\u2029"), ("85", "\x85")])
def test_a_text_contains_a_unicode_separator(char, separator):
    before = list(load("hello").events())[3].data["delta"]["text"]
    after = list(edit("hello", f"unicode-sep={char}@ev:4").events())[3].data["delta"]["text"]
    assert after == separator + before


def test_events_become_one():
    assert len(list(edit("hello", "merge-frames").events())) == 1
    assert len(list(edit("hello", "merge-frames=2").events())) == 23


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        ("done-sentinel", b"data: [DONE]\n\n"),
        ("done-sentinel=append,named=yes", b"event: done\ndata: [DONE]\n\n"),
    ],
)
def test_a_done_sentinel_follows_the_last_event(fault, end):
    assert body(fault) == load("hello").body + end


def test_a_done_sentinel_stands_in_place_of_message_stop():
    *_, last = edit("hello", "done-sentinel=replace").events()
    assert (last.number, last.block.data) == (46, b"[DONE]")


def test_comments_stand_between_events():
    raw = body("comment-inject=10,text=hi,id=7")
    assert raw.count(b": hi\n\n") == 4
    assert raw.count(b"id: 7\n") == 46
    blocks = sse.Decoder().feed(raw)
    assert [block.data is None for block in blocks].index(True) == 10
