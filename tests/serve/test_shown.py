"""What a server sends is noted as a tap at the client's end would note it."""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
import urllib.error
import urllib.request

import pytest
from conftest import ROOT
from loopback import eventually

import inspector
from inspector import Ending
from inspector.record.destination import Observer
from inspector.record.journal import Journal
from inspector.record.tap import Tap
from inspector.recording import Assembly, End, Head
from inspector.redact import Redaction

RECORDINGS = ROOT / "recordings"


class Seen(Observer):
    """Observes exchanges one after another, and puts them together."""

    def __init__(self):
        self.recordings = []

    def add(self, value):
        if isinstance(value, Head):
            self.assembly = Assembly(value)
            return
        self.assembly.add(value)
        if isinstance(value, End):
            self.recordings.append(self.assembly.recording("seen"))


def serving(seen, name, **options):
    tap = Tap(Journal(None, lambda: seen, interval=0.001), redaction=Redaction("no-ids"))
    return inspector.Server(RECORDINGS / f"{name}.jsonl", match="any", tap=tap, **options)


def fetch(url, path="/v1/messages"):
    with contextlib.suppress(OSError, http.client.HTTPException):
        try:
            response = urllib.request.urlopen(url + path, b'{"stream":true}', timeout=60)
        except urllib.error.HTTPError as error:
            response = error  # an error status is a response, too
        with response:
            response.read()


@pytest.mark.parametrize(
    "name", ["hello", "unicode", "crlf", "error_529", "broken/cut_text", "broken/html", "broken/no_response"]
)
def test_it_is_the_recording_that_is_played(name):
    seen, played = Seen(), inspector.load(RECORDINGS / f"{name}.jsonl")
    with serving(seen, name) as server:
        fetch(server.url)
        assert eventually(lambda: seen.recordings)
    (noted,) = seen.recordings
    assert noted.body == played.body
    assert noted.end.how == played.end.how
    assert (noted.response and noted.response.status) == (played.response and played.response.status)
    assert [chunk for _, chunk in noted.chunks()] == [chunk for _, chunk in played.chunks()]
    assert noted.request.url == server.url + "/v1/messages"


def test_a_client_that_leaves_has_what_it_was_sent():
    seen = Seen()
    with serving(seen, "hello", speed=1) as server:
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as client:
            client.sendall(
                b'POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 15\r\n\r\n{"stream":true}'
            )
            assert b"200" in client.recv(100)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert eventually(lambda: seen.recordings)
    (noted,) = seen.recordings
    assert noted.end.how is Ending.ABANDONED
    assert inspector.load(RECORDINGS / "hello.jsonl").body.startswith(noted.body)


def test_health_checks_are_not_noted():
    seen = Seen()
    with serving(seen, "hello") as server:
        urllib.request.urlopen(f"{server.url}/health", timeout=60).close()
        fetch(server.url)
        assert eventually(lambda: seen.recordings)
    assert [noted.request.url for noted in seen.recordings] == [server.url + "/v1/messages"]
