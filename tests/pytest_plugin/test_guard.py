"""With the network blocked, a test reaches this machine only."""

from __future__ import annotations

import socket

pytest_plugins = ["pytester", "inner_runs"]


def test_with_the_network_blocked_only_this_machine_is_reached(inner):
    source = """
import socket
BLOCKED = "network is blocked, but this test tried to reach"

def test_connect():
    with socket.socket() as s, pytest.raises(inspector.NetworkBlockedError, match=BLOCKED + " 192.0.2.1:80"):
        s.connect(("192.0.2.1", 80))
    with socket.socket() as s, pytest.raises(OSError, match=BLOCKED):
        s.connect_ex(("192.0.2.1", 80))
    with socket.socket(type=socket.SOCK_DGRAM) as s, pytest.raises(OSError, match=BLOCKED):
        s.sendto(b"", ("192.0.2.1", 53))

def test_look_up():
    for look_up in (lambda n: socket.getaddrinfo(n, 80), socket.gethostbyname, socket.gethostbyname_ex):
        with pytest.raises(OSError, match=BLOCKED + " api.anthropic.com"):
            look_up("api.anthropic.com")

def test_reverse_look_up():
    with pytest.raises(OSError, match=BLOCKED + " 192.0.2.1"):
        socket.gethostbyaddr("192.0.2.1")

def test_asyncio():
    for host in ("api.anthropic.com", "192.0.2.1"):
        with pytest.raises(OSError, match=BLOCKED):
            asyncio.run(asyncio.open_connection(host, 443))

def test_the_sdk():
    with pytest.raises(anthropic.APIConnectionError) as caught:
        ask(anthropic.Anthropic(api_key="none", max_retries=0))
    error = caught.value
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    assert "api.anthropic.com" in str(error)

@pytest.mark.recording("hello")
def test_loopback_is_open(replay_server):
    assert ask(anthropic.Anthropic()).content
    with socket.socket() as s:
        assert s.connect_ex(("localhost", int(replay_server.url.rpartition(":")[2]))) == 0
"""
    inner(source, "--inspector-block-network").assert_outcomes(passed=6)
    inner(source, "-o", "inspector_block_network=true").assert_outcomes(passed=6)


def test_the_guard_is_gone_after_the_test(inner):
    before = dict(vars(socket.socket)), socket.getaddrinfo
    inner("def test_it(): pass", "--inspector-block-network")
    assert (dict(vars(socket.socket)), socket.getaddrinfo) == before


def test_a_guard_of_another_plugin_that_removes_itself_when_it_is_on_top_does_not_stay(inner, pytester):
    pytester.makeconftest("""
import socket
REAL = socket.getaddrinfo

def pytest_runtest_setup(item):
    socket.getaddrinfo = guard

def pytest_runtest_teardown(item):
    if socket.getaddrinfo is guard:
        socket.getaddrinfo = REAL

def guard(*arguments): raise OSError("guarded")
""")
    before = socket.getaddrinfo
    inner("""
@pytest.mark.recording("hello")
def test_it(): assert ask(anthropic.Anthropic(api_key="none")).content
""").assert_outcomes(passed=1)
    assert socket.getaddrinfo is before
