"""Faults of waiting: how long nothing comes, or nothing but pings and comments."""

from __future__ import annotations

import itertools

import pytest
from edited import edit, load, types

from inspector.recording import Ending


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        ("stall", 600),
        ("stall-ping,interval=10,for=30", 630),
        ("stall-comment,interval=10,for=30", 630),
    ],
)
def test_a_silence_ends_in_the_readers_timeout(fault, wait):
    at = list(load("hello").events())[23]
    edited = edit("hello", fault)
    assert edited.end.how is Ending.TIMEOUT
    assert edited.end.t == pytest.approx(at.t + wait, abs=1e-5)


@pytest.mark.parametrize("fault", ["stall-headers=30s", "stall@head"])
def test_a_silence_before_the_head_leaves_no_response(fault):
    edited = edit("hello", fault)
    assert (edited.response, edited.blocks, edited.end.how) == (None, (), Ending.TIMEOUT)
    assert edited.end.error.startswith("ReadTimeout")


def test_a_silence_after_the_head_leaves_no_body():
    hello, edited = load("hello"), edit("hello", "stall-after-headers")
    assert (edited.response.status, edited.body) == (200, b"")
    assert edited.end.t == pytest.approx(hello.response.t + 600)


def test_a_stall_delays_what_comes_after_it():
    before, after = load("hello"), edit("hello", "stall=5s@ev:24")
    at = list(before.events())[23].t
    expected = [(t + 5 if t >= at else t, chunk) for t, chunk in before.chunks()]
    assert [(pytest.approx(t), chunk) for t, chunk in expected] == list(after.chunks())
    assert after.end.t == pytest.approx(before.end.t + 5)


def test_pings_come_at_their_interval_for_their_duration():
    edited = edit("hello", "stall-ping@ev:5,interval=10,for=30")
    pings = list(edited.events())[4:]
    assert [ping.type for ping in pings] == ["ping"] * 3
    gaps = [b.t - a.t for a, b in itertools.pairwise(pings)]
    assert gaps == pytest.approx([10, 10])


def test_comments_come_instead_of_pings():
    edited = edit("hello", "stall-comment@ev:5,interval=10,for=30,text=wait")
    assert types(edited) == types(load("hello"))[:4]
    assert edited.body.endswith(b": wait\n\n" * 3)


@pytest.mark.parametrize("after", ["stop", "delta"])
def test_a_body_may_not_end_although_the_message_is_complete(after):
    edited = edit("hello", f"hang-after-stop={after}")
    assert types(edited)[-1] == f"message_{after}"
    assert (edited.end.how, round(edited.end.t)) == (Ending.TIMEOUT, 602)


def test_pings_may_come_after_a_complete_message():
    edited = edit("hello", "hang-after-stop,interval=10,for=30")
    assert types(edited)[-4:] == ["message_stop", "ping", "ping", "ping"]
    assert round(edited.end.t) == 632
