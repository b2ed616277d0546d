"""A recording rendered in a library's terms: chunks, headers, times, and the end as an exception."""

from __future__ import annotations

import gc
import threading
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from every_recording import FOLDER, RECORDINGS
from loopback import CUT, END, RESET, STALL, Server, chunk, head
from small_recordings import chunks_of, large_lines, small

from inspector import End, Ending, FormatError, Head, Recording, Request, replay
from inspector.recording import dump

URL = "http://nowhere.test/v1/messages"
STREAM = b'{"stream":true}'


def play(caller, transport, **options):
    return caller.fetch(URL, content=STREAM, transport=transport, **options)


# Chunks and headers.


@pytest.mark.parametrize("name", [name for name, r in RECORDINGS.items() if r.response])
def test_the_chunks_come_at_their_recorded_boundaries(caller, name):
    recording = RECORDINGS[name]
    played = play(caller, replay(recording))
    assert played.status == recording.response.status
    assert played.chunks == chunks_of(recording)
    assert bool(played.error) == (recording.end is None or recording.end.how is not Ending.COMPLETE)


def test_the_headers_are_the_recorded_ones_except_those_of_the_connection(caller):
    web_fetch = RECORDINGS["web_fetch"]
    assert web_fetch.response.headers["content-encoding"] == "gzip"
    played = play(caller, replay(web_fetch), read="bytes")
    headers = dict(played.headers)
    assert b"".join(played.chunks) == web_fetch.body
    gone = {"content-encoding", "transfer-encoding", "connection"}
    assert headers == {k: v for k, v in web_fetch.response.headers.items() if k not in gone}
    assert headers["request-id"].startswith("req_")


def test_the_http_version_is_the_recorded_one(library):
    hello = RECORDINGS["hello"]
    spoken = replace(hello, head=replace(hello.head, response=replace(hello.response, http="HTTP/2")))
    with library.Client(transport=replay(spoken)) as client:
        assert client.post(URL).http_version == "HTTP/2"


def test_chunks_of_one_byte_and_a_single_chunk_stay_as_they_are(caller):
    body = RECORDINGS["hello"].body[:500]
    for parts in ([body[i : i + 1] for i in range(500)], [body]):
        assert play(caller, replay(small(*parts))).chunks == parts


# Ends.


STOPS = {
    "whole": ([END], End(9.0, Ending.COMPLETE)),
    "cut": ([CUT], End(9.0, Ending.CUT)),
    "reset": ([RESET], End(9.0, Ending.RESET)),
    "timeout": ([STALL], End(9.0, Ending.TIMEOUT)),
    "no end": ([CUT], None),
    "abandoned": ([CUT], End(9.0, Ending.ABANDONED)),
}


@pytest.mark.parametrize("how", STOPS)
def test_every_end_raises_what_the_real_transport_raises(caller, how):
    steps, end = STOPS[how]
    part = b"event: a\ndata: {}\n\n"
    read = threading.Event()
    gate = [lambda: read.wait(60)]
    with Server([head(transfer_encoding="chunked"), chunk(part), *gate, *steps]) as server:
        real = caller.fetch(
            server.url, timeout=(10, 0.2, 10, 10) if how == "timeout" else 10, on_chunk=read.set
        )
    played = play(caller, replay(replace(small(part), end=end)))
    assert (played.chunks, type(played.error)) == (real.chunks, type(real.error))
    if real.error:
        assert str(played.error)
        assert played.error.request.method == "POST"


@pytest.mark.parametrize(
    "name", ["ReadError", "ReadTimeout", "RemoteProtocolError", "WriteError", "ReadError: "]
)
@pytest.mark.parametrize("how", [Ending.CUT, Ending.RESET, Ending.TIMEOUT])
def test_the_text_of_an_error_is_the_recorded_one(caller, how, name):
    end = End(3, how, f"{name}: it said so: twice")
    played = play(caller, replay(small(b"x", end=end)))
    assert str(played.error) == ("it said so: twice" if name[-1] != " " else ": it said so: twice")


