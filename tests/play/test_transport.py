"""A replay is faithful: a client sees what it would have seen over a real socket, and asks nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import socket
import threading
from dataclasses import replace
from pathlib import Path

import anthropic
import anyio
import pytest
from conftest import NO_CERTIFICATES, ROOT
from loopback import CUT, END, RESET, STALL, Server, chunk, chunked, head

import inspector
from inspector import (
    End,
    Ending,
    FormatError,
    Head,
    Recording,
    RecordingError,
    RecordingWarning,
    Request,
    Response,
    UsageError,
    load,
    load_all,
    replay,
    save,
    tap,
)
from inspector.protocol import EVENT_TYPES
from inspector.recording import Recorder

FOLDER = ROOT / "recordings"
HELLO = FOLDER / "hello.jsonl"
URL = "http://nowhere.test/v1/messages"
ASKED = {"model": "claude-haiku-4-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}]}
MODES = pytest.mark.parametrize("mode", ["sync", "async"])


def quietly(path):
    """Every recording of a file, torn ones too."""
    with pytest.warns(RecordingWarning) if path.name == "torn.jsonl" else contextlib.nullcontext():
        return load_all(path)


RECORDINGS = {
    f"{path.relative_to(FOLDER)}#{number}".removesuffix(".jsonl#1"): recording
    for path in sorted(FOLDER.rglob("*.jsonl"))
    for number, recording in enumerate(quietly(path), 1)
}


def small(*parts, end=None, asked=b"{}", url="https://api.anthropic.com/v1/messages", status=200):
    """A recording of these chunks, a second apart."""
    recorder = Recorder()
    blocks = [*recorder.feed((float(t), part) for t, part in enumerate(parts, 1)), *recorder.close()]
    response = Response(0.5, status, {"content-type": "text/event-stream", "request-id": "req_small"})
    end = end or End(len(parts) + 1.0, Ending.COMPLETE)
    return Recording(Head("", Request("POST", url, {}, asked), response), tuple(blocks), end)


def chunks_of(recording):
    return [data for _, data in recording.chunks()]


class Asked:
    """What the SDK made of `create(stream=True)`: the events it passed on, and what it raised."""

    def __init__(
        self, mode, base_url="http://nowhere.test", *, transport=None, max_retries=0, timeout=10, **asked
    ):
        self.events, self.error, self.requests, self.request_id = [], None, 0, None
        http = {"event_hooks": {"request": [self._count if mode == "sync" else self._acount]}}
        http |= {"transport": transport} if transport else {"verify": NO_CERTIFICATES}
        options = {"api_key": "none", "base_url": base_url, "max_retries": max_retries, "timeout": timeout}
        try:
            if mode == "sync":
                self._ask(http, options, {**ASKED, **asked})
            else:
                asyncio.run(self._aask(http, options, {**ASKED, **asked}))
        except Exception as error:
            self.error = error

    def _count(self, request):
        self.requests += 1

    async def _acount(self, request):
        self.requests += 1

    def _ask(self, http, options, asked):
        http_client = anthropic.DefaultHttpxClient(**http)
        with (
            anthropic.Anthropic(http_client=http_client, **options) as client,
            client.messages.create(**asked, stream=True) as stream,
        ):
            self.request_id = stream.response.headers.get("request-id")
            for event in stream:
                self.events.append(event)

    async def _aask(self, http, options, asked):
        http_client = anthropic.DefaultAsyncHttpxClient(**http)
        async with (
            anthropic.AsyncAnthropic(http_client=http_client, **options) as client,
            await client.messages.create(**asked, stream=True) as stream,
        ):
            self.request_id = stream.response.headers.get("request-id")
            async for event in stream:
                self.events.append(event)

    @property
    def seen(self):
        events = [event if event is None else event.to_dict(warnings=False) for event in self.events]
        error = self.error
        return events, self.request_id, type(error), isinstance(error, anthropic.APIError)


# Faithful: against a real socket


def script_of(recording):
    """A real server's script of what a recording recorded."""
    ends = {Ending.COMPLETE: END, Ending.RESET: RESET, Ending.TIMEOUT: STALL}
    end = ends.get(recording.end.how, CUT) if recording.end else CUT
    headers = {
        name: text
        for name, text in recording.response.headers.items()
        if name not in ("content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive")
    }
    top = head(recording.response.status, {**headers, "transfer-encoding": "chunked"})
    return [top, *[chunk(data) for data in chunks_of(recording)], end]


