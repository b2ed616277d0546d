"""The schedule: on a clock of its own, everything when it is due, in order, behind one timer."""

from __future__ import annotations

import gc
import selectors
import time
import weakref

import pytest

from inspector.serve.schedule import Schedule, fine_selector


class Clock:
    """A clock that stands until it is moved, and its timers."""

    def __init__(self):
        self.now = 100.0
        self.timers = []

    def __call__(self):
        return self.now

    def call_at(self, when, callback):
        timer = Timer(self, when, callback)
        self.timers.append(timer)
        return timer

    def run(self, until=float("inf")):
        """Move on from timer to timer."""
        while self.timers:
            timer = min(self.timers, key=lambda timer: timer.when)
            if timer.when > until:
                return
            self.timers.remove(timer)
            self.now = max(self.now, timer.when)
            timer.callback()


class Timer:
    def __init__(self, clock, when, callback):
        self.clock, self.when, self.callback = clock, when, callback

    def cancel(self):
        if self in self.clock.timers:
            self.clock.timers.remove(self)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def schedule(clock):
    return Schedule(clock, clock.call_at)


def test_everything_is_called_when_it_is_due_and_in_order(clock, schedule):
    called = []
    for when in (103.0, 101.0, 102.0, 101.0):
        schedule.at(when, lambda now, when=when: called.append((when, now)))
    assert len(clock.timers) == 1
    clock.run()
    assert called == [(101.0, 101.0), (101.0, 101.0), (102.0, 102.0), (103.0, 103.0)]


def test_what_is_late_does_not_delay_what_follows(clock, schedule):
    called = []

    def slow(now):
        clock.now += 5
        schedule.at(102.0, called.append)
        schedule.at(110.0, called.append)

    schedule.at(101.0, slow)
    clock.run()
    assert called == [106.0, 110.0]


def test_one_timer_also_when_something_earlier_comes(clock, schedule):
    called = []
    schedule.at(105.0, called.append)
    schedule.at(101.0, called.append)
    assert [timer.when for timer in clock.timers] == [101.0]
    clock.run()
    assert called == [101.0, 105.0]


def test_what_falls_due_while_others_are_called_waits_for_the_next_round(clock, schedule):
    rounds = []

    def again(now):
        rounds.append(now)
        if len(rounds) < 3:
            schedule.at(now, again)

    schedule.at(101.0, again)
    clock.run(until=101.0)
    assert rounds == [101.0] * 3


def test_what_is_cancelled_is_not_called_and_not_held(clock, schedule):
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


def test_one_that_raises_does_not_stop_the_others(clock, schedule):
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
        spans = []
        for _ in range(20):
            begun = time.perf_counter()
            assert selector.select(0.0002) == []
            spans.append(time.perf_counter() - begun)
        assert min(spans) >= 0.0002
        if hasattr(selectors, "EpollSelector"):
            assert min(spans) < 0.001
    finally:
        selector.close()


def test_the_selector_wakes_for_what_is_ready():
    import socket

    one, other = socket.socketpair()
    selector = fine_selector()
    with one, other:
        selector.register(one, selectors.EVENT_READ)
        other.send(b"x")
        assert [key.fileobj for key, _ in selector.select(0.5)] == [one]
        assert [key.fileobj for key, _ in selector.select(5)] == [one]
        selector.close()
