"""A tap changes nothing for the client, and it records everything that the client read."""

from __future__ import annotations

import asyncio
import re
import signal
import threading

import pytest
from loopback import CUT, END, RESET, STALL, STREAM_HEADERS, Server, chunk, chunked, encoded, head
from recorded import BODY, PARTS, SECRET, by_time, chunks_of, only

import inspector
from inspector import Ending, RecordingWarning, tap
from inspector.record import tap as tap_module
from inspector.record.files import target_for
from inspector.record.journal import Journal
from inspector.record.tap import Tap

SHORT_TIMEOUT = (10, 0.2, 10, 10)  # seconds to connect, read, write, and get a connection from the pool

# What the server does, the chunks that arrive, and how the body ends. A script gets a function `read`: the
# step `read(2)` waits until the client has read two chunks, so that no test depends on how fast it reads.
CASES = {
    "complete": (lambda read: chunked(PARTS), PARTS, Ending.COMPLETE, None),
    "one byte in each chunk": (
        lambda read: chunked([BODY[i : i + 1] for i in range(len(BODY))]),
        [BODY[i : i + 1] for i in range(len(BODY))],
        Ending.COMPLETE,
        None,
    ),
    "CRLF": (
        lambda read: chunked([part.replace(b"\n", b"\r\n") for part in PARTS]),
        [part.replace(b"\n", b"\r\n") for part in PARTS],
        Ending.COMPLETE,
        None,
    ),
    "cuts in the middle of blocks": (
        lambda read: chunked([BODY[:3], BODY[3:40], BODY[40:41], BODY[41:90], BODY[90:]]),
        [BODY[:3], BODY[3:40], BODY[40:41], BODY[41:90], BODY[90:]],
        Ending.COMPLETE,
        None,
    ),
    "several blocks in a chunk": (
        lambda read: chunked([PARTS[0] + PARTS[1], PARTS[2] + PARTS[3] + PARTS[4][:7], PARTS[4][7:]]),
        [PARTS[0] + PARTS[1], PARTS[2] + PARTS[3] + PARTS[4][:7], PARTS[4][7:]],
        Ending.COMPLETE,
        None,
    ),
    "all in one chunk": (lambda read: chunked([BODY]), [BODY], Ending.COMPLETE, None),
    "not UTF-8": (
        lambda read: chunked([b"\xff\xfe", b"\x00\n\n"]),
        [b"\xff\xfe", b"\x00\n\n"],
        "complete",
        None,
    ),
    "an unfinished tail": (
        lambda read: chunked([BODY, b"event: b\n"]),
        [BODY, b"event: b\n"],
        "complete",
        None,
    ),
    "content-length": (lambda read: [head(content_length=len(BODY)), BODY], [BODY], Ending.COMPLETE, None),
    "ended by closing the connection": (lambda read: [head(), BODY, CUT], [BODY], Ending.COMPLETE, None),
    "an empty body": (lambda read: chunked([]), [], Ending.COMPLETE, None),
    "no content": (lambda read: [head(204, {}, content_length=0)], [], Ending.COMPLETE, None),
    "an error response": (
        lambda read: [head(429, {"content-type": "application/json"}, content_length=2), b"{}"],
        [b"{}"],
        Ending.COMPLETE,
        None,
    ),
    "an HTML page": (
        lambda read: [head(200, {"content-type": "text/html"}, content_length=17), b"<p>\nWi-Fi\n</p>\r\n!"],
        [b"<p>\nWi-Fi\n</p>\r\n!"],
        Ending.COMPLETE,
        None,
    ),
    "no last chunk": (
        lambda read: [*chunked(PARTS[:3])[:-1], CUT],
        PARTS[:3],
        Ending.CUT,
        "RemoteProtocolError: peer closed connection without sending complete message body "
        "(incomplete chunked read)",
    ),
    "cut in a block": (
        lambda read: [*chunked([PARTS[0], PARTS[1][:9]])[:-1], CUT],
        [PARTS[0], PARTS[1][:9]],
        Ending.CUT,
        "RemoteProtocolError: peer closed",
    ),
    "shorter than content-length": (
        lambda read: [head(content_length=1000), BODY, CUT],
        [BODY],
        Ending.CUT,
        "RemoteProtocolError: peer closed connection without sending complete message body (received",
    ),
    "reset": (
        lambda read: [*chunked(PARTS[:2])[:-1], read(2), RESET],
        PARTS[:2],
        Ending.RESET,
        "ReadError",
    ),
    "silence": (
        lambda read: [*chunked(PARTS[:2])[:-1], STALL],
        PARTS[:2],
        Ending.TIMEOUT,
        "ReadTimeout",
    ),
}
for coding in ("gzip", "deflate", "br", "zstd"):
    CASES[coding] = (lambda read, coding=coding: encoded(PARTS, coding), PARTS, Ending.COMPLETE, None)
    CASES[f"{coding}, cut"] = (
        lambda read, coding=coding: [*encoded(PARTS[:3], coding)[:-2], CUT],
        PARTS[:3],
        Ending.CUT,
        "RemoteProtocolError",
    )


