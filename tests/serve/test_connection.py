"""A connection on a clock of its own, with a transport that says what was written when."""

from __future__ import annotations

import gc
import weakref

import pytest
from test_responses import answer_of, made
from test_schedule import Clock

from inspector.serve.connection import Connection, Shared
from inspector.serve.requests import Limits
from inspector.serve.responses import Pace, json_answer
from inspector.serve.schedule import Schedule

ASK = b"POST /v1/messages HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
LIMITS = Limits(head=1000, body=1000, half=30, idle=120, stall=600, linger=5)


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


class Played:
    """A connection that gets these answers, one a request."""

    def __init__(self, *answers, room=None):
        self.clock = Clock()
        self.ended = []
        self.answers = list(answers)
        self.shared = Shared(
            Schedule(self.clock, self.clock.call_at),
            lambda incoming: (self.answers.pop(0), incoming.target),
            lambda token, outcome: self.ended.append((token, outcome)),
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

    def pass_(self, seconds):
        self.clock.run(self.clock.now + seconds)
        self.clock.now += seconds
        self.connection.sweep(self.clock.now)


SLOWLY = made((1.0, b"one"), (1.5, b"two"), (61.5, b"three"))


def test_every_chunk_is_written_when_it_is_due_and_alone():
    played = Played(answer_of(SLOWLY, Pace(1))).feed()
    played.clock.run()
    times, pieces = zip(*played.transport.written, strict=True)
    assert times == pytest.approx((0.5, 1.0, 1.5, 61.5, 61.75))
    assert pieces[1:] == (b"3\r\none\r\n", b"3\r\ntwo\r\n", b"5\r\nthree\r\n", b"0\r\n\r\n")
    ((_, outcome),) = played.ended
    assert (outcome.sent, outcome.seconds, outcome.end) == (
        len(played.wire),
        pytest.approx(61.75),
        "complete",
    )


def test_at_full_speed_all_is_one_write():
    played = Played(answer_of(SLOWLY)).feed()
    assert len(played.transport.written) == 1
    assert played.transport.written[0][0] == 0


def test_a_late_start_does_not_move_what_follows():
    played = Played(answer_of(SLOWLY, Pace(1))).feed()
    played.clock.now += 1.2  # nothing ran
    played.clock.run()
    times, pieces = zip(*played.transport.written, strict=True)
    assert times == pytest.approx((1.2, 1.5, 61.5, 61.75))
    assert pieces[0].endswith(b"3\r\none\r\n")


def test_rounding_does_not_make_what_is_due_seem_not_to_be():
    recording = made(*((number / 1000 + 0.0001, b"a") for number in range(600, 1600)))
    for start in (100.0, 1e5 + 0.1, 1e7 + 1 / 3):
        played = Played(answer_of(recording, Pace(1)))
        played.clock.now = start
        played.feed()
        played.clock.run()
        assert len(played.ended) == 1
        assert len(played.transport.written) == 1002


def test_a_slow_client_is_waited_for_and_then_gets_what_is_due():
    played = Played(answer_of(SLOWLY, Pace(1)), room=1).feed()
    played.clock.run()
    assert len(played.transport.written) == 1
    assert not played.clock.timers  # nothing is asked for in the meantime
    played.clock.now, played.transport.room = 120.0, None
    played.connection.resume_writing()
    assert played.transport.written[1] == (20.0, b"3\r\none\r\n3\r\ntwo\r\n")
    played.clock.run()
    assert [t for t, _ in played.transport.written[2:]] == pytest.approx([61.5, 61.75])


def test_a_slow_client_is_never_sent_more_than_a_slice_ahead():
    big = made((0.0, b"x" * 10_000_000))
    played = Played(answer_of(big), room=100_000).feed()
    assert len(played.wire) == 256 * 1024
    played.transport.room = None
    played.connection.resume_writing()
    assert played.wire == answer_of(big).wire
    assert len(played.ended) == 1


def test_a_client_that_never_reads_is_left_in_the_end():
    played = Played(answer_of(SLOWLY), room=1)
    played.answers = [answer_of(made((0.0, b"x" * 10_000_000)))]
    played.feed().pass_(599)
    assert "abort" not in played.transport.state
    played.pass_(2)
    assert "abort" in played.transport.state


def test_a_long_silence_in_a_recording_is_not_a_stall():
    played = Played(answer_of(made((1.0, b"a"), (5000.0, b"b")), Pace(1))).feed()
    for _ in range(6):
        played.pass_(700)
    assert "abort" not in played.transport.state
    played.clock.run()
    assert played.wire.endswith(b"1\r\nb\r\n0\r\n\r\n")


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
def test_the_end_comes_when_it_came(end, state):
    played = Played(answer_of(made((1.0, b"a"), end=end), Pace(1))).feed()
    played.clock.run(101.1)
    assert played.transport.state == []
    played.clock.run()
    assert played.transport.state == state
    assert len(played.ended) == (end != "timeout")


def test_a_stall_lasts_until_the_client_goes():
    played = Played(answer_of(made((1.0, b"a"), end="timeout"), Pace(1))).feed()
    played.clock.run()
    played.pass_(599)
    assert played.transport.state == []
    played.connection.connection_lost(None)
    assert [outcome.end for _, outcome in played.ended] == ["timeout"]


def test_a_stall_has_a_bound():
    played = Played(answer_of(made((1.0, b"a"), end="timeout"))).feed()
    played.pass_(601)
    assert played.transport.state == ["abort"]


def test_requests_that_come_early_are_answered_in_turn():
    played = Played(answer_of(SLOWLY, Pace(1)), json_answer(200, {}), answer_of(made((1.0, b"a")), Pace(1)))
    played.feed(
        ASK.replace(b"messages", b"a") + ASK.replace(b"messages", b"b") + ASK.replace(b"messages", b"c")
    )
    assert played.transport.state == []
    played.feed(b"GET /")
    assert played.transport.state == ["pause"]
    played.clock.run()
    assert [token for token, _ in played.ended] == ["/v1/a", "/v1/b", "/v1/c"]
    assert played.transport.state == ["pause", "resume"]
    assert played.transport.written[-1][0] == pytest.approx(61.75 + 1.25)


def test_a_thousand_requests_at_once_are_answered_without_recursion():
    ask = b"GET / HTTP/1.1\r\n\r\n"
    played = Played(*[json_answer(200, {})] * 3000).feed(ask * 3000)
    assert len(played.ended) == 3000


def test_go_on_is_said_when_it_is_the_requests_turn():
    played = Played(answer_of(SLOWLY, Pace(1)), json_answer(200, {}))
    played.feed(ASK + b"POST /b HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    played.clock.run()
    assert played.wire.endswith(b"0\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
    played.feed(b"{}")
    assert len(played.ended) == 2


def test_a_refusal_comes_after_the_answers_before_it():
    played = Played(answer_of(SLOWLY, Pace(1))).feed(ASK + b"rubbish\r\n\r\n")
    assert b"400" not in played.wire
    played.clock.run()
    assert b"0\r\n\r\nHTTP/1.1 400 Bad Request\r\n" in played.wire
    assert b"connection: close\r\n" in played.wire
    assert played.transport.state[-1] == "eof"
    played.feed(ASK)  # what still comes is not looked at
    played.pass_(6)
    assert played.transport.state[-1] == "abort"


def test_half_a_request_does_not_wait_for_ever():
    played = Played().feed(b"POST /v1/messages HT")
    played.pass_(29)
    assert played.wire == b""
    played.pass_(2)
    assert played.wire.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert played.transport.state == ["eof"]


def test_an_idle_connection_is_closed():
    played = Played(answer_of(made((1.0, b"a")))).feed()
    played.pass_(119)
    assert played.transport.state == []
    played.pass_(2)
    assert played.transport.state == ["eof"]


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind():
    played = Played(answer_of(SLOWLY, Pace(1))).feed()
    played.clock.run(101.2)
    played.connection.connection_lost(ConnectionResetError())
    assert [outcome.end for _, outcome in played.ended] == ["abandoned"]
    assert not played.shared.connections
    written = len(played.transport.written)
    gone = weakref.ref(played.transport)
    played.transport.protocol = played.transport = played.connection = None
    gc.collect()
    assert gone() is None  # the schedule does not hold on to it either
    assert written == 2
    played.clock.run()


def test_a_connection_that_is_told_to_close_is_closed():
    answer = answer_of(made((1.0, b"a"))).closing()
    played = Played(answer).feed()
    assert played.transport.state == ["eof"]
    assert [outcome.end for _, outcome in played.ended] == ["complete"]
