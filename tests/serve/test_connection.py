"""A connection on a clock of its own, with a transport that says what was written when."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import pytest
from http_wire import Clock, made, prepared

from inspector import End, Ending
from inspector.play.made_up import json_answer
from inspector.play.pace import Pace
from inspector.serve.connection import Connection, Shared
from inspector.serve.limits import ServerLimits
from inspector.serve.responses import prepare
from inspector.serve.schedule import Schedule

ASK = b"POST /v1/messages HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
LIMITS = ServerLimits(head=1000, body=1000, half=30, idle=120, stall=600, linger=5)


OTHER = prepare(json_answer(200, {}), Pace())


class Transport:
    """What asyncio's transports do, as far as a connection sees it."""

    def __init__(self, clock, room=None):
        self.clock, self.room = clock, room
        self.written = []
        self.state = []
        self.protocol = None

    def write(self, data):
        self.written.append((self.clock.now - 100, bytes(data)))
        if self.room is not None:
            self.room -= len(data)
            if self.room <= 0:
                self.protocol.pause_writing()

    def set_write_buffer_limits(self, high):
        assert high == 0

    def write_eof(self):
        self.state.append("eof")

    def abort(self):
        self.state.append("abort")

    def pause_reading(self):
        self.state.append("pause")

    def resume_reading(self):
        self.state.append("resume")

    def is_closing(self):
        return "abort" in self.state

    def get_extra_info(self, name):
        return self

    def fileno(self):
        return -1

    def setsockopt(self, *_):
        self.state.append("linger 0")

    def get_write_buffer_size(self):
        return 0


class Served:
    """A connection whose requests get these responses, one each."""

    def __init__(self, *responses, room=None):
        self.clock = Clock()
        self.ended = []
        self.responses = list(responses)
        self.shared = Shared(
            Schedule(self.clock, self.clock.call_at),
            lambda parsed: (self.responses.pop(0), parsed.request.url),
            lambda token, delivery: self.ended.append((token, delivery)),
            LIMITS,
        )
        self.connection = Connection(self.shared)
        self.transport = Transport(self.clock, room)
        self.transport.protocol = self.connection
        self.connection.connection_made(self.transport)

    def feed(self, data=ASK):
        self.connection.get_buffer(-1)[: len(data)] = data
        self.connection.buffer_updated(len(data))
        return self

    @property
    def wire(self):
        return b"".join(data for _, data in self.transport.written)

    def wait(self, seconds):
        self.clock.run(self.clock.now + seconds)
        self.clock.now += seconds
        self.connection.sweep(self.clock.now)


SLOWLY = made((1.0, b"one"), (1.5, b"two"), (61.5, b"three"))


def test_every_chunk_is_written_when_it_is_due_and_alone():
    served = Served(prepared(SLOWLY, Pace(1))).feed()
    served.clock.run()
    times, pieces = zip(*served.transport.written, strict=True)
    assert times == pytest.approx((0.5, 1.0, 1.5, 61.5, 61.75))
    assert pieces[1:] == (b"3\r\none\r\n", b"3\r\ntwo\r\n", b"5\r\nthree\r\n", b"0\r\n\r\n")
    ((_, delivery),) = served.ended
    assert (delivery.sent, delivery.seconds, delivery.end) == (
        len(served.wire),
        pytest.approx(61.75),
        "complete",
    )


def test_at_full_speed_all_is_one_write():
    served = Served(prepared(SLOWLY)).feed()
    assert len(served.transport.written) == 1
    assert served.transport.written[0][0] == 0


def test_a_late_start_does_not_move_what_follows():
    served = Served(prepared(SLOWLY, Pace(1))).feed()
    served.clock.now += 1.2  # nothing ran
    served.clock.run()
    times, pieces = zip(*served.transport.written, strict=True)
    assert times == pytest.approx((1.2, 1.5, 61.5, 61.75))
    assert pieces[0].endswith(b"3\r\none\r\n")