@MODES
@pytest.mark.parametrize("name", [name for name, r in RECORDINGS.items() if r.response])
def test_the_sdk_makes_the_same_of_a_replay_as_of_a_real_server(mode, name):
    recording = RECORDINGS[name]
    with Server(script_of(recording)) as server:
        real = Asked(
            mode, server.url, timeout=0.25 if recording.end and recording.end.how == "timeout" else 10
        )
    played = Asked(mode, transport=replay(recording))
    assert played.seen == real.seen
    if recording.end and recording.end.how is not Ending.RESET:
        assert played.requests == real.requests == 1
    if isinstance(real.error, anthropic.APIStatusError):
        assert str(played.error) == str(real.error)
        assert played.error.body == real.error.body


@MODES
@pytest.mark.parametrize("name", [name for name in RECORDINGS if not name.startswith(("broken", "error_"))])
def test_every_event_of_a_good_recording_comes_except_those_that_the_sdk_hides(mode, name):
    recording = RECORDINGS[name]
    asked = Asked(mode, transport=replay(recording))
    assert asked.error is None
    passed_on = [event.data for event in recording.events() if event.name != "ping"]
    if name == "unknown":  # older SDKs hide event names that they do not know
        known = [event for event in passed_on if event["type"] in EVENT_TYPES]
        passed_on = known if len(asked.events) == len(known) else passed_on
    for ours, theirs in zip(asked.events, passed_on, strict=True):
        assert ours.type == theirs["type"]
        assert ours.to_dict(exclude_unset=True, mode="json", warnings=False) == theirs


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
    gate = [lambda: read.wait(10)]
    with Server([head(transfer_encoding="chunked"), chunk(part), *gate, *steps]) as server:
        real = caller.fetch(
            server.url, timeout=(10, 0.2, 10, 10) if how == "timeout" else 10, on_chunk=read.set
        )
    played = caller.fetch(URL, transport=replay(replace(small(part), end=end)))
    assert (played.chunks, type(played.error)) == (real.chunks, type(real.error))
    if real.error:
        assert str(played.error)
        assert played.error.request.method == "POST"


@pytest.mark.parametrize(
    "name", ["ReadError", "ReadTimeout", "RemoteProtocolError", "WriteError", "ReadError: "]
)
@pytest.mark.parametrize("how", [Ending.CUT, Ending.RESET, Ending.TIMEOUT])
def test_the_words_of_an_end_are_the_recorded_ones(caller, how, name):
    played = caller.fetch(URL, transport=replay(small(b"x", end=End(3, how, f"{name}: it said so: twice"))))
    assert str(played.error) == ("it said so: twice" if name[-1] != " " else ": it said so: twice")


REFUSALS = {
    "refused": (None, End(0.1, Ending.RESET, "ConnectError: [Errno 111] Connection refused")),
    "reset": ([RESET], End(0.1, Ending.RESET, "ReadError: [Errno 104] Connection reset by peer")),
    "closed": ([CUT], End(0.1, Ending.CUT, "RemoteProtocolError: Server disconnected")),
    "silent": ([STALL], End(5.0, Ending.TIMEOUT, "ReadTimeout: timed out")),
    "half a head": ([b"HTTP/1.1 200 OK\r\ncontent-", CUT], End(1, Ending.CUT, "RemoteProtocolError: half")),
}


