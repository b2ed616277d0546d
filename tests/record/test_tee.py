"""A tee notes how the body ended for its reader, and a reader that stops early stops the stream."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import threading

import pytest
from loopback import CUT, STALL, Server, chunked
from recorded import PARTS, chunks_of, only

from inspector import Ending, tap
from inspector.record import tee as tee_module
from inspector.record.files import target_for
from inspector.record.journal import Journal
from inspector.record.tap import Tap


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


def leave_by_dropping(client, url):
    response = client.send(client.build_request("GET", url), stream=True)
    data = next(response.iter_raw())
    del response
    gc.collect()
    return data


def leave_by_dropping_a_cycle(client, url):
    response = client.send(client.build_request("GET", url), stream=True)
    chunks = response.iter_raw()
    data = next(chunks)
    cycle = [response, chunks]
    cycle.append(cycle)
    del response, chunks, cycle
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
    chunks = asyncio.Queue()

    async def read():
        async with client.stream("GET", url) as response:
            async for data in response.aiter_raw():
                chunks.put_nowait(data)

    task = asyncio.create_task(read())
    data = await chunks.get()
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
def test_a_reader_that_stops_early_closes_the_connection_and_is_recorded_as_abandoned(
    library, tmp_path, leave, tapped
):
    options = {"trust_env": False, "timeout": 10, "event_hooks": tap(tmp_path) if tapped else None}
    with Server([*chunked(PARTS[:1])[:-1], STALL]) as server:
        if leave in LEAVING:
            with library.Client(**options) as client:
                assert leave(client, server.url) == PARTS[0]
                assert server.left.wait(60)
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
def test_an_interrupt_while_the_reader_waits_is_recorded_as_abandoned_and_not_as_reset(
    library, tmp_path, error
):
    class Interrupted(library.SyncByteStream):
        def __iter__(self):
            yield PARTS[0]
            raise error

    transport = library.MockTransport(lambda request: library.Response(200, stream=Interrupted()))
    client = library.Client(transport=transport, event_hooks=tap(tmp_path))
    with client, pytest.raises(type(error)):
        client.get("http://nowhere.test/")
    assert only(tmp_path).end[1:3] == (Ending.ABANDONED, None)


class AlarmError(Exception):
    """What the caller's own signal handler raises."""


def test_an_exception_of_the_callers_own_is_recorded_as_abandoned_and_not_as_reset(library, tmp_path):
    def ring(*_):
        raise AlarmError("time is up")

    before = signal.signal(signal.SIGUSR1, ring)
    main, has_read = threading.main_thread().ident, threading.Event()

    def send_signal():
        assert has_read.wait(60)
        signal.pthread_kill(main, signal.SIGUSR1)

    try:
        with (
            Server([*chunked(PARTS[:1])[:-1], send_signal, STALL]) as server,
            library.Client(event_hooks=tap(tmp_path)) as client,
            pytest.raises(AlarmError),
            client.stream("GET", server.url) as response,
        ):
            for _ in response.iter_raw():
                has_read.set()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert only(tmp_path).end[1:3] == (Ending.ABANDONED, "AlarmError: time is up")


def test_closing_an_async_tee_closes_its_stream_at_once(library, tmp_path):
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
            chunks = aiter(tee_module._tees(library)[1](Inner(), IgnoringTrack(), lambda: 0.0, drain=False))
            assert await anext(chunks) == PARTS[0]
            await chunks.aclose()
            assert closed == [True]
            await response.aread()

    asyncio.run(run())


class IgnoringTrack:
    """A track that records nothing."""

    def note(self, at, chunk): ...

    def finish(self, at, how, error=None): ...


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_draining_tap_reads_a_closed_body_to_its_end_unless_it_was_interrupted(
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


def test_a_draining_tap_records_how_the_rest_ended_and_raises_nothing(library, tmp_path):
    hooks = Tap(Journal(target_for(tmp_path), interval=0.01), drain=True)
    client = library.Client(event_hooks=hooks)
    with Server([*chunked(PARTS)[:-1], CUT]) as server, client, client.stream("GET", server.url) as response:
        next(response.iter_raw())
    assert (chunks_of(only(tmp_path)), only(tmp_path).end.how) == (PARTS, Ending.CUT)


def test_an_unread_response_is_recorded_when_it_is_closed(library, tmp_path):
    client = library.Client(event_hooks=tap(tmp_path), trust_env=False)
    with Server([*chunked(PARTS[:1])[:-1], STALL]) as server, client:
        with client.stream("GET", server.url):
            pass
        assert server.left.wait(60)
    recording = only(tmp_path)
    assert (recording.body, recording.end.how) == (b"", Ending.ABANDONED)


def test_an_unread_response_that_is_dropped_is_recorded_as_abandoned(library, tmp_path):
    with Server(chunked([b"event: a\ndata: {}\n\n"])) as server:
        hooks = tap(tmp_path)
        client = library.Client(event_hooks=hooks, trust_env=False)
        response = client.send(client.build_request("POST", server.url), stream=True)
        tee = response.stream
        response.stream = None
        del tee
        gc.collect()
        hooks.flush()
        client.close()
    assert only(tmp_path).end.how is Ending.ABANDONED