@pytest.mark.parametrize("name", CASES)
def test_the_caller_sees_the_same_as_without_a_tap_and_all_of_it_is_recorded(caller, tmp_path, name):
    script, parts, how, error = CASES[name]
    seen = []
    for hooks in (None, tap(tmp_path)):
        chunks_read = threading.Semaphore(0)

        def has_read(count, chunks_read=chunks_read):
            return lambda: [chunks_read.acquire(timeout=60) for _ in range(count)]

        timeout = SHORT_TIMEOUT if name == "silence" else 10
        with Server(script(has_read)) as server:
            fetched = caller.fetch(
                server.url, event_hooks=hooks, on_chunk=chunks_read.release, timeout=timeout
            )
        (line, headers, content) = server.requests[0]
        headers.pop("host")
        seen.append((fetched, (line, list(headers.items()), content)))
    (bare, bare_request), (tapped, tapped_request) = seen
    assert tapped_request == bare_request
    assert tapped.seen[:2] == bare.seen[:2]
    assert tapped.seen[3:] == bare.seen[3:]
    recording = only(tmp_path)
    assert (recording.end.how, recording.body) == (how, b"".join(parts))
    assert re.match(re.escape(error or ""), recording.end.error or "")
    assert bool(error) == bool(recording.end.error)
    if b"chunked" in script(has_read)[0]:
        assert tapped.chunks == bare.chunks
        assert chunks_of(recording) == parts
    else:  # the network decides how such a body is cut into chunks
        assert chunks_of(recording) == tapped.chunks
    times = [t for t, _ in recording.chunks()]
    assert times == sorted(set(times))
    assert all(recording.response.t <= t < recording.end.t for t in times)


def test_a_recording_has_the_request_and_the_response(caller, tmp_path):
    script = [head(203, {"content-type": "text/plain", "Request-Id": "req_1"}, content_length=2), b"ok"]
    with Server(script) as server:
        caller.fetch(f"{server.url}/v1/messages?beta=true", event_hooks=tap(tmp_path), content=b'{"a" : 1}')
    recording = only(tmp_path)
    assert recording.head.recorder == {"name": "sse-inspector", "version": inspector.__version__}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", recording.head.at)
    assert recording.request.method == "POST"
    assert recording.request.url == f"{server.url}/v1/messages?beta=true"
    assert recording.request.body == b'{"a" : 1}'
    assert recording.request.headers["accept-encoding"]
    assert recording.response.status == 203
    assert recording.response.http == "HTTP/1.1"
    assert recording.response.headers == {
        "content-type": "text/plain",
        "request-id": "req_1",
        "content-length": "2",
    }


@pytest.mark.parametrize("coding", ["snappy", "gzip, snappy"])
def test_a_body_in_an_unknown_coding_is_recorded_undecoded_and_the_head_says_so(caller, tmp_path, coding):
    with Server(chunked(PARTS, content_encoding=coding)) as server:
        caller.fetch(server.url, event_hooks=tap(tmp_path))
    recording = only(tmp_path)
    assert recording.body == BODY
    assert recording.response.extra == {"undecoded": True}
    assert recording.response.headers["content-encoding"] == coding


