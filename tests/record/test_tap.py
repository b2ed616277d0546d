"""A tap changes nothing for the client, and what it records is the whole truth of what came."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time

import anthropic
import pytest
from conftest import ROOT
from loopback import CUT, END, RESET, STALL, STREAM_HEADERS, Server, chunk, chunked, encoded, encoder, head

import inspector
from inspector import Ending, RecordingWarning, load, load_all, tap
from inspector.http_library import sdk_library
from inspector.record import tap as tap_module
from inspector.record import tee as tee_module
from inspector.record.files import Sink, target_for
from inspector.record.journal import Journal
from inspector.record.tap import Tap

PARTS = [b'event: a\ndata: {"n":%d}\n\n' % n for n in range(1, 6)]
BODY = b"".join(PARTS)
SHORT_PATIENCE = (10, 0.2, 10, 10)  # connect, read, write, pool: how a client's timeout spells them


def only(folder):
    """The one recording in a folder."""
    (file,) = folder.glob("*")
    return load(file)


def by_time(folder):
    return [load(file) for file in sorted(folder.glob("*.jsonl"))]


def chunks_of(recording):
    return [data for _, data in recording.chunks()]


def eventually(true, *, seconds=10):
    """Wait until something is true, for a bounded time; say whether it came true."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not true():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.002)
    return True


# Whatever the server does: `script` builds the steps from a function that waits until the client has read so
# many chunks, so that nothing depends on how fast it reads.

