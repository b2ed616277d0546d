"""Connections to the upstream: used again, by TLS, and by the proxies that the environment names."""

from __future__ import annotations

import ssl
import subprocess

import pytest
from raw_client import GET, POST, connect, ended, error_of
from raw_upstream import RawUpstream, head_of, reset, rest_of, until

from inspector import UsageError, tap
from inspector.proxy.forwarder import Forwarder

pytest_plugins = ["forwarding"]

# Connections that are used again.


def test_a_connection_that_the_upstream_closed_is_not_used_again(forward, upstream):
    with connect(forward(upstream.url)) as client:
        for _ in range(3):
            client.sendall(POST)
            server = upstream.accept()
            until(server, b"{}")
            server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            server.close()
            assert until(client, b"{}").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("wire, again", [(GET, True), (POST, False)])
def test_a_request_on_a_connection_closed_meanwhile_is_repeated_if_it_can_be(forward, upstream, wire, again):
    with connect(forward(upstream.url)) as client:
        client.sendall(GET)
        server = upstream.accept()
        head_of(server)
        server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        until(client, b"{}")
        client.sendall(wire)
        head_of(server)
        reset(server)
        if again:
            server = upstream.accept()
            head_of(server)
            server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            assert until(client, b"{}").startswith(b"HTTP/1.1 200 ")
        else:
            answer = rest_of(client)
            assert error_of(answer)[0] == 502
            assert b"x-should-retry" not in answer  # that is for the client to decide


# TLS and proxies.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that signs itself, and its key, in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout - -out -"
    made = subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1"], capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip("openssl cannot make a certificate here")
    path.write_text(made.stdout)
    return path


@pytest.fixture
def trusted(certificate, monkeypatch):
    """Trust that certificate. `conftest` lets no test load certificates; these tests need them."""
    load = super(ssl.SSLContext, ssl.SSLContext).load_verify_locations
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.fixture
def secure(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = RawUpstream(context)
    yield server
    server.close()


def test_an_authority_of_ones_own_is_trusted_by_ssl_cert_file(forward, secure, trusted, tmp_path):
    forwarder = forward(secure.url)
    with connect(forwarder) as client:
        client.sendall(GET)
        server = secure.accept()
        assert b"Host: %b\r\n" % secure.url[8:].encode() in head_of(server)
        server.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n")
        until(client, b"abcde\r\n")
        server.close()  # without the end of TLS
        assert rest_of(client) == b""
    recording = ended(forwarder, tmp_path)
    assert (recording.body, recording.end.how) == (b"abcde", "cut")
    assert recording.request.url == f"{secure.url}/v1/models"


def test_a_certificate_that_does_not_verify_is_said_with_a_remedy(forward, secure, lines, tmp_path):
    forwarder = forward(secure.url)
    with connect(forwarder) as client:
        client.sendall(GET)
        with pytest.raises(OSError):
            secure.accept()
        status, _, text = error_of(rest_of(client))
    assert status == 502
    assert text.startswith(f"inspector: the certificate of {secure.url} does not verify: self")
    assert "SSL_CERT_FILE" in text
    assert ended(forwarder, tmp_path).end.error.startswith("ConnectError: ")


def tunnelled(upstream, secure, client):
    """Be the proxy: read CONNECT, open the tunnel, and be the server behind it."""
    proxy = upstream.accept()
    connect_head = head_of(proxy)
    proxy.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    return connect_head, secure._tls.wrap_socket(proxy, server_side=True)


def test_https_goes_through_the_tunnel_of_a_proxy(forward, upstream, secure, trusted, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:p%40ss@127.0.0.1:{upstream.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with connect(forward(secure.url)) as client:
        client.sendall(GET)
        connect_head, server = tunnelled(upstream, secure, client)
        assert connect_head.startswith(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % secure.port)
        assert b"\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\n" in connect_head
        with server:
            assert b"Proxy-Authorization" not in head_of(server)
            server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            assert until(client, b"{}").startswith(b"HTTP/1.1 200 ")


def test_a_proxy_that_refuses_is_named_without_its_password(forward, upstream, secure, monkeypatch, lines):
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:hunter2secret@127.0.0.1:{upstream.port}")
    monkeypatch.setenv("NO_PROXY", "")
    with connect(forward(secure.url)) as client:
        client.sendall(GET)
        proxy = upstream.accept()
        head_of(proxy)
        proxy.sendall(b"HTTP/1.1 407 Who are you\r\n\r\n")
        status, _, text = error_of(rest_of(client))
    assert status == 502
    assert text.endswith("refuses to connect: 407 Who are you")
    assert "hunter2" not in text + "".join(lines)


def test_plain_http_goes_to_a_proxy_with_its_whole_url(forward, upstream, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{upstream.port}")
    monkeypatch.setenv("NO_PROXY", "")
    with connect(forward("http://api.test/team")) as client:
        client.sendall(GET)
        proxy = upstream.accept()
        assert head_of(proxy).startswith(b"GET http://api.test/team/v1/models HTTP/1.1\r\nHost: api.test\r\n")


def test_no_proxy_names_hosts_that_are_reached_directly(forward, upstream, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with connect(forward(upstream.url)) as client:
        client.sendall(GET)
        assert head_of(upstream.accept()).startswith(b"GET /v1/models ")


def test_a_proxy_of_another_kind_is_refused_at_once(monkeypatch, tmp_path):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(UsageError, match="is not one of HTTP"):
        Forwarder("http://api.test", tap(tmp_path))