def test_the_head_names_the_coding_of_a_body_that_is_recorded_decoded(caller, tmp_path):
    with Server(encoded(PARTS, "gzip")) as server:
        caller.fetch(server.url, event_hooks=tap(tmp_path))
    recording = only(tmp_path)
    assert recording.response.headers["content-encoding"] == "gzip"
    assert recording.response.extra is None


def test_a_redirect_is_a_recording_of_its_own(caller, tmp_path):
    moved = [head(307, {"location": "/there"}, content_length=5), b"moved"]
    with Server(moved, chunked(PARTS)) as server:
        fetched = caller.fetch(f"{server.url}/here", event_hooks=tap(tmp_path), follow_redirects=True)
    assert fetched.chunks == PARTS
    first, second = by_time(tmp_path)
    assert (first.response.status, first.body, first.end.how) == (307, b"moved", Ending.COMPLETE)
    assert second.request.url == f"{server.url}/there"
    assert second.body == BODY


def test_a_body_that_the_transport_had_in_memory_is_recorded(caller, tmp_path):
    library = caller.library
    transport = library.MockTransport(
        lambda request: library.Response(201, headers=STREAM_HEADERS, content=BODY)
    )
    fetched = caller.fetch(
        "http://nowhere.test/", read="bytes", event_hooks=tap(tmp_path), transport=transport
    )
    assert (fetched.status, b"".join(fetched.chunks), fetched.error) == (201, BODY, None)
    recording = only(tmp_path)
    assert (recording.response.status, recording.body, recording.end.how) == (201, BODY, Ending.COMPLETE)


def test_a_body_that_another_hook_has_read_is_recorded(caller, tmp_path):
    reads = {"sync": lambda response: response.read() and None, "async": lambda response: response.aread()}
    hooks = tap(tmp_path)
    hooks["response"].insert(0, reads[caller.mode])
    with Server(encoded(PARTS, "gzip")) as server:
        fetched = caller.fetch(server.url, read="bytes", event_hooks=hooks)
    assert (b"".join(fetched.chunks), fetched.error) == (BODY, None)
    assert (only(tmp_path).body, only(tmp_path).end.how) == (BODY, Ending.COMPLETE)


def test_a_body_that_another_hook_has_discarded_is_a_warning_and_no_recording(caller, tmp_path):
    library = caller.library

    def discard(response):
        for _ in response.iter_raw():
            pass

    async def adiscard(response):
        async for _ in response.aiter_raw():
            pass

    hooks = tap(tmp_path)
    hooks["response"].insert(0, discard if caller.mode == "sync" else adiscard)
    with Server(chunked(PARTS)) as server, pytest.warns(RecordingWarning, match="is not recorded: Resp"):
        fetched = caller.fetch(server.url, event_hooks=hooks)
    assert isinstance(fetched.error, library.StreamConsumed)
    assert list(tmp_path.iterdir()) == []


def test_a_tapped_response_still_has_its_elapsed_time(caller, tmp_path):
    with Server(chunked(PARTS)) as server:
        if caller.mode == "sync":
            with caller.library.Client(event_hooks=tap(tmp_path)) as client:
                assert client.get(server.url).elapsed.total_seconds() > 0
        else:

            async def get():
                async with caller.library.AsyncClient(event_hooks=tap(tmp_path)) as client:
                    assert (await client.get(server.url)).elapsed.total_seconds() > 0

            asyncio.run(get())


