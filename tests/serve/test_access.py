"""Programs reach the server, and web pages of other sites do not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sockets import ASK, closing, exchange

from inspector.serve.access import Access
from inspector.serve.server import Server

ACCESS = Access(["mybox.test", "Host.Docker.Internal"])


def status(host=None, origin=None, target=b"/v1/messages", access=ACCESS):
    """What a request gets: None if it is admitted."""
    headers = [
        (name, value.encode()) for name, value in ((b"host", host), (b"origin", origin)) if value is not None
    ]
    refusal = access.refusal(target, headers)
    return refusal and refusal.status


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8484",
        "LOCALHOST.",
        "app.localhost:1",
        "127.0.0.1:8484",
        "127.8.8.8",
        "[::1]:8484",
        "::1",
        "192.168.1.7:80",
        "[fe80::1]",
        "mybox.test:8484",
        "host.docker.internal",
        None,
    ],
)
def test_a_program_calls_the_server_by_its_names_or_any_address(host):
    assert status(host) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "evil.test:8484",
        "localhost.evil.test",
        "127.0.0.1.evil.test",
        "notlocalhost",
        "mybox.test.evil",
        "",
        ":8484",
        "@localhost",
        "localhost@evil.test",
        "[",
        "2130706433",
        "ÿ",
    ],
)
def test_a_name_that_may_be_a_pages_own_is_refused(host):
    assert status(host) == 421


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://127.0.0.1",
        "http://[::1]:5173",
        "http://app.localhost",
        "https://mybox.test",
    ],
)
def test_a_page_of_this_machine_or_of_an_allowed_host_may_ask(origin):
    assert status("localhost", origin) is None


@pytest.mark.parametrize(
    "origin",
    ["https://evil.test", "null", "", "http://203.0.113.9", "file://", "chrome-extension://abc", "localhost"],
)
def test_a_page_of_another_site_may_not(origin):
    assert status("localhost", origin) == 403


def test_a_page_may_ask_the_address_that_it_was_loaded_from():
    assert status("192.168.1.7:8484", "http://192.168.1.7:3000") is None
    assert status("192.168.1.8:8484", "http://192.168.1.7:3000") == 403


def test_the_host_of_an_absolute_target_counts():
    assert status("localhost", target=b"http://evil.test/v1/messages") == 421
    assert status("evil.test", target=b"http://localhost:1/v1/messages") is None
    assert status("evil.test", target=b"/http://localhost/") == 421


def test_each_of_several_values_counts():
    headers = [(b"host", b"localhost"), (b"host", b"evil.test")]
    assert ACCESS.refusal(b"/", headers).status == 421


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=40))
def test_no_bytes_make_it_raise(target, host, origin):
    refusal = ACCESS.refusal(target, [(b"host", host), (b"origin", origin)])
    assert refusal is None or len(refusal.message) < 1000


def asked(server, host, *fields):
    head = b"".join(b"%b\r\n" % field for field in (b"Host: " + host, *fields))
    wire = exchange(server, closing(ASK).replace(b"Host: localhost\r\n", head))[0]
    head, _, body = wire.partition(b"\r\n\r\n")
    return head.splitlines()[0], body


def test_the_server_says_what_to_allow_in_the_apis_own_shape():
    with Server("recordings/hello.jsonl", allow_hosts=["mine.test"], loop=True) as server:
        assert asked(server, b"mine.test:8484")[0] == b"HTTP/1.1 200 OK"
        assert asked(server, b"localhost", b"Origin: https://mine.test")[0] == b"HTTP/1.1 200 OK"
        line, body = asked(server, b"evil.test")
        assert line == b"HTTP/1.1 421 Misdirected Request"
        error = json.loads(body)["error"]
        assert error["type"] == "invalid_request_error"
        assert "not called 'evil.test'" in error["message"]
        assert "--allow-host NAME" in error["message"]
        assert "Server(" not in error["message"]  # the recording proxy says the same
        line, body = asked(server, b"localhost", b"Origin: https://evil.test")
        assert line == b"HTTP/1.1 403 Forbidden"
        error = json.loads(body)["error"]
        assert error["type"] == "permission_error"
        assert "'https://evil.test'" in error["message"]
        assert len(server.requests) == 2


def test_a_refusal_does_not_wait_for_the_body():
    wire = b"POST / HTTP/1.1\r\nHost: evil.test\r\nContent-Length: 30000000\r\n\r\n"
    with Server("recordings/hello.jsonl") as server:
        assert exchange(server, wire)[0].startswith(b"HTTP/1.1 421 ")


def test_an_image_of_another_site_is_refused_though_it_names_no_origin():
    """Browsers say so in `Sec-Fetch-Site`; https://www.w3.org/TR/fetch-metadata/."""
    for site, expected in ((b"cross-site", 403), (b"same-origin", None), (b"none", None)):
        refusal = ACCESS.refusal(b"/v1/models", [(b"host", b"localhost"), (b"sec-fetch-site", site)])
        assert (refusal and refusal.status) == expected
        assert refusal is None or "another site (Sec-Fetch-Site: cross-site). If" in refusal.message
    allowed = [(b"origin", b"https://mybox.test"), (b"sec-fetch-site", b"cross-site")]
    assert ACCESS.refusal(b"/v1/messages", [(b"host", b"localhost"), *allowed]) is None
