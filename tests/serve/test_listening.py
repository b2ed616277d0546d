"""Listening on an address, and serving what it accepts."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import socket
import threading
from types import SimpleNamespace

import pytest
from http_wire import made, prepared
from sockets import ASK, BOUND

from inspector import AddressError
from inspector.serve.connection import Shared
from inspector.serve.limits import ServerLimits
from inspector.serve.listening import listen, on_exception, run, url_of


def test_port_0_is_any_free_one():
    with listen("127.0.0.1", 0) as one, listen("127.0.0.1", 0) as other:
        assert one.getsockname()[1] != other.getsockname()[1]


def test_a_port_that_is_taken_is_an_error_that_says_so():
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressError) as raised:
            listen("127.0.0.1", port)
    assert str(raised.value) == (
        f"cannot listen on 127.0.0.1:{port}: Address already in use; port 0 takes any free one"
    )


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1"])
def test_an_address_that_is_not_ours_is_an_error_that_says_so(host):
    with pytest.raises(AddressError, match=f"^cannot listen on {host}:0: "):
        listen(host, 0)


def test_a_port_that_is_no_port_is_an_error_that_says_so():
    with pytest.raises(AddressError, match=r"^cannot listen on 127.0.0.1:99999: a port is a number from 0 "):
        listen("127.0.0.1", 99999)


@pytest.mark.parametrize(
    "host, url",
    [("127.0.0.1", "http://127.0.0.1:80"), ("localhost", "http://localhost:80"), ("::1", "http://[::1]:80")],
)
def test_the_url_of_an_address(host, url):
    assert url_of(host, 80) == url


class Running:
    """Connections that are served on a thread until they are to stop."""

    def __init__(self, limits, accept_at_once=4096):
        self.listening = listen("127.0.0.1", 0)
        self.shareds = []
        self.thread = threading.Thread(target=self._run, args=(limits, accept_at_once), daemon=True)

    def __enter__(self):
        self.started = threading.Event()
        self.thread.start()
        assert self.started.wait(BOUND)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(BOUND)
        assert not self.thread.is_alive()
        self.listening.close()

    def _run(self, limits, accept_at_once):
        def make_shared(schedule):
            response = prepared(made((1.0, b"a")))
            self.shared = Shared(schedule, lambda _: (response, None), lambda *_: None, limits)
            return self.shared

        async def until():
            self.loop, self.stop = asyncio.get_running_loop(), asyncio.Event()
            self.started.set()
            await self.stop.wait()

        run(self.listening, make_shared, until, accept_at_once)

    def connect(self):
        return socket.create_connection(self.listening.getsockname(), timeout=BOUND)


@pytest.mark.parametrize("accept_at_once", [1, 4096])
def test_connections_are_served_until_the_end_and_then_closed(accept_at_once):
    with Running(ServerLimits(), accept_at_once) as running:
        clients = [running.connect() for _ in range(50)]
        for client in clients:
            client.sendall(ASK)
            assert client.recv(65536).endswith(b"1\r\na\r\n0\r\n\r\n")
    for client in clients:
        with client:
            assert client.recv(1) == b""
    assert not running.shared.connections


@pytest.mark.parametrize("accept_at_once", [1, 4096])
def test_a_client_that_comes_at_the_end_leaves_nothing_open(accept_at_once, recwarn):
    for _ in range(30):
        with contextlib.ExitStack() as clients, Running(ServerLimits(), accept_at_once) as running:
            for _ in range(5):
                clients.enter_context(running.connect())
    gc.collect()
    assert [str(warning.message) for warning in recwarn] == []


def test_connections_that_stand_still_are_swept():
    with Running(ServerLimits(idle=0.0)) as running, running.connect() as client:
        assert client.recv(1) == b""


@pytest.mark.parametrize(
    ("error", "printed"),
    [(OSError(errno.ENOTCONN, "not connected"), False), (OSError(errno.EIO, "broken"), True), (None, True)],
)
def test_a_reset_while_a_connection_is_closed_prints_no_traceback(error, printed):
    """asyncio calls shutdown on a socket that the client has reset a moment ago."""
    handled = []
    loop = SimpleNamespace(default_exception_handler=handled.append)
    on_exception(loop, {"message": "Exception in callback", "exception": error})
    assert bool(handled) is printed