@MODES
@pytest.mark.parametrize("how", REFUSALS)
def test_a_request_that_got_no_response_gets_none_again(mode, how):
    script, end = REFUSALS[how]
    if script is None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        real = Asked(mode, f"http://127.0.0.1:{port}")
    else:
        with Server(script) as server:
            real = Asked(mode, server.url, timeout=0.05 if how == "silent" else 10)
    played = Asked(mode, transport=replay(Recording(Head("", Request()), (), end)))
    assert isinstance(played.error, anthropic.APIConnectionError)
    assert played.seen == real.seen
    assert type(played.error.__cause__) is type(real.error.__cause__)
    assert str(played.error.__cause__) == end.error.partition(": ")[2]


@pytest.mark.parametrize(
    "end, kind, words",
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
def test_a_refusal_is_the_exception_that_its_words_name(caller, end, kind, words):
    played = caller.fetch(URL, transport=replay(Recording(Head("", Request()), (), end)))
    assert (type(played.error), str(played.error)) == (getattr(caller.library, kind), words)


def test_the_bundled_request_without_a_response_is_a_connection_error(caller):
    played = caller.fetch(URL, transport=replay(FOLDER / "broken" / "no_response.jsonl"))
    assert isinstance(played.error, caller.library.ConnectError)


# Exact


@pytest.mark.parametrize("name", [name for name, r in RECORDINGS.items() if r.response])
def test_the_chunks_come_at_their_recorded_boundaries(caller, name):
    recording = RECORDINGS[name]
    played = caller.fetch(URL, transport=replay(recording))
    assert played.status == recording.response.status
    assert played.chunks == chunks_of(recording)
    assert bool(played.error) == (recording.end is None or recording.end.how is not Ending.COMPLETE)


def test_the_headers_are_the_recorded_ones_but_for_those_of_the_wire(caller):
    web_fetch = RECORDINGS["web_fetch"]
    assert web_fetch.response.headers["content-encoding"] == "gzip"
    played = caller.fetch(URL, read="bytes", transport=replay(web_fetch))
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


@MODES
def test_the_request_id_is_where_the_sdk_looks_for_it(mode):
    hello = RECORDINGS["hello"]
    expected = hello.response.headers["request-id"]
    assert Asked(mode, transport=replay(hello)).request_id == expected
    error = Asked(mode, transport=replay(FOLDER / "error_401.jsonl")).error
    assert error.request_id == RECORDINGS["error_401"].response.headers["request-id"]


def test_a_message_that_did_not_stream_has_its_request_id():
    body = json.dumps(RECORDINGS["hello"].message()).encode()
    with anthropic.DefaultHttpxClient(transport=replay(small(body))) as http:
        message = anthropic.Anthropic(api_key="none", http_client=http).messages.create(**ASKED)
    assert message._request_id == "req_small"
    assert message.content[0].text == RECORDINGS["hello"].message()["content"][0]["text"]


def test_one_byte_a_chunk_and_all_in_one_chunk_stay_so(caller):
    body = RECORDINGS["hello"].body[:500]
    for parts in ([body[i : i + 1] for i in range(500)], [body]):
        assert caller.fetch(URL, transport=replay(small(*parts))).chunks == parts


def test_recorded_over_a_socket_replayed_and_recorded_again_it_is_the_same(caller, tmp_path):
    parts = [b"event: a\r", b"\ndata: 1\n\n: c\n", b"\nevent: b\ndata: {}\n\n", b"data: \xff\n\n", b"x"]
    with Server([*chunked(parts)[:-1], CUT]) as server:
        caller.fetch(f"{server.url}/v1/messages", content=b'{"a" : 1}', event_hooks=tap(tmp_path / "1.jsonl"))
        url = f"{server.url}/v1/messages"
    again = caller.fetch(
        url,
        content=b'{"a" : 1}',
        transport=replay(tmp_path / "1.jsonl"),
        event_hooks=tap(tmp_path / "2.jsonl"),
    )
    first, second = load(tmp_path / "1.jsonl"), load(tmp_path / "2.jsonl")
    assert again.chunks == parts
    assert chunks_of(first) == chunks_of(second) == parts
    assert first.end[1:3] == second.end[1:3]
    assert [b._replace(t=0, cuts=()) for b in first.blocks] == [
        b._replace(t=0, cuts=()) for b in second.blocks
    ]
    assert [[size for size, _ in b.cuts] for b in first.blocks] == [
        [s for s, _ in b.cuts] for b in second.blocks
    ]
    assert second.request == first.request
    assert second.response.status == first.response.status
    assert second.response.headers == {
        "content-type": "text/event-stream; charset=utf-8",
        "request-id": "req_loopback",
    }


def test_what_was_masked_when_it_was_recorded_still_matches_by_body(caller, tmp_path):
    key = "sk-ant-api03-" + "Abc123_-" * 5
    content = json.dumps({"prompt": f"is {key} valid? or {key[13:]}?"}).encode()
    headers = {"x-api-key": key[13:]}
    with Server(chunked([b"x\n\n"])) as server:
        caller.fetch(server.url, content=content, headers=headers, event_hooks=tap(tmp_path / "1.jsonl"))
    assert key[13:].encode() not in (tmp_path / "1.jsonl").read_bytes()
    transport = replay(tmp_path / "1.jsonl", match="body")
    assert caller.fetch(URL, content=content, headers=headers, transport=transport).chunks == [b"x\n\n"]


# Which recording


def test_a_session_a_folder_and_recordings_in_memory_play_in_order(caller, tmp_path):
    save([small(b"1"), small(b"2")], tmp_path / "b.jsonl")
    save(small(b"0"), tmp_path / "a.jsonl")
    transport = replay(tmp_path, small(b"3"), str(tmp_path / "a.jsonl"))
    assert [caller.fetch(URL, transport=transport).chunks for _ in range(5)] == [
        [b"0"],
        [b"1"],
        [b"2"],
        [b"3"],
        [b"0"],
    ]


def test_the_bundled_session_plays_turn_by_turn(caller):
    transport = replay(FOLDER / "tool_session.jsonl")
    turns = [b"".join(caller.fetch(URL, transport=transport).chunks) for _ in range(2)]
    assert turns == [recording.body for recording in load_all(FOLDER / "tool_session.jsonl")]


def test_by_body_each_request_finds_its_own(caller):
    transport = replay(small(b"1", asked=b'{"n":1}'), small(b"2", asked=b'{"n": 2, "m": 0}'), match="body")
    assert caller.fetch(URL, content=b'{"m":0,"n":2}', transport=transport).chunks == [b"2"]
    assert caller.fetch(URL, content=b'{ "n": 1 }', transport=transport).chunks == [b"1"]


MISSES = {
    "exhausted": (
        lambda transport, mode: (
            Asked(mode, transport=transport) and Asked(mode, transport=transport, max_retries=2)
        ),
        {},
        "inspector: no recording is left for POST /v1/messages: the recording has been played "
        "(a recording in memory). Add a recording for this request, or find out why it is made.",
    ),
    "another body": (
        lambda transport, mode: Asked(mode, transport=transport, max_retries=2, model="other"),
        {"match": "body"},
        "inspector: no recording has this request. Nearest is a recording in memory, where body.model is "
        '"x", asked was "other". Record this request, or make the same one.',
    ),
    "another endpoint": (
        lambda transport, mode: Asked(
            mode, "http://nowhere.test/v1/elsewhere", transport=transport, max_retries=2
        ),
        {},
        "inspector: the next recording is for another request. Nearest is a recording in memory, where path "
        "is /v1/messages, asked was /v1/elsewhere/v1/messages. Record this request, or make the same one.",
    ),
}


@MODES
@pytest.mark.parametrize("why", MISSES)
def test_a_request_that_nothing_answers_is_one_clear_error_and_not_tried_again(mode, why):
    ask, options, words = MISSES[why]
    asked = {**ASKED, "stream": True, "model": "x"}
    transport = replay(small(b"", asked=json.dumps(asked).encode()), **options)
    missed = ask(transport, mode)
    assert isinstance(missed.error, anthropic.NotFoundError)
    assert missed.error.body["error"] == {"type": "not_found_error", "message": words}
    assert words[:60] in str(missed.error)
    assert missed.requests == 1
    if why != "exhausted":  # nothing was used up
        assert Asked(mode, transport=transport, model="x").error is None


def test_another_kind_of_call_is_a_clear_error_too():
    with anthropic.DefaultHttpxClient(transport=replay(HELLO)) as http:
        client = anthropic.Anthropic(api_key="none", http_client=http)
        with pytest.raises(
            anthropic.NotFoundError, match="path is /v1/messages, asked was /v1/messages/count_tokens"
        ):
            client.messages.count_tokens(model="x", messages=[])
        with pytest.raises(anthropic.NotFoundError, match="method is POST, asked was GET"):
            client.models.list()
        client.messages.create(**ASKED, stream=True).close()


@pytest.mark.parametrize("match", ["order", "body"])
def test_many_threads_get_each_recording_once(library, match):
    bodies = [b"%d" % number for number in range(40)]
    transport = replay(*map(small, bodies), match=match)
    together = threading.Barrier(8)
    got = []

    def work():
        with library.Client(transport=transport) as client:
            together.wait(10)
            got.extend(client.post(URL, content=b"{}").content for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(got) == sorted(bodies)


def test_tasks_at_the_same_time_get_each_recording_once(library):
    async def run():
        async with library.AsyncClient(transport=replay(*[small(b"%d" % n) for n in range(20)])) as client:
            return await asyncio.gather(*(client.post(URL) for _ in range(20)))

    assert sorted(int(response.content) for response in asyncio.run(run())) == list(range(20))


def test_a_transport_outlives_its_clients(library):
    transport = replay(small(b"1"), small(b"2"), small(b"3"))
    for expected in (b"1", b"2"):
        with library.Client(transport=transport) as client:
            assert client.post(URL).content == expected

    async def run():
        async with library.AsyncClient(transport=transport) as client:
            return await client.post(URL)

    assert asyncio.run(run()).content == b"3"


# Time


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


def when_it_came(caller, monkeypatch, recording, fake, speed, work=0.0):
    """At which time the head's first chunk and each other one came, and the end."""
    monkeypatch.setattr(anyio, "sleep", fake.asleep)
    monkeypatch.setattr(anyio, "current_time", fake.clock)
    came = []

    def on_chunk():
        came.append(fake.now - 5000)
        fake.now += work

    played = caller.fetch(
        URL, on_chunk=on_chunk, transport=replay(recording, speed=speed, sleep=fake.sleep, clock=fake.clock)
    )
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


def test_a_reader_who_is_late_does_not_wait_and_catches_up(caller, monkeypatch):
    fake = FakeTime()
    _, came = when_it_came(caller, monkeypatch, small(b"1", b"2", b"3"), fake, 1, work=1.5)
    assert came == pytest.approx([1, 2.5, 4, 5.5])
    assert fake.slept == pytest.approx([0.5, 0.5])


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
    assert caller.fetch(URL, transport=replay(small(b"1", b"2"), sleep=never)).error is None


def test_a_gap_longer_than_the_read_timeout_is_a_timeout_when_that_is_over(caller, monkeypatch):
    monkeypatch.setattr(anyio, "sleep", (fake := FakeTime()).asleep)
    monkeypatch.setattr(anyio, "current_time", fake.clock)
    recording = small(b"1", b"2", end=End(60.0, Ending.COMPLETE))
    transport = replay(recording, speed=1, sleep=fake.sleep, clock=fake.clock)
    played = caller.fetch(URL, transport=transport, timeout=7)
    assert (b"".join(played.chunks), type(played.error)) == (b"12", caller.library.ReadTimeout)
    assert fake.now == pytest.approx(5000 + 2 + 7)


def test_the_read_timeout_holds_for_the_head_too(caller, monkeypatch):
    monkeypatch.setattr(anyio, "sleep", (fake := FakeTime()).asleep)
    monkeypatch.setattr(anyio, "current_time", fake.clock)
    transport = replay(small(b"1"), speed=0.01, sleep=fake.sleep, clock=fake.clock)
    played = caller.fetch(URL, transport=transport, timeout=7)
    assert (played.status, type(played.error)) == (None, caller.library.ReadTimeout)


def test_a_transport_knows_what_it_was_asked_and_what_it_did_not_play(caller):
    transport = replay(small(b"1"), small(b"2"), small(b"3"), match="any")
    caller.fetch(URL, transport=transport, content=b'{"n":1}')
    assert [(each.method, each.json(), each.miss) for each in transport.requests] == [
        ("POST", {"n": 1}, None)
    ]
    assert len(transport.unused) == 2


def test_the_time_of_a_play_begins_with_its_request(library):
    fake = FakeTime()
    transport = replay(small(b"1"), small(b"2"), speed=1, sleep=fake.sleep, clock=fake.clock)
    with library.Client(transport=transport) as client:
        client.post(URL)
        fake.now += 1000
        client.post(URL)
    assert fake.now == pytest.approx(6000 + 2 * 2)


# Large files


@pytest.fixture(scope="module")
def large():
    """A recording of more than a mebibyte, as lines."""
    parts = [b'event: a\ndata: {"n":%d,"text":"%b"}\n\n' % (n, b"x" * 2000) for n in range(700)]
    return parts, b"".join(inspector.recording.dump(small(*parts))).splitlines(keepends=True)


def test_a_large_file_is_read_as_it_is_played(caller, tmp_path, large):
    parts, lines = large
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"".join(lines[:500]) + b"no line of a recording\n" + b"".join(lines[500:]))
    played = caller.fetch(URL, transport=replay(file))
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
        played = caller.fetch(URL, transport=transport)
        assert (played.chunks, played.error) == (parts, None)


def test_a_large_session_plays_turn_by_turn(caller, tmp_path, large):
    parts, lines = large
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"".join([*lines, *inspector.recording.dump(small(b"and more"))]))
    transport = replay(file)
    assert [caller.fetch(URL, transport=transport).chunks for _ in range(2)] == [parts, [b"and more"]]


def test_a_large_recording_whose_recorder_died_ends_in_an_error_that_says_so(caller, tmp_path, large):
    parts, lines = large
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"".join(lines[:-1])[:-100])
    played = caller.fetch(URL, transport=replay(file))
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


# Wrong use


@pytest.mark.parametrize(
    "arguments, options, error, words",
    [
        ([HELLO], {"match": "url"}, UsageError, "match='url' is not known; known are order, body"),
        ([HELLO], {"speed": 0}, UsageError, "speed=0 must be above 0, or None to play at once"),
        ([HELLO], {"speed": -1}, UsageError, "must be above 0"),
        ([HELLO], {"speed": float("nan")}, UsageError, "must be above 0"),
        ([], {}, UsageError, "nothing to replay: name a recording"),
        (["none.jsonl"], {}, RecordingError, "none.jsonl: cannot be read: No such file or directory"),
        ([ROOT / "pyproject.toml"], {}, FormatError, "not a recording"),
        ([ROOT / "tests"], {}, RecordingError, "no recordings"),
    ],
)
def test_a_call_that_means_nothing_is_refused_at_once(arguments, options, error, words):
    with pytest.raises(error) as raised:
        replay(*arguments, **options)
    assert words in str(raised.value)