def test_rounding_delays_nothing_that_is_due():
    recording = made(*((number / 1000 + 0.0001, b"a") for number in range(600, 1600)))
    for start in (100.0, 1e5 + 0.1, 1e7 + 1 / 3):
        served = Served(prepared(recording, Pace(1)))
        served.clock.now = start
        served.feed()
        served.clock.run()
        assert len(served.ended) == 1
        assert len(served.transport.written) == 1002


def test_a_slow_client_gets_what_is_due_when_it_has_caught_up():
    served = Served(prepared(SLOWLY, Pace(1)), room=1).feed()
    served.clock.run()
    assert len(served.transport.written) == 1
    assert not served.clock.timers  # no timer in the meantime
    served.clock.now, served.transport.room = 120.0, None
    served.connection.resume_writing()
    assert served.transport.written[1] == (20.0, b"3\r\none\r\n3\r\ntwo\r\n")
    served.clock.run()
    assert [t for t, _ in served.transport.written[2:]] == pytest.approx([61.5, 61.75])


def test_a_slow_client_is_never_sent_more_than_a_slice_ahead():
    big = made((0.0, b"x" * 10_000_000))
    served = Served(prepared(big), room=100_000).feed()
    assert len(served.wire) == 128 * 1024
    served.transport.room = None
    served.connection.resume_writing()
    assert served.wire == prepared(big).wire
    assert len(served.ended) == 1


def test_the_connection_of_a_client_that_never_reads_is_closed_in_the_end():
    served = Served(prepared(SLOWLY), room=1)
    served.responses = [prepared(made((0.0, b"x" * 10_000_000)))]
    served.feed().wait(599)
    assert "abort" not in served.transport.state
    served.wait(2)
    assert "abort" in served.transport.state


def test_a_long_silence_in_a_recording_is_not_a_stall():
    served = Served(prepared(made((1.0, b"a"), (5000.0, b"b")), Pace(1))).feed()
    for _ in range(6):
        served.wait(700)
    assert "abort" not in served.transport.state
    served.clock.run()
    assert served.wire.endswith(b"1\r\nb\r\n0\r\n\r\n")


@pytest.mark.parametrize(
    "end, state",
    [
        ("complete", []),
        ("cut", ["eof"]),
        ("abandoned", ["eof"]),
        ("reset", ["linger 0", "abort"]),
        ("timeout", []),
    ],
)
def test_the_end_comes_at_its_recorded_time(end, state):
    served = Served(prepared(made((1.0, b"a"), end=end), Pace(1))).feed()
    served.clock.run(101.1)
    assert served.transport.state == []
    served.clock.run()
    assert served.transport.state == state
    assert len(served.ended) == (end != "timeout")


def test_a_stall_lasts_until_the_client_goes():
    served = Served(prepared(made((1.0, b"a"), end="timeout"), Pace(1))).feed()
    served.clock.run()
    served.wait(599)
    assert served.transport.state == []
    served.connection.connection_lost(None)
    assert [delivery.end for _, delivery in served.ended] == ["timeout"]


def test_a_stall_is_bounded():
    served = Served(prepared(made((1.0, b"a"), end="timeout"))).feed()
    served.wait(601)
    assert served.transport.state == ["abort"]


def test_a_stall_at_a_pace_is_bounded_from_its_last_byte():
    recording = made((1.0, b"a"), (590.0, b"b"), end="timeout")
    recording = replace(recording, end=End(5000.0, Ending.TIMEOUT))
    served = Served(prepared(recording, Pace(1))).feed()
    served.clock.run(100 + 700)
    served.connection.sweep(100 + 700)
    assert served.transport.state == []
    served.connection.sweep(100 + 590 + 601)
    assert served.transport.state == ["abort"]


def test_a_delivery_says_whether_client_or_server_ended_it():
    stalled = made((1.0, b"a"), end="timeout")
    left, bounded = Served(prepared(stalled)).feed(), Served(prepared(stalled)).feed()
    bounded.wait(601)
    for served in (left, bounded):
        served.connection.connection_lost(None)
    assert [(each.end, each.by_server) for _, each in left.ended] == [("timeout", False)]
    assert [(each.end, each.by_server) for _, each in bounded.ended] == [("timeout", True)]