CASES = {
    "whole": (lambda read: chunked(PARTS), PARTS, Ending.COMPLETE, None),
    "one byte a chunk": (
        lambda read: chunked([BODY[i : i + 1] for i in range(len(BODY))]),
        [BODY[i : i + 1] for i in range(len(BODY))],
        Ending.COMPLETE,
        None,
    ),
    "crlf": (
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
    "several blocks a chunk": (
        lambda read: chunked([PARTS[0] + PARTS[1], PARTS[2] + PARTS[3] + PARTS[4][:7], PARTS[4][7:]]),
        [PARTS[0] + PARTS[1], PARTS[2] + PARTS[3] + PARTS[4][:7], PARTS[4][7:]],
        Ending.COMPLETE,
        None,
    ),
    "all in one chunk": (lambda read: chunked([BODY]), [BODY], Ending.COMPLETE, None),
    "not utf-8": (
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
    "ended by closing": (lambda read: [head(), BODY, CUT], [BODY], Ending.COMPLETE, None),
    "nothing": (lambda read: chunked([]), [], Ending.COMPLETE, None),
    "no content": (lambda read: [head(204, {}, content_length=0)], [], Ending.COMPLETE, None),
    "an error": (
        lambda read: [head(429, {"content-type": "application/json"}, content_length=2), b"{}"],
        [b"{}"],
        Ending.COMPLETE,
        None,
    ),
    "a page": (
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
def test_the_caller_sees_what_it_sees_without_a_tap_and_all_of_it_is_recorded(caller, tmp_path, name):
    script, parts, how, words = CASES[name]
    seen = []
    for hooks in (None, tap(tmp_path)):
        count = itertools.count(1)
        read = threading.Semaphore(0)

        def has_read(chunks, read=read):
            return lambda: [read.acquire(timeout=10) for _ in range(chunks)]

        with Server(script(has_read)) as server:
            fetched = caller.fetch(
                server.url,
                event_hooks=hooks,
                on_chunk=lambda read=read, count=count: (next(count), read.release()),
                timeout=SHORT_PATIENCE if name == "silence" else 10,
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
    assert re.match(re.escape(words or ""), recording.end.error or "")
    assert bool(words) == bool(recording.end.error)
    if b"chunked" in script(has_read)[0]:
        assert tapped.chunks == bare.chunks
        assert chunks_of(recording) == parts
    else:  # how the network cut it is not the server's to say
        assert chunks_of(recording) == tapped.chunks
    times = [t for t, _ in recording.chunks()]
    assert times == sorted(set(times))
    assert all(recording.response.t <= t < recording.end.t for t in times)


def test_a_recording_tells_what_was_asked_and_what_answered(caller, tmp_path):
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
def test_a_coding_that_nobody_knows_is_recorded_as_it_came_and_the_head_says_so(caller, tmp_path, coding):
    with Server(chunked(PARTS, content_encoding=coding)) as server:
        caller.fetch(server.url, event_hooks=tap(tmp_path))
    recording = only(tmp_path)
    assert recording.body == BODY
    assert recording.response.extra == {"undecoded": True}
    assert recording.response.headers["content-encoding"] == coding


def test_a_coding_that_is_undone_is_still_told(caller, tmp_path):
    with Server(encoded(PARTS, "gzip")) as server:
        caller.fetch(server.url, event_hooks=tap(tmp_path))
    recording = only(tmp_path)
    assert recording.response.headers["content-encoding"] == "gzip"
    assert recording.response.extra is None


@pytest.mark.parametrize("broken_from", [0, 2])
def test_a_body_that_stops_decoding_ends_there_with_words_and_the_client_gets_its_own_error(
    caller, tmp_path, broken_from
):
    feed, _ = encoder("gzip")
    good = [feed(part) for part in PARTS[:broken_from]]
    script = chunked([*good, b"\xff not gzip at all \xff", b"more"], content_encoding="gzip")
    with Server(script) as server:
        bare = caller.fetch(server.url, read="bytes")
        tapped = caller.fetch(server.url, read="bytes", event_hooks=tap(tmp_path))
    assert isinstance(tapped.error, caller.library.DecodingError)
    assert tapped.seen == bare.seen
    recording = only(tmp_path)
    assert chunks_of(recording) == PARTS[:broken_from]
    assert recording.end.how is Ending.ABANDONED
    assert recording.end.error.startswith("the body stops decoding here: ")


def test_a_redirect_is_a_recording_of_its_own(caller, tmp_path):
    moved = [head(307, {"location": "/there"}, content_length=5), b"moved"]
    with Server(moved, chunked(PARTS)) as server:
        fetched = caller.fetch(f"{server.url}/here", event_hooks=tap(tmp_path), follow_redirects=True)
    assert fetched.chunks == PARTS
    first, second = by_time(tmp_path)
    assert (first.response.status, first.body, first.end.how) == (307, b"moved", Ending.COMPLETE)
    assert second.request.url == f"{server.url}/there"
    assert second.body == BODY


def test_responses_that_a_transport_had_ready_are_recorded_too(caller, tmp_path):
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


def test_a_body_that_another_hook_has_read_is_recorded_too(caller, tmp_path):
    reads = {"sync": lambda response: response.read() and None, "async": lambda response: response.aread()}
    hooks = tap(tmp_path)
    hooks["response"].insert(0, reads[caller.mode])
    with Server(encoded(PARTS, "gzip")) as server:
        fetched = caller.fetch(server.url, read="bytes", event_hooks=hooks)
    assert (b"".join(fetched.chunks), fetched.error) == (BODY, None)
    assert (only(tmp_path).body, only(tmp_path).end.how) == (BODY, Ending.COMPLETE)


def test_a_body_that_another_hook_has_thrown_away_is_no_recording_but_a_warning(caller, tmp_path):
    library = caller.library

    def throw_away(response):
        for _ in response.iter_raw():
            pass

    async def athrow_away(response):
        async for _ in response.aiter_raw():
            pass

    hooks = tap(tmp_path)
    hooks["response"].insert(0, throw_away if caller.mode == "sync" else athrow_away)
    with Server(chunked(PARTS)) as server, pytest.warns(RecordingWarning, match="is not recorded: Resp"):
        fetched = caller.fetch(server.url, event_hooks=hooks)
    assert isinstance(fetched.error, library.StreamConsumed)
    assert list(tmp_path.iterdir()) == []


def test_the_elapsed_time_of_a_response_is_still_there(caller, tmp_path):
    with Server(chunked(PARTS)) as server:
        if caller.mode == "sync":
            with caller.library.Client(event_hooks=tap(tmp_path)) as client:
                assert client.get(server.url).elapsed.total_seconds() > 0
        else:

            async def get():
                async with caller.library.AsyncClient(event_hooks=tap(tmp_path)) as client:
                    assert (await client.get(server.url)).elapsed.total_seconds() > 0

            asyncio.run(get())


# Time


class Clock:
    """Says what it is told to; the recording must say the same."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_times_are_what_the_clock_said_at_the_read(caller, tmp_path):
    clock = Clock()
    gate = threading.Semaphore(1)  # the server sends when the clock stands right

    def at(seconds):
        def step():
            gate.acquire(timeout=10)
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


def test_a_clock_that_stands_still_or_goes_back_still_keeps_reads_apart(caller, tmp_path):
    times = itertools.chain([5.0, 5.5, 5.5, 5.5, 5.2], itertools.repeat(5.5))
    with Server(chunked(PARTS[:3])) as server:
        hooks = Tap(Journal(target_for(tmp_path), interval=0.01), clock=lambda: next(times))
        caller.fetch(server.url, event_hooks=hooks)
    recording = only(tmp_path)
    assert list(recording.chunks()) == [(0.5, PARTS[0]), (0.500001, PARTS[1]), (0.500002, PARTS[2])]
    assert recording.end.t == 0.500003


# On disk


@pytest.mark.parametrize("place", ["folder", "folder/", "file.jsonl"])
def test_what_arrived_is_on_disk_while_the_server_still_thinks(caller, tmp_path, place):
    folder = tmp_path / "folder" if place != "file.jsonl" else tmp_path
    came = []

    def is_on_disk(part):
        data = part.split(b"data: ")[1].strip()
        written = lambda: any(data in file.read_bytes() for file in folder.glob("*"))  # noqa: E731
        return lambda: came.append(eventually(written))

    script = [head(transfer_encoding="chunked")]
    for part in PARTS[:3]:
        script += [chunk(part), is_on_disk(part)]
    with Server([*script, END]) as server:
        caller.fetch(server.url, event_hooks=tap(f"{tmp_path}/{place}"))
    assert came == [True, True, True]


def test_the_file_is_whole_before_the_reader_goes_on_after_the_end(tmp_path):
    hooks = Tap(Journal(target_for(tmp_path / "r.jsonl"), interval=30))  # nobody else will write it in time
    library = sdk_library()
    with Server(chunked(PARTS)) as server, library.Client(event_hooks=hooks) as client:
        for number in (1, 2):
            with client.stream("GET", server.url) as response:
                for _ in response.iter_raw():
                    pass
                recordings = load_all(tmp_path / "r.jsonl")
            assert [r.end.how for r in recordings] == [Ending.COMPLETE] * number
            assert recordings[-1].body == BODY


def test_a_folder_is_made_and_gets_a_file_for_each_response(caller, tmp_path):
    with Server(chunked(PARTS)) as server:
        hooks = tap(tmp_path / "deep" / "down")
        for _ in range(3):
            caller.fetch(server.url, event_hooks=hooks)
    files = sorted((tmp_path / "deep" / "down").iterdir())
    assert len(files) == 3
    for file in files:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-\d{6}(-\d+)?\.jsonl", file.name)
        assert load(file).body == BODY


def test_responses_of_one_moment_get_names_of_their_own(tmp_path):
    target = target_for(tmp_path)
    sinks = [target.open("2026-11-21_02-00-00-000000") for _ in range(3)]
    assert sorted(sink.path.name for sink in sinks) == [
        "2026-11-21_02-00-00-000000-2.jsonl",
        "2026-11-21_02-00-00-000000-3.jsonl",
        "2026-11-21_02-00-00-000000.jsonl",
    ]
    for sink in sinks:
        sink.finish()


def test_a_file_is_appended_to_also_after_a_writer_that_died(caller, tmp_path):
    file = tmp_path / "session.jsonl"
    hello = (ROOT / "recordings" / "broken" / "torn.jsonl").read_bytes()
    file.write_bytes(hello)
    with Server(chunked(PARTS)) as server:
        caller.fetch(server.url, event_hooks=tap(file))
    with pytest.warns(RecordingWarning, match="torn"):
        first, second = load_all(file)
    assert first.end is None
    assert (second.body, second.end.how) == (BODY, Ending.COMPLETE)
    assert file.read_bytes().startswith(hello + b'\n{"recording":1,')


def overlapping(count):
    """Scripts of responses that are all under way at once, and what they hold."""
    everybody = threading.Barrier(count)
    bodies, scripts = [], []
    for who in range(count):
        parts = [b'event: a\ndata: {"who":%d,"n":%d}\n\n' % (who, n) for n in range(20)]
        script = chunked(parts)
        script[5:5] = script[12:12] = [lambda: everybody.wait(10)]
        scripts.append(script)
        bodies.append(b"".join(parts))
    return scripts, bodies


def fetch_together(caller, urls_and_hooks):
    if caller.mode == "sync":
        threads = [
            threading.Thread(target=caller.fetch, args=(url,), kwargs={"event_hooks": hooks})
            for url, hooks in urls_and_hooks
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    else:

        async def fetch(url, hooks):
            async with caller.library.AsyncClient(event_hooks=hooks, trust_env=False) as client:
                await client.post(url)

        async def all_of_them():
            await asyncio.gather(*(fetch(url, hooks) for url, hooks in urls_and_hooks))

        asyncio.run(all_of_them())


@pytest.mark.parametrize("place", ["", "session.jsonl"])
def test_responses_at_the_same_time_are_never_mixed(caller, tmp_path, place):
    scripts, bodies = overlapping(8)
    with Server(*scripts) as server:
        hooks = tap(tmp_path / place)
        fetch_together(caller, [(server.url, hooks)] * 8)
    recordings = [r for file in tmp_path.iterdir() for r in load_all(file)]
    assert sorted(r.body for r in recordings) == sorted(bodies)
    assert {r.end.how for r in recordings} == {Ending.COMPLETE}
    assert len(list(tmp_path.iterdir())) == (1 if place else 8)


def test_two_taps_on_one_file_do_not_mix_their_responses(caller, tmp_path):
    scripts, bodies = overlapping(4)
    file = tmp_path / "session.jsonl"
    with Server(*scripts) as server:
        fetch_together(caller, [(server.url, tap(path)) for path in [file, str(file)] * 2])
    assert sorted(r.body for r in load_all(file)) == sorted(bodies)
    assert list(tmp_path.iterdir()) == [file]


def test_a_part_that_a_killed_process_left_is_gathered_and_not_in_the_way(tmp_path):
    target = target_for(tmp_path / "s.jsonl")
    left = tmp_path / f".s.jsonl.{os.getpid()}-1.part"
    left.write_bytes(b"of old\n")
    sinks = [target.open("one"), target.open("two")]
    for sink, line in zip(sinks, [b"1\n", b"2\n"], strict=True):
        sink.write(line)
        sink.finish()
    assert (tmp_path / "s.jsonl").read_bytes() == b"1\nof old\n2\n"
    assert [file.name for file in tmp_path.iterdir()] == ["s.jsonl"]


def test_a_file_that_was_moved_away_before_it_was_claimed_is_not_written_to(tmp_path):
    sink = Sink(tmp_path / "part", os.O_CREAT)
    (tmp_path / "part").unlink()
    assert not sink.try_lock()
    sink.finish()


def test_a_file_is_free_when_its_recording_is_done_also_if_a_forked_child_has_it_open(tmp_path):
    target = target_for(tmp_path / "s.jsonl")
    sink = target.open("one")
    of_the_child = os.dup(sink._file)
    sink.finish()
    sink = target.open("two")
    assert sink.path == tmp_path / "s.jsonl"
    sink.finish()
    os.close(of_the_child)


def test_on_a_file_system_without_locks_recordings_are_still_written(caller, tmp_path, monkeypatch):
    def no_locks(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with Server(chunked(PARTS)) as server:
        caller.fetch(server.url, event_hooks=tap(tmp_path / "r.jsonl"))
    assert load(tmp_path / "r.jsonl").body == BODY


# The reader stops early


def leave_by_break(client, url):
    with client.stream("GET", url) as response:
        for data in response.iter_raw():  # noqa: B007
            break
    return data


def leave_by_close(client, url):
    response = client.send(client.build_request("GET", url), stream=True)
    chunks = response.iter_raw()
    data = next(chunks)
    response.close()
    return data


def leave_by_forgetting(client, url):
    response = client.send(client.build_request("GET", url), stream=True)
    data = next(response.iter_raw())
    del response
    gc.collect()
    return data


def leave_by_forgetting_in_a_cycle(client, url):
    response = client.send(client.build_request("GET", url), stream=True)
    chunks = response.iter_raw()
    data = next(chunks)
    knot = [response, chunks]
    knot.append(knot)
    del response, chunks, knot
    gc.collect()
    return data


def leave_by_raising(client, url):
    with pytest.raises(ZeroDivisionError), client.stream("GET", url) as response:
        for data in response.iter_raw():  # noqa: B007
            raise ZeroDivisionError
    return data


async def aleave_by_break(client, url):
    async with client.stream("GET", url) as response:
        async for data in response.aiter_raw():  # noqa: B007
            break
    return data


async def aleave_by_close(client, url):
    response = await client.send(client.build_request("GET", url), stream=True)
    chunks = response.aiter_raw()
    data = await anext(chunks)
    await response.aclose()
    await chunks.aclose()
    return data


async def aleave_by_cancelling(client, url):
    got = asyncio.Queue()

    async def read():
        async with client.stream("GET", url) as response:
            async for data in response.aiter_raw():
                got.put_nowait(data)

    task = asyncio.create_task(read())
    data = await got.get()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return data


async def aleave_by_a_timeout_around_it(client, url):
    async with client.stream("GET", url) as response:
        chunks = response.aiter_raw()
        data = await anext(chunks)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(chunks), 0.01)
        await chunks.aclose()
    return data


async def aleave_by_raising(client, url):
    with pytest.raises(ZeroDivisionError):
        async with client.stream("GET", url) as response:
            async for data in response.aiter_raw():  # noqa: B007
                raise ZeroDivisionError
    return data


LEAVING = [value for name, value in globals().items() if name.startswith("leave_by")]
ALEAVING = [value for name, value in globals().items() if name.startswith("aleave_by")]


@pytest.mark.parametrize("leave", [*LEAVING, *ALEAVING], ids=lambda f: f.__name__)
@pytest.mark.parametrize("tapped", [False, True], ids=["bare", "tapped"])
def test_a_reader_that_leaves_closes_the_connection_and_is_recorded_as_gone(library, tmp_path, leave, tapped):
    options = {"trust_env": False, "timeout": 10, "event_hooks": tap(tmp_path) if tapped else None}
    with Server([*chunked(PARTS[:1])[:-1], STALL]) as server:
        if leave in LEAVING:
            with library.Client(**options) as client:
                assert leave(client, server.url) == PARTS[0]
                assert server.left.wait(10)
        else:

            async def run():
                async with library.AsyncClient(**options) as client:
                    assert await leave(client, server.url) == PARTS[0]
                    assert await asyncio.to_thread(server.left.wait, 10)

            asyncio.run(run())
    if tapped:
        recording = only(tmp_path)
        assert (recording.end.how, recording.end.error) == (Ending.ABANDONED, None)
        assert chunks_of(recording) == PARTS[:1]


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt()], ids=repr)
def test_a_reader_that_is_interrupted_while_it_waits_is_gone_and_not_reset(library, tmp_path, error):
    class Interrupted(library.SyncByteStream):
        def __iter__(self):
            yield PARTS[0]
            raise error

    transport = library.MockTransport(lambda request: library.Response(200, stream=Interrupted()))
    client = library.Client(transport=transport, event_hooks=tap(tmp_path))
    with client, pytest.raises(type(error)):
        client.get("http://nowhere.test/")
    assert only(tmp_path).end[1:3] == (Ending.ABANDONED, None)


def test_closing_what_reads_a_stream_closes_what_is_under_it_at_once(library, tmp_path):
    closed = []

    class Inner(library.AsyncByteStream):
        async def __aiter__(self):
            try:
                yield PARTS[0]
            finally:
                closed.append(True)

    async def run():
        transport = library.MockTransport(lambda request: library.Response(200, stream=Inner()))
        async with (
            library.AsyncClient(transport=transport, event_hooks=tap(tmp_path)) as client,
            client.stream("GET", "http://nowhere.test/") as response,
        ):
            chunks = aiter(tee_module._tees(library)[1](Inner(), Quiet(), lambda: 0.0, drain=False))
            assert await anext(chunks) == PARTS[0]
            await chunks.aclose()
            assert closed == [True]
            await response.aread()

    asyncio.run(run())


class Quiet:
    """A track that nobody keeps."""

    def note(self, t, chunk): ...

    def finish(self, t, how, error=None): ...


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_tap_that_drains_reads_what_its_reader_leaves_unless_that_is_in_a_hurry(
    library, tmp_path, interrupted
):
    hooks = Tap(Journal(target_for(tmp_path), interval=0.01), drain=True)
    client = library.Client(event_hooks=hooks)
    with (
        Server(chunked(PARTS)) as server,
        client,
        contextlib.suppress(KeyboardInterrupt),
        client.stream("GET", server.url) as response,
    ):
        chunks = response.iter_raw()
        assert next(chunks) == PARTS[0]
        if interrupted:
            raise KeyboardInterrupt
    recording = only(tmp_path)
    if interrupted:
        assert (chunks_of(recording), recording.end.how) == (PARTS[:1], Ending.ABANDONED)
    else:
        assert (chunks_of(recording), recording.end.how) == (PARTS, Ending.COMPLETE)


def test_a_tap_that_drains_tells_how_the_rest_ended_and_the_reader_nothing(library, tmp_path):
    hooks = Tap(Journal(target_for(tmp_path), interval=0.01), drain=True)
    client = library.Client(event_hooks=hooks)
    with Server([*chunked(PARTS)[:-1], CUT]) as server, client, client.stream("GET", server.url) as response:
        next(response.iter_raw())
    assert (chunks_of(only(tmp_path)), only(tmp_path).end.how) == (PARTS, Ending.CUT)


def test_a_request_that_got_no_response_is_recorded_by_whoever_tells(library, tmp_path):
    hooks = tap(tmp_path)
    with Server([CUT]) as server, library.Client(event_hooks=hooks, trust_env=False) as client:
        with pytest.raises(library.RemoteProtocolError) as raised:
            client.post(f"{server.url}/v1/messages", headers={"x-api-key": OTHER}, content=OTHER)
        hooks.on_error(raised.value.request, raised.value)
    recording = only(tmp_path)
    assert (recording.response, recording.end.how) == (None, Ending.CUT)
    assert recording.end.error.startswith("RemoteProtocolError: Server disconnected")
    assert recording.request.body == b"*" * len(OTHER)


def test_a_response_that_nobody_read_is_recorded_when_it_is_closed(library, tmp_path):
    client = library.Client(event_hooks=tap(tmp_path), trust_env=False)
    with Server([*chunked(PARTS[:1])[:-1], STALL]) as server, client:
        with client.stream("GET", server.url):
            pass
        assert server.left.wait(10)
    recording = only(tmp_path)
    assert (recording.body, recording.end.how) == (b"", Ending.ABANDONED)


# Where it cannot write


def under_a_file(tmp_path):
    (tmp_path / "file").write_text("in the way")
    return tmp_path / "file" / "folder"


def a_link_to_nowhere(tmp_path):
    (tmp_path / "r.jsonl").symlink_to(tmp_path / "none" / "r.jsonl")
    return tmp_path / "r.jsonl"


@pytest.mark.parametrize("place", [under_a_file, a_link_to_nowhere, lambda tmp_path: "/dev/full"])
def test_a_tap_that_cannot_write_says_so_once_and_loudly_and_the_stream_goes_on(caller, tmp_path, place):
    path = place(tmp_path)
    hooks = tap(path)
    with Server(chunked(PARTS)) as server:
        bare = caller.fetch(server.url)
        with pytest.warns(RecordingWarning) as warned:
            tapped = caller.fetch(server.url, event_hooks=hooks)
    assert tapped.seen == bare.seen
    (message,) = [str(warning.message) for warning in warned]
    assert re.fullmatch(f"recording stopped: {path}.*: .+; the stream itself goes on", message)
    assert hooks.failure in message


def test_where_warnings_are_errors_a_tap_that_cannot_write_tells_stderr_and_not_the_caller(
    caller, tmp_path, capsys
):
    with Server(chunked(PARTS)) as server:
        bare = caller.fetch(server.url)
        tapped = caller.fetch(server.url, event_hooks=tap("/dev/full"))
    assert tapped.seen == bare.seen
    assert "inspector: recording stopped: /dev/full: No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("part", ["_request_of", "_response_of", "tee_for", "decoder_for"])
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


def test_a_fault_of_our_own_is_no_reason_for_the_sdk_to_ask_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(tap_module, "_timestamp", None)
    with Server(chunked(HELLO)) as server, pytest.warns(RecordingWarning, match="TypeError"):
        assert sdk_texts("sync", server.url, tap(tmp_path), max_retries=2)
    assert len(server.requests) == 1


def test_an_observer_that_fails_stops_the_recording_and_not_the_stream(caller, tmp_path):
    hooks = Tap(Journal(target_for(tmp_path), observer=lambda value: 1 / 0, interval=0.01))
    warns = pytest.warns(RecordingWarning, match="recording stopped: ZeroDivisionError")
    with Server(chunked(PARTS)) as server, warns:
        fetched = caller.fetch(server.url, event_hooks=hooks)
    assert (fetched.chunks, fetched.error) == (PARTS, None)


def test_when_recording_has_stopped_nothing_is_kept_in_memory(library):
    hooks = Tap(Journal(None, observer=lambda value: 1 / 0, interval=0.01))
    stopped = [lambda: eventually(lambda: hooks.failure)]
    script = chunked(PARTS)
    script[2:2] = stopped
    warns = pytest.warns(RecordingWarning, match="ZeroDivisionError")
    client = library.Client(event_hooks=hooks)
    with Server(script) as server, client, warns, client.stream("GET", server.url) as response:
        for _ in response.iter_raw():
            pass
        assert not response.stream._track._unwritten


def test_a_reader_too_far_ahead_of_the_disk_goes_on_without_its_recording(library, tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.record.track._PENDING_LIMIT", 3)
    warns = pytest.warns(RecordingWarning, match="the disk is too slow")
    with Server(chunked(PARTS)) as server, library.Client(event_hooks=tap(tmp_path)) as client, warns:
        assert client.get(server.url).content == BODY


def test_garbage_collected_in_the_middle_of_our_own_work_does_not_lock_it_up(library, tmp_path):
    hooks = tap(tmp_path)
    journal = hooks._journal
    done = threading.Event()

    def collect(chunks):
        with journal._lock:  # as if the collector ran in here
            chunks.pop().close()
        done.set()

    with Server([*chunked(PARTS[:1])[:-1], STALL]) as server, library.Client(event_hooks=hooks) as client:
        response = client.send(client.build_request("GET", server.url), stream=True)
        chunks = response.iter_raw()
        next(chunks)
        threading.Thread(target=collect, args=([chunks],), daemon=True).start()
        assert done.wait(10)
        response.close()
    assert only(tmp_path).end.how is Ending.ABANDONED


# Secrets

KEY = "sk-ant-api03-" + "Abc123_-" * 5
OTHER = "hush-hush-0123456789"


@pytest.mark.parametrize(
    "where",
    [
        {"headers": {"authorization": f"Bearer {KEY}"}},
        {"headers": {"authorization": f"Bearer {OTHER}"}},
        {"headers": {"x-api-key": OTHER}},
        {"headers": {"api-key": OTHER}},
        {"headers": {"cookie": f"session={OTHER}; a=b"}},
        {"headers": {"x-my-own-header": OTHER}},
        {"headers": {"x-api-key": OTHER}, "content": json.dumps({"prompt": f"my key is {OTHER}!"}).encode()},
        {"content": json.dumps({"prompt": f"my key is {KEY}!"}).encode()},
        {"query": f"?api_key={OTHER}&beta=true"},
        {"query": f"?beta=true&k={KEY}"},
        {"user": f"me:{OTHER}@"},
        {"answer": {"set-cookie": f"session={OTHER}; Path=/"}},
        {"answer": {"x-echo": KEY}},
        {"answer": {"via": KEY}},
        {"answer": {"location": f"/there?token={OTHER}"}},
        {"body": KEY},
        {"headers": {"x-api-key": OTHER}, "body": OTHER},
        {"answer": {"set-cookie": f"session={OTHER}; Path=/"}, "body": OTHER},
    ],
    ids=lambda where: "+".join(where),
)
def test_no_secret_is_in_any_file_and_the_caller_has_its_own(caller, tmp_path, where):
    body = b'event: a\ndata: {"text":"%b"}\n\n' % where.get("body", "").encode()
    with Server(chunked([body], **where.get("answer", {}))) as server:
        url = f"http://{where.get('user', '')}{server.url[7:]}/v1/messages{where.get('query', '')}"
        request = {name: where[name] for name in ("headers", "content") if name in where}
        fetched = caller.fetch(url, event_hooks=tap(tmp_path), **request)
    assert fetched.chunks == [body]
    ((_, headers, content),) = server.requests
    for name, value in where.get("headers", {}).items():
        assert headers[name] == value
    assert content == where.get("content", b"{}")
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert OTHER.encode() not in written
    assert KEY[13:].encode() not in written
    assert len(only(tmp_path).body) == len(body)


# The SDK

HELLO = [data for _, data in load(ROOT / "recordings" / "hello.jsonl").chunks()]
MESSAGE = {"model": "claude-haiku-4-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}]}


def sdk_events(mode, url, hooks=None, **options):
    """What `create(stream=True)` gives, as a list of dicts."""
    options = {"api_key": OTHER, "base_url": url, "max_retries": 0, **options}
    if mode == "sync":
        with anthropic.DefaultHttpxClient(event_hooks=hooks) as http:
            client = anthropic.Anthropic(http_client=http, **options)
            return [event.to_dict() for event in client.messages.create(**MESSAGE, stream=True)]

    async def read():
        async with anthropic.DefaultAsyncHttpxClient(event_hooks=hooks) as http:
            client = anthropic.AsyncAnthropic(http_client=http, **options)
            return [event.to_dict() async for event in await client.messages.create(**MESSAGE, stream=True)]

    return asyncio.run(read())


def sdk_texts(mode, url, hooks=None, **options):
    events = sdk_events(mode, url, hooks, **options)
    return [event["delta"]["text"] for event in events if event["type"] == "content_block_delta"]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_the_sdk_is_tapped_by_the_same_call_and_asks_byte_for_byte_the_same(mode, tmp_path):
    with Server(chunked(HELLO)) as server:
        bare = sdk_events(mode, server.url)
        tapped = sdk_events(mode, server.url, tap(tmp_path))
    assert tapped == bare
    one, other = server.requests
    assert list(one[1].items()) == list(other[1].items())
    assert (one[0], one[2]) == (other[0], other[2])
    assert OTHER in str(one[1])
    recording = only(tmp_path)
    assert chunks_of(recording) == HELLO
    assert recording.request.body == one[2]
    assert {"authorization", "x-api-key"} & set(recording.request.withheld)
    assert "ping" in [event.name for event in recording.events()]  # which the SDK hides


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_every_attempt_of_a_retried_request_is_a_recording(mode, tmp_path):
    busy = [head(429, {"content-type": "application/json", "retry-after-ms": "1"}, content_length=2), b"{}"]
    with Server(busy, chunked(HELLO)) as server:
        assert sdk_texts(mode, server.url, tap(tmp_path), max_retries=2)
    first, second = by_time(tmp_path)
    assert (first.response.status, second.response.status) == (429, 200)
    assert [r.request.headers["x-stainless-retry-count"] for r in (first, second)] == ["0", "1"]
    assert first.end.how in (Ending.ABANDONED, Ending.COMPLETE)  # the SDK does not read what it tries again
    assert (second.body, second.end.how) == (b"".join(HELLO), Ending.COMPLETE)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_the_body_of_an_error_that_the_sdk_raises_is_recorded(mode, tmp_path):
    body = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    busy = [head(529, {"content-type": "application/json"}, content_length=len(body)), body]
    with Server(busy) as server, pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        sdk_texts(mode, server.url, tap(tmp_path))
    assert (only(tmp_path).body, only(tmp_path).end.how) == (body, Ending.COMPLETE)


@pytest.mark.parametrize(
    "mode, leave",
    [*[("sync", how) for how in ("break", "close", "with", "forget")]]
    + [("async", how) for how in ("break", "with", "cancel")],
)
def test_leaving_a_stream_of_the_sdk_early_is_recorded_as_such(mode, tmp_path, leave):
    script = [*chunked(HELLO[:3])[:-1], STALL]

    def run(server):
        with anthropic.DefaultHttpxClient(event_hooks=tap(tmp_path)) as http:
            client = anthropic.Anthropic(api_key=OTHER, base_url=server.url, http_client=http)
            stream = client.messages.create(**MESSAGE, stream=True)
            if leave == "with":
                with stream:
                    assert next(stream).type == "message_start"
            else:
                for event in stream:
                    assert event.type == "message_start"
                    break
                if leave == "close":
                    stream.close()
                del stream
                gc.collect()
            assert server.left.wait(10)

    async def arun(server):
        http = anthropic.DefaultAsyncHttpxClient(event_hooks=tap(tmp_path))
        client = anthropic.AsyncAnthropic(api_key=OTHER, base_url=server.url, http_client=http)
        async with client:
            started = asyncio.Event()

            async def read():
                async with await client.messages.create(**MESSAGE, stream=True) as stream:
                    async for event in stream:
                        assert event.type == "message_start"
                        started.set()
                        if leave != "cancel":
                            break
                        await asyncio.sleep(3600)

            task = asyncio.create_task(read())
            await started.wait()
            if leave == "cancel":
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await asyncio.wait([task])
            assert await asyncio.to_thread(server.left.wait, 10)

    with Server(script) as server:
        run(server) if mode == "sync" else asyncio.run(arun(server))
    recording = only(tmp_path)
    assert recording.end.how is Ending.ABANDONED
    assert HELLO[0] in recording.body


# Processes


def python(code, *arguments, **options):
    return subprocess.Popen(
        [
            sys.executable,
            "-W",
            "error",
            "-W",
            "ignore:unclosed:ResourceWarning",
            "-c",
            textwrap.dedent(code),
            *map(str, arguments),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_a_process_that_is_killed_leaves_every_line_that_it_wrote(library, tmp_path):
    file = tmp_path / "r.jsonl"
    started = []

    def kill():
        assert eventually(lambda: file.exists() and b'"n":2' in file.read_bytes())
        os.kill(started[0].pid, signal.SIGKILL)

    script = [*chunked(PARTS[:2])[:-1], kill, chunk(PARTS[2]), STALL]
    code = f"""
        import sys, {library.__name__} as library, inspector
        with library.Client(event_hooks=inspector.tap(sys.argv[1]), timeout=30) as client:
            client.get(sys.argv[2])
    """
    with Server(script) as server:
        process = python(code, file, server.url)
        started.append(process)
        process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    recording = load(file)
    assert recording.end is None
    assert not recording.torn
    assert recording.body[: len(PARTS[0] * 2)] == PARTS[0] + PARTS[1]


def test_a_file_that_another_process_is_writing_to_is_not_written_in_between(library, tmp_path):
    file = tmp_path / "session.jsonl"
    recorded = threading.Event()
    code = f"""
        import sys, {library.__name__} as library, inspector
        with library.Client(event_hooks=inspector.tap(sys.argv[1]), timeout=30) as client:
            client.get(sys.argv[2])
    """

    def record_one_here():
        assert eventually(lambda: file.exists() and b'"n":2' in file.read_bytes())
        with (
            Server(chunked([b"of this process\n\n"])) as own,
            library.Client(event_hooks=tap(file)) as client,
        ):
            client.get(own.url)
        recorded.set()

    script = chunked(PARTS)
    script[3:3] = [record_one_here]
    with Server(script) as server:
        process = python(code, file, server.url)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err, recorded.is_set()) == (0, "", True)
    assert [(r.body, r.end.how) for r in load_all(file)] == [
        (BODY, Ending.COMPLETE),
        (b"of this process\n\n", Ending.COMPLETE),
    ]
    assert list(tmp_path.iterdir()) == [file]


def test_many_taps_leave_nothing_behind_that_keeps_a_process_from_ending(library, tmp_path):
    code = f"""
        import sys, time, {library.__name__} as library, inspector
        open_ones = []
        for number in range(10):
            hooks = inspector.tap(f"{{sys.argv[1]}}/{{number}}.jsonl")
            client = library.Client(event_hooks=hooks, trust_env=False)
            client.get(sys.argv[2])
            response = client.send(client.build_request("GET", sys.argv[3]), stream=True)
            chunks = response.iter_raw()
            next(chunks)
            open_ones.append((client, response, chunks))
        print(time.monotonic())
    """
    with Server(chunked(PARTS)) as whole, Server([*chunked(PARTS[:1])[:-1], STALL]) as stalled:
        process = python(code, tmp_path, whole.url, stalled.url)
        out, err = process.communicate(timeout=60)
        ended = time.monotonic()
    assert (process.returncode, err) == (0, "")
    assert ended - float(out) < 3
    for number in range(10):
        first, second = load_all(tmp_path / f"{number}.jsonl")
        assert (first.body, first.end.how) == (BODY, Ending.COMPLETE)
        assert second.body == PARTS[0]


def test_a_fork_in_the_middle_of_a_stream_neither_writes_it_twice_nor_stops_it(library, tmp_path):
    code = f"""
        import os, sys, warnings, {library.__name__} as library, inspector
        from inspector.record.files import Sink, target_for
        from inspector.record.journal import Journal
        from inspector.record.tap import Tap
        warnings.simplefilter("default", DeprecationWarning)  # of forking with threads, in later Pythons
        hooks = Tap(Journal(target_for(sys.argv[1]), interval=30))
        client = library.Client(event_hooks=hooks, trust_env=False)
        with client.stream("GET", sys.argv[2]) as response:
            chunks = response.iter_raw()
            next(chunks)
            hooks.flush()
            next(chunks)  # noted, not written
            if not (child := os.fork()):
                with library.Client(event_hooks=hooks, trust_env=False) as own:
                    own.get(sys.argv[3])
                sys.exit()  # and all that happens at an exit
            os.waitpid(child, 0)
            for _ in chunks:
                pass
    """
    with Server(chunked(PARTS)) as server, Server(chunked([b"of the child\n\n"])) as child:
        process = python(code, tmp_path, server.url, child.url)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    parents, childs = by_time(tmp_path)
    assert chunks_of(parents) == PARTS
    assert (parents.end.how, childs.end.how) == (Ending.COMPLETE, Ending.COMPLETE)
    assert childs.body == b"of the child\n\n"


def test_the_thread_of_a_tap_that_has_nothing_to_do_goes_away(library, tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.record.journal._IDLE_TIMEOUT", 0.01)
    hooks = tap(tmp_path)
    with Server(chunked(PARTS)) as server, library.Client(event_hooks=hooks) as client:
        for _ in range(2):  # and comes back
            client.get(server.url)
            assert eventually(lambda: hooks._journal._thread is None)
    assert [r.end.how for r in by_time(tmp_path)] == [Ending.COMPLETE] * 2


def test_a_response_that_is_dropped_unread_has_an_end(caller, tmp_path):
    if caller.mode != "sync":
        pytest.skip("an async client closes what it sent")
    with Server(chunked([b"event: a\ndata: {}\n\n"])) as server:
        hooks = tap(tmp_path)
        client = caller.library.Client(event_hooks=hooks, trust_env=False)
        response = client.send(client.build_request("POST", server.url), stream=True)
        tee = response.stream
        response.stream = None
        del tee
        gc.collect()
        hooks.flush()
        client.close()
    (file,) = tmp_path.iterdir()
    assert load(file).end.how is Ending.ABANDONED
