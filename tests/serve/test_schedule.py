"""The schedule: on a clock of its own, everything when it is due, in order, behind one timer."""

from __future__ import annotations

import gc
import selectors
import time
import weakref

import pytest
from http_wire import Clock
from loopback import eventually

from inspector.serve.schedule import Schedule, fine_selector


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def schedule(clock):
    return Schedule(clock, clock.call_at)


def test_every_callback_comes_when_it_is_due_and_in_order(clock, schedule):
    called = []
    for when in (103.0, 101.0, 102.0, 101.0):
        schedule.at(when, lambda now, when=when: called.append((when, now)))
    assert len(clock.timers) == 1
    clock.run()
    assert called == [(101.0, 101.0), (101.0, 101.0), (102.0, 102.0), (103.0, 103.0)]


def test_a_late_callback_does_not_delay_the_next(clock, schedule):
    called = []

    def slow(now):
        clock.now += 5
        schedule.at(102.0, called.append)
        schedule.at(110.0, called.append)

    schedule.at(101.0, slow)
    clock.run()
    assert called == [106.0, 110.0]


def test_there_is_one_timer_also_when_an_earlier_entry_comes(clock, schedule):
    called = []
    schedule.at(105.0, called.append)
    schedule.at(101.0, called.append)
    assert [timer.when for timer in clock.timers] == [101.0]
    clock.run()
    assert called == [101.0, 105.0]


def test_an_entry_that_falls_due_during_a_round_waits_for_the_next(clock, schedule):
    rounds = []

    def again(now):
        rounds.append(now)
        if len(rounds) < 3:
            schedule.at(now, again)

    schedule.at(101.0, again)
    clock.run(until=101.0)
    assert rounds == [101.0] * 3


def test_a_cancelled_entry_is_not_called_and_keeps_nothing_alive(clock, schedule):
    class Thing:
        def call(self, now):
            raise AssertionError

    thing = Thing()
    ticket = schedule.at(101.0, thing.call)
    schedule.at(102.0, lambda now: None)
    gone = weakref.ref(thing)
    ticket.cancel()
    del thing
    gc.collect()
    assert gone() is None
    clock.run()
    assert clock.now == 102.0


def test_a_callback_that_raises_does_not_stop_the_others(clock, schedule):
    called = []

    def bad(now):
        raise RuntimeError("no")

    schedule.at(101.0, bad)
    schedule.at(102.0, called.append)
    with pytest.raises(RuntimeError):
        clock.run()
    clock.run()
    assert called == [102.0]


def test_the_selector_waits_for_less_than_a_millisecond():
    selector = fine_selector()
    try:
        selector.select(0)

        def span():
            begun = time.perf_counter()
            assert selector.select(0.0002) == []
            return time.perf_counter() - begun

        assert min(span() for _ in range(20)) >= 0.0002
        if hasattr(selectors, "EpollSelector"):
            assert eventually(lambda: span() < 0.001)
    finally:
        selector.close()


def test_the_selector_returns_as_soon_as_a_socket_is_ready():
    import socket

    one, other = socket.socketpair()
    selector = fine_selector()
    with one, other:
        selector.register(one, selectors.EVENT_READ)
        other.send(b"x")
        assert [key.fileobj for key, _ in selector.select(0.5)] == [one]
        assert [key.fileobj for key, _ in selector.select(5)] == [one]
        selector.close()
