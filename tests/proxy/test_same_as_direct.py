"""A client cannot tell whether the proxy is there, and the recording is what the upstream played."""

from __future__ import annotations

import re
import shutil
import subprocess

import anthropic
import pytest
from conftest import LIBRARIES, ROOT
from loopback import Server as Loopback
from loopback import chunked

from inspector import load_all, tap
from inspector.proxy.boundaries import ProxyLimits
from inspector.proxy.forwarder import Forwarder
from inspector.serve.server import Server

pytest_plugins = ["forwarding"]

FILES = sorted((ROOT / "recordings").rglob("*.jsonl"))
LIBRARY = LIBRARIES[0]
PLAYED_AS = {"abandoned": "cut", None: "cut"}
"""What a server can make of an end that was the client's own, or is unknown."""


def seen(url, count):
    """What a client of the library sees of each response: head, body, and the exception that ends it."""
    results = []
    with LIBRARY.Client(trust_env=False, timeout=60) as client:
        for _ in range(count):
            body = b""
            try:
                with client.stream("POST", f"{url}/v1/messages", json={"stream": True}) as response:
                    # Only the proxy closes the connection after a response that breaks off.
                    fields = [field for field in response.headers.multi_items() if field[0] != "connection"]
                    results.append([response.status_code, response.reason_phrase, fields])
                    for piece in response.iter_raw():
                        body += piece
            except LIBRARY.TransportError as error:
                results.append([type(error).__name__])
            results[-1].append(body)
    return results


def without_ids(body):
    """A body without its request ids, which a recording has as pseudonyms."""
    return re.sub(rb"req_\w+", b"req_", body)


@pytest.mark.filterwarnings("ignore::inspector.RecordingWarning")  # one of them is torn on purpose
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_served_recording_comes_through_and_is_recorded_again(path, file, monkeypatch):
    monkeypatch.setattr("inspector.proxy.applications.ProxyLimits", lambda: ProxyLimits(silence=0.5))
    recorded = load_all(path)
    quiet = any(each.end and each.end.how == "timeout" for each in recorded)
    with Server(path, speed=1000, loop=True) as server:
        forwarder = Forwarder(server.url, tap(file)).start()
        through = seen(forwarder.url, len(recorded))
        forwarder.stop()
        if not quiet and recorded[0].response:  # otherwise the client waits, or gets a 502
            assert through == seen(server.url, len(recorded))
    again = load_all(file)
    assert [without_ids(each.body) for each in again] == [without_ids(each.body) for each in recorded]
    hows = [each.end.how if each.end else None for each in recorded]
    if recorded[0].response:
        assert [each.end.how for each in again] == [PLAYED_AS.get(how, how) for how in hows]
        assert [each.response.status for each in again] == [each.response.status for each in recorded]


def test_the_sdk_reads_the_same_stream(file):
    path = ROOT / "recordings" / "thinking.jsonl"
    with Server(path, speed=1000, loop=True) as server:
        forwarder = Forwarder(server.url, tap(file)).start()
        messages = []
        for url in (server.url, forwarder.url):
            client = anthropic.Anthropic(base_url=url, api_key="none")
            arguments = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "a"}]}
            with client.messages.stream(**arguments) as stream:
                messages.append([event.to_dict() for event in stream])
        forwarder.stop()
    assert messages[0] == messages[1]
    assert load_all(file)[0].message() == load_all(path)[0].message()


ODD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Odd: a b\r\n%b\r\n\r\n"
CHUNKS = [b"5\r\ndata:\r\n", b"4\r\n 1\n\n\r\n0\r\n\r\n"]
HOME_MADE = {
    "bare line ends": [(ODD % b"Transfer-Encoding: chunked").replace(b"\r\n", b"\n"), *CHUNKS],
    "a bare line end": [(ODD % b"Transfer-Encoding: chunked").replace(b"K\r", b"K"), *CHUNKS],
    "a folded line": [(ODD % b"Transfer-Encoding: chunked").replace(b"a b", b"a\r\n\t b"), *CHUNKS],
    "two framings": [ODD % b"Content-Length: 5\r\nTransfer-Encoding: chunked", *CHUNKS],
    "one length twice": [ODD % b"Content-Length: 9\r\nContent-Length: 9", b"data: 1\n\n"],
    "chunks in HTTP/1.0": [(ODD % b"Transfer-Encoding: chunked").replace(b"/1.1", b"/1.0"), *CHUNKS],
}


@pytest.mark.parametrize("parts", HOME_MADE.values(), ids=HOME_MADE)
def test_what_a_home_made_server_answers_is_read_as_directly(forward, parts, tmp_path):
    with Loopback(parts, parts, parts) as upstream:
        direct = seen(upstream.url, 1)
        forwarder = forward(upstream.url)
        through = seen(forwarder.url, 2)
        forwarder.stop()
    for each in (*direct, *through):
        assert [each[0], each[2][:2], each[-1]] == [
            200,
            [("content-type", "text/event-stream"), ("x-odd", "a b")],
            b"data: 1\n\n",
        ]
    recordings = load_all(tmp_path / "recorded.jsonl")
    assert [(each.end.how, each.body) for each in recordings] == [("complete", b"data: 1\n\n")] * 2


def test_of_two_framings_one_is_passed_on_and_both_are_recorded(forward, tmp_path):
    with Loopback(HOME_MADE["two framings"]) as upstream:
        forwarder = forward(upstream.url)
        fields = dict(seen(forwarder.url, 1)[0][2])
        forwarder.stop()
    assert "content-length" not in fields
    assert fields["transfer-encoding"] == "chunked"
    (recording,) = load_all(tmp_path / "recorded.jsonl")
    assert recording.response.headers["content-length"] == "5"
    assert recording.response.headers["transfer-encoding"] == "chunked"


CURL = shutil.which("curl")


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
@pytest.mark.parametrize("version", ["--http1.0", "--http1.1", "--http2"])
@pytest.mark.parametrize("upload", [["-d", "{}"], ["-T", "-"], ["-T", "-", "-H", "Expect: 100-continue"]])
def test_curl(forward, version, upload):
    """With `--http2` curl offers another protocol, which is not taken up, and goes on in HTTP/1.1."""
    if version == "--http1.0" and "-T" in upload:
        pytest.skip("HTTP/1.0 has no body of unknown length")
    with Loopback(chunked([b"event: a\n", b"data: 1\n\n"])) as upstream:
        url = f"{forward(upstream.url).url}/v1/messages"
        command = [CURL, "-sS", "-N", "--noproxy", "*", version, "-X", "POST", *upload, url]
        done = subprocess.run(command, input=b"{}", capture_output=True, timeout=60)
        assert (done.stdout, done.stderr, done.returncode) == (b"event: a\ndata: 1\n\n", b"", 0)
        assert upstream.requests[0][2] == b"{}"