def test_requests_sent_ahead_are_answered_in_turn():
    served = Served(prepared(SLOWLY, Pace(1)), OTHER, prepared(made((1.0, b"a")), Pace(1)))
    served.feed(
        ASK.replace(b"messages", b"a") + ASK.replace(b"messages", b"b") + ASK.replace(b"messages", b"c")
    )
    assert served.transport.state == []
    served.feed(b"GET /")
    assert served.transport.state == ["pause"]
    served.clock.run()
    assert [token for token, _ in served.ended] == ["/v1/a", "/v1/b", "/v1/c"]
    assert served.transport.state == ["pause", "resume"]
    assert served.transport.written[-1][0] == pytest.approx(61.75 + 1.25)


def test_a_thousand_requests_at_once_are_answered_without_recursion():
    ask = b"GET / HTTP/1.1\r\n\r\n"
    served = Served(*[OTHER] * 3000).feed(ask * 3000)
    assert len(served.ended) == 3000


def test_100_continue_comes_when_it_is_the_requests_turn():
    served = Served(prepared(SLOWLY, Pace(1)), OTHER)
    served.feed(ASK + b"POST /b HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    served.clock.run()
    assert served.wire.endswith(b"0\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
    served.feed(b"{}")
    assert len(served.ended) == 2


def test_a_refusal_comes_after_the_answers_before_it():
    served = Served(prepared(SLOWLY, Pace(1))).feed(ASK + b"rubbish\r\n\r\n")
    assert b"400" not in served.wire
    served.clock.run()
    assert b"0\r\n\r\nHTTP/1.1 400 Bad Request\r\n" in served.wire
    assert b"connection: close\r\n" in served.wire
    assert served.transport.state[-1] == "eof"
    served.feed(ASK)  # what comes now is not looked at
    served.wait(6)
    assert served.transport.state[-1] == "abort"


def test_the_wait_for_the_rest_of_a_request_is_bounded():
    served = Served().feed(b"POST /v1/messages HT")
    served.wait(29)
    assert served.wire == b""
    served.wait(2)
    assert served.wire.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert served.transport.state == ["eof"]


def test_an_idle_connection_is_closed():
    served = Served(prepared(made((1.0, b"a")))).feed()
    served.wait(119)
    assert served.transport.state == []
    served.wait(2)
    assert served.transport.state == ["eof"]


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind():
    served = Served(prepared(SLOWLY, Pace(1))).feed()
    served.clock.run(101.2)
    served.connection.connection_lost(ConnectionResetError())
    assert [delivery.end for _, delivery in served.ended] == ["abandoned"]
    assert not served.shared.connections
    written = len(served.transport.written)
    gone = weakref.ref(served.transport)
    served.transport.protocol = served.transport = served.connection = None
    gc.collect()
    assert gone() is None  # the schedule does not hold on to it either
    assert written == 2
    served.clock.run()


def test_a_connection_closes_after_its_last_response():
    served = Served(prepared(made((1.0, b"a")), close=True)).feed()
    assert served.transport.state == ["eof"]
    assert [delivery.end for _, delivery in served.ended] == ["complete"]


def test_a_request_that_goes_on_and_on_is_cut_off_at_its_total_time():
    served = Served(OTHER)
    served.wait(100)  # idle time does not count
    served.feed(b"GET / HTTP/1.1\r\nx: ")
    for _ in range(60):
        assert served.wire == b""
        served.feed(b"y").wait(2)
    served.feed(b"y").wait(2)
    assert served.wire.startswith(b"HTTP/1.1 408 ")
    assert b"did not come within 120 s" in served.wire
    assert served.transport.state[-1] == "eof"


def test_nothing_is_written_to_a_client_that_left_while_it_was_written_to():
    served = Served(prepared(made((1.0, b"x" * 1_000_000))))
    write = served.transport.write

    def fail(data):  # as asyncio does when a socket is broken
        write(data)
        served.transport.abort()

    served.transport.write = fail
    served.feed()
    assert len(served.transport.written) == 1