@pytest.mark.parametrize(
    "end, kind, text",
    [
        (None, "ConnectError", "no response was recorded"),
        (End(1, Ending.RESET), "ConnectError", "no response was recorded"),
        (End(1, Ending.TIMEOUT), "ConnectTimeout", "no response was recorded"),
        (End(1, Ending.TIMEOUT, "slow"), "ConnectTimeout", "slow"),
        (End(1, Ending.RESET, "ProxyError: 403 Forbidden"), "ProxyError", "403 Forbidden"),
        (End(1, Ending.RESET, "OSError: odd"), "ConnectError", "odd"),
        (End(1, Ending.RESET, "Client: odd"), "ConnectError", "odd"),
        (End(1, Ending.RESET, "StreamError: odd"), "ConnectError", "odd"),
    ],
)
def test_a_failed_request_raises_the_exception_that_its_error_names(caller, end, kind, text):
    played = play(caller, replay(Recording(Head("", Request()), (), end)))
    assert (type(played.error), str(played.error)) == (getattr(caller.library, kind), text)


def test_the_bundled_request_without_a_response_is_a_connection_error(caller):
    played = play(caller, replay(FOLDER / "broken" / "no_response.jsonl"))
    assert isinstance(played.error, caller.library.ConnectError)


# Times.


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self, late=0.0):
        self.now = 5000.0
        self.late = late
        self.slept = []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds + self.late  # a sleep is never exact

    async def asleep(self, seconds):
        self.sleep(seconds)


def when_it_came(caller, monkeypatch, recording, fake, speed, work=0.0, **options):
    """At which time the head's first chunk and each other one came, and the end."""
    monkeypatch.setattr(anyio, "sleep", fake.asleep)
    monkeypatch.setattr(anyio, "current_time", fake.clock)
    came = []

    def on_chunk():
        came.append(fake.now - 5000)
        fake.now += work

    transport = replay(recording, speed=speed, sleep=fake.sleep, clock=fake.clock, **options)
    played = play(caller, transport, on_chunk=on_chunk)
    return played, [*came, fake.now - 5000]


@pytest.mark.parametrize("speed", [1, 2, 0.5, 10])
def test_chunks_and_the_end_come_at_the_recorded_times(caller, monkeypatch, speed):
    recording = small(b"1", b"2", b"3")
    _, came = when_it_came(caller, monkeypatch, recording, FakeTime(), speed)
    assert came == pytest.approx([1 / speed, 2 / speed, 3 / speed, 4 / speed])


def test_the_head_comes_at_its_time(library):
    fake = FakeTime()
    transport = replay(small(b"1"), speed=1, sleep=fake.sleep, clock=fake.clock)
    with library.Client(transport=transport) as client, client.stream("POST", URL):
        assert fake.now == 5000.5


def test_times_do_not_drift_whatever_the_sleeps_and_the_reader_take(caller, monkeypatch):
    recording = small(*[b"%d" % n for n in range(100)])
    _, came = when_it_came(caller, monkeypatch, recording, FakeTime(late=0.01), 1, work=0.3)
    assert came == pytest.approx([t + 0.01 for t in range(1, 102)])


def test_a_late_reader_does_not_wait_and_catches_up(caller, monkeypatch):
    fake = FakeTime()
    _, came = when_it_came(caller, monkeypatch, small(b"1", b"2", b"3"), fake, 1, work=1.5)
    assert came == pytest.approx([1, 2.5, 4, 5.5])
    assert fake.slept == pytest.approx([0.5, 0.5])


def test_a_recorded_length_is_a_header_of_the_response(caller):
    played = play(caller, replay(small(b"abc", headers={"content-length": "3"})))
    assert (played.headers, played.chunks) == ([("content-length", "3")], [b"abc"])


@pytest.mark.parametrize("response", [True, False])
def test_an_error_comes_at_its_time(caller, monkeypatch, response):
    recording = small(b"1", end=End(9.0, Ending.RESET))
    if not response:
        recording = replace(recording, head=replace(recording.head, response=None), blocks=())
    played, came = when_it_came(caller, monkeypatch, recording, FakeTime(), 3)
    assert isinstance(played.error, caller.library.TransportError)
    assert came[-1] == pytest.approx(3)


