"""What a live page shows of recordings that a server plays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inspector.cli._live_plays import LivePlays, live_server
from inspector.formats import load
from inspector.play.pace import Pace
from inspector.play.received import ReceivedRequest
from inspector.play.sources import Source
from inspector.recording import End, Ending, Head, TimedBlock
from inspector.recording.bundled import bundled_recording
from inspector.serve.connection import Delivery

HELLO = load(bundled_recording("hello"))
SOURCE = Source.of(HELLO, "recordings/hello.jsonl")
REQUEST = ReceivedRequest(4, "POST", "/v1/messages")


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def plays(clock):
    return LivePlays(Pace(1.0), clock)


def values(plays):
    return [value for _, value, _ in plays.due()]


def test_a_play_shows_what_is_due_by_now(plays, clock):
    plays.begun(REQUEST, SOURCE)
    assert list(plays.due()) == [(4, HELLO.head, "4 hello.jsonl")]
    clock.now += 1.0
    shown = values(plays)
    assert shown == [block for block in HELLO.blocks if block.t <= 1.0]
    assert values(plays) == []


def test_a_whole_delivery_shows_the_whole_recording(plays, clock):
    plays.begun(REQUEST, SOURCE)
    clock.now += 0.1
    plays.delivered(REQUEST, Delivery(10, 0.1, Ending.COMPLETE))
    assert values(plays) == [HELLO.head, *HELLO.blocks, HELLO.end]


def test_a_client_that_leaves_ends_the_play_where_it_is(plays, clock):
    plays.begun(REQUEST, SOURCE)
    clock.now += 1.0
    plays.delivered(REQUEST, Delivery(10, 1.0, Ending.ABANDONED))
    clock.now += 5.0
    *blocks, end = values(plays)[1:]
    assert blocks == [block for block in HELLO.blocks if block.t <= 1.0]
    assert end == End(blocks[-1].t, Ending.ABANDONED)


def test_the_pace_is_the_servers(clock):
    plays = LivePlays(Pace(10.0), clock)
    plays.begun(REQUEST, SOURCE)
    clock.now += 0.1
    assert values(plays)[1:] == [block for block in HELLO.blocks if block.t <= 1.0]


def test_secrets_of_a_recording_are_not_shown(plays):
    secret = "sk-ant-api03-" + "A1b2C3d4" * 10
    block = TimedBlock(0.0, None, None, f": {secret}\n\n".encode())
    plays.begun(REQUEST, Source.of(replace(HELLO, blocks=(block,))))
    plays.delivered(REQUEST, Delivery(10, 0.1, Ending.COMPLETE))
    assert secret not in "".join(
        map(repr, (value.raw for value in values(plays) if isinstance(value, TimedBlock)))
    )


def test_health_checks_are_not_shown(plays):
    plays.begun(ReceivedRequest(1, "GET", "/health"), SOURCE)
    plays.begun(ReceivedRequest(2, "HEAD", "/"), SOURCE)
    assert values(plays) == []


def test_more_plays_than_are_followed_are_left_out(plays):
    for number in range(300):
        plays.begun(ReceivedRequest(number, "POST", "/v1/messages"), SOURCE)
    assert sum(isinstance(value, Head) for value in values(plays)) == 200


def test_the_log_of_requests_goes_on():
    reported = []
    live = live_server(Pace(), lambda received, delivery: reported.append(received))
    live.arguments["report"](REQUEST, Delivery(1, 0.1, Ending.COMPLETE))
    assert reported == [REQUEST]
