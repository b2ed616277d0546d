"""A garbage collection at any moment: neither what it closes nor a finalizer waits for our locks.

httpcore 1.x shows what is at stake: a collection inside its pool closes a stream, and that waits for the lock
of the pool, which the same thread holds (https://github.com/encode/httpcore/issues/996).
"""

from __future__ import annotations

import contextlib
import gc
import sys
import threading

import pytest
from conftest import NO_CERTIFICATES, ROOT

from inspector import replay
from inspector.play.sources import sources
from inspector.serve.server import Server

HELLO = str(ROOT / "recordings" / "hello.jsonl")
OURS = str(ROOT / "inspector")
URL = "http://x/v1/messages"
BOUND = 60.0  # seconds; a deadlock is for good


@contextlib.contextmanager
def at_every_call(finalize):
    """Call `finalize` at every call of one of our functions, in this thread and in new ones."""
    busy = threading.local()
    calls = [0]

    def profile(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(OURS) and not getattr(busy, "now", False):
            busy.now = True
            try:
                calls[0] += 1
                finalize()
            finally:
                busy.now = False

    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def in_time(call):
    """Run in a thread of its own, so that a deadlock is a failure and no hang."""
    raised = []

    def run():
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(BOUND)
    assert not thread.is_alive(), "it waits for a lock that it holds"
    if raised:
        raise raised[0]


class Finalized:
    """An object in a cycle whose finalizer uses what it can reach, as an application's may."""

    def __init__(self, use):
        self.use, self.cycle = use, self

    def __del__(self):
        self.use()


@pytest.mark.parametrize("match", ["order", "body"])
def test_streams_that_were_left_may_be_collected_at_any_call_of_a_replay(library, match):
    transport = replay(HELLO, match=match, loop=True)
    body = next(iter(sources([HELLO]))).head.request.body
    client = library.Client(transport=transport, trust_env=False, verify=NO_CERTIFICATES)
    used = []

    def leave():
        response = client.send(client.build_request("POST", URL, content=body), stream=True)
        chunks = response.iter_raw()
        next(chunks)
        response.cycle = [response, chunks]  # only a collection ends it

    def use():
        used.append((len(transport.requests), transport.unused, transport.misses))
        transport.handle_request(client.build_request("POST", URL, content=body))

    def finalize():
        leave()
        Finalized(use)
        gc.collect(0)

    def ask():
        with at_every_call(finalize) as calls:
            assert client.post(URL, content=body).status_code == 200
        assert calls[0] > 20

    gc.collect()
    in_time(ask)
    gc.collect()
    assert len(used) > 20
    client.close()


def test_a_collection_at_any_call_of_the_server_holds_up_no_client(library):
    used, server = [], Server(HELLO, loop=True)

    def use():
        used.append((len(server.requests), server.unused, server.misses))

    def finalize():
        Finalized(use)
        gc.collect(0)

    def ask():
        with (
            at_every_call(finalize),
            server,
            library.Client(trust_env=False, verify=NO_CERTIFICATES) as client,
        ):
            for _ in range(2):
                response = client.post(f"{server.url}/v1/messages", json={"stream": True}, timeout=BOUND)
                assert response.status_code == 200

    in_time(ask)
    assert len(used) > 100