def test_without_a_speed_nothing_waits(caller, monkeypatch):
    def never(*_):
        raise AssertionError("slept")

    monkeypatch.setattr(anyio, "sleep", never)
    assert play(caller, replay(small(b"1", b"2"), sleep=never)).error is None


def test_a_gap_longer_than_the_read_timeout_is_a_timeout_when_that_is_over(caller, monkeypatch):
    monkeypatch.setattr(anyio, "sleep", (fake := FakeTime()).asleep)
    monkeypatch.setattr(anyio, "current_time", fake.clock)
    recording = small(b"1", b"2", end=End(60.0, Ending.COMPLETE))
    transport = replay(recording, speed=1, sleep=fake.sleep, clock=fake.clock)
    played = play(caller, transport, timeout=7)
    assert (b"".join(played.chunks), type(played.error)) == (b"12", caller.library.ReadTimeout)
    assert fake.now == pytest.approx(5000 + 2 + 7)


def test_the_read_timeout_holds_for_the_head_too(caller, monkeypatch):
    monkeypatch.setattr(anyio, "sleep", (fake := FakeTime()).asleep)
    monkeypatch.setattr(anyio, "current_time", fake.clock)
    transport = replay(small(b"1"), speed=0.01, sleep=fake.sleep, clock=fake.clock)
    played = play(caller, transport, timeout=7)
    assert (played.status, type(played.error)) == (None, caller.library.ReadTimeout)


def test_the_time_of_a_play_begins_with_its_request(library):
    fake = FakeTime()
    transport = replay(small(b"1"), small(b"2"), speed=1, sleep=fake.sleep, clock=fake.clock)
    with library.Client(transport=transport) as client:
        client.post(URL)
        fake.now += 1000
        client.post(URL)
    assert fake.now == pytest.approx(6000 + 2 * 2)


def test_no_gap_is_longer_than_max_gap(caller, monkeypatch):
    recording = small(b"1", b"2", end=End(60.0, Ending.COMPLETE))
    _, came = when_it_came(caller, monkeypatch, recording, FakeTime(), 1, max_gap=0.25)
    assert came == pytest.approx([0.5, 0.75, 1.0])


# Large files.


@pytest.fixture(scope="module")
def large():
    return large_lines()


def test_a_large_file_is_read_as_it_is_played(caller, tmp_path, large):
    parts, lines = large
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"".join(lines[:500]) + b"no line of a recording\n" + b"".join(lines[500:]))
    played = play(caller, replay(file))
    assert played.status == 200
    assert played.chunks == parts[: 499 - 1]  # what is known to be whole: the next read might go on with it
    assert isinstance(played.error, FormatError)
    assert played.error.line == 501


def test_a_large_file_plays_whole_and_as_often_as_it_is_named(caller, tmp_path, large):
    parts, lines = large
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"".join(lines))
    transport = replay(file, file)
    for _ in range(2):
        played = play(caller, transport)
        assert (played.chunks, played.error) == (parts, None)


def test_a_large_session_plays_turn_by_turn(caller, tmp_path, large):
    parts, lines = large
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"".join([*lines, *dump(small(b"and more"))]))
    transport = replay(file)
    assert [play(caller, transport).chunks for _ in range(2)] == [
        parts,
        [b"and more"],
    ]


def test_a_large_recording_whose_recorder_died_ends_in_an_error_that_says_so(caller, tmp_path, large):
    parts, lines = large
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"".join(lines[:-1])[:-100])
    played = play(caller, replay(file))
    assert played.chunks == parts[:-1]
    assert isinstance(played.error, caller.library.RemoteProtocolError)
    assert str(played.error) == f"{file}: the recording stops here, it has no end"


def test_a_large_file_is_closed_when_its_reader_leaves(library, tmp_path, large):
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"".join(large[1]))

    def is_open():
        return any(link.exists() and link.readlink() == file for link in Path("/proc/self/fd").iterdir())

    with library.Client(transport=replay(file)) as client:
        with client.stream("POST", URL) as response:
            chunks = response.iter_raw()
            next(chunks)
            assert is_open()
            chunks.close()
        del response, chunks
        gc.collect()
        assert not is_open()