class Clock:
    """A clock that a test sets."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_a_read_has_the_time_of_the_clock(caller, tmp_path):
    clock = Clock()
    gate = threading.Semaphore(1)  # the server sends after the clock is set

    def at(seconds):
        def step():
            gate.acquire(timeout=60)
            clock.now = 1000 + seconds

        return step

    script = [at(0.25), head(transfer_encoding="chunked")]
    for number, part in enumerate(PARTS[:3], 1):
        script += [*([at(number)] if number > 1 else []), chunk(part)]
    script += [at(7.5), END]
    with Server(script) as server:
        hooks = Tap(Journal(target_for(tmp_path), interval=0.01), clock=clock)
        caller.fetch(server.url, event_hooks=hooks, on_chunk=gate.release)
    recording = only(tmp_path)
    assert recording.response.t == 0.25
    assert [t for t, _ in recording.chunks()] == [0.25, 2, 3]
    assert recording.end.t == 7.5


def test_a_request_without_a_response_is_recorded_by_on_error(library, tmp_path):
    hooks = tap(tmp_path)
    with Server([CUT]) as server, library.Client(event_hooks=hooks, trust_env=False) as client:
        with pytest.raises(library.RemoteProtocolError) as raised:
            client.post(f"{server.url}/v1/messages", headers={"x-api-key": SECRET}, content=SECRET)
        hooks.on_error(raised.value.request, raised.value)
    recording = only(tmp_path)
    assert (recording.response, recording.end.how) == (None, Ending.CUT)
    assert recording.end.error.startswith("RemoteProtocolError: Server disconnected")
    assert recording.request.body == b"*" * len(SECRET)


@pytest.mark.parametrize("part", ["head_of", "tee_for", "decoder_for"])
def test_a_fault_of_our_own_never_reaches_the_caller(caller, tmp_path, monkeypatch, part, capsys):
    def broken(*_, **__):
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr(tap_module, part, broken)
    with Server(encoded(PARTS, "gzip")) as server:
        bare = caller.fetch(server.url)
        with pytest.warns(RecordingWarning, match="is not recorded: RuntimeError: a fault of our own"):
            tapped = caller.fetch(server.url, event_hooks=tap(tmp_path))
        assert tapped.seen == bare.seen
        again = caller.fetch(server.url, event_hooks=tap(tmp_path))  # warnings are errors here
        assert again.seen == bare.seen
    assert "is not recorded: RuntimeError: a fault of our own" in capsys.readouterr().err


def test_the_hooks_are_the_public_methods_and_raise_nothing_whatever_they_get(tmp_path):
    hooks = tap(tmp_path)
    assert hooks == {"request": [hooks.on_request], "response": [hooks.on_response]}
    for call in (hooks.on_request, hooks.on_response, lambda request: hooks.on_error(request, OSError())):
        with pytest.warns(RecordingWarning, match="is not recorded: AttributeError"):
            call(object())
    assert list(tmp_path.iterdir()) == []


def test_a_request_that_the_request_hook_did_not_see_is_timed_from_its_response(library, tmp_path):
    hooks = tap(tmp_path)
    only_response = {"response": hooks["response"]}
    with Server(chunked(PARTS)) as server, library.Client(event_hooks=only_response) as client:
        client.get(server.url)
    recording = only(tmp_path)
    assert recording.body == BODY
    assert 0 <= recording.response.t < 1


class AlarmError(Exception):
    """What a handler of the caller's raises."""


def test_what_a_signal_handler_raises_in_a_hook_reaches_its_program(tmp_path, monkeypatch):
    hooks = tap(tmp_path / "r.jsonl")

    def interrupt(request, *_):
        signal.raise_signal(signal.SIGUSR1)

    class Handler:
        def handle(self, number, frame):
            raise AlarmError

    old = signal.signal(signal.SIGUSR1, Handler().handle)
    try:
        monkeypatch.setattr(Tap, "_begin", interrupt)
        with pytest.raises(AlarmError):
            hooks.on_response(None)
    finally:
        signal.signal(signal.SIGUSR1, old)


def test_what_our_own_code_raises_in_a_hook_is_a_warning(tmp_path, monkeypatch):
    def fail(*_):
        raise AlarmError

    monkeypatch.setattr(Tap, "_begin", fail)
    with pytest.warns(RecordingWarning, match="not recorded: AlarmError"):
        tap(tmp_path / "r.jsonl").on_response(None)
