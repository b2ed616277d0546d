"""curl receives every recording byte for byte, and exits as the recording ended."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from conftest import ROOT

import inspector
from inspector.recording import Ending
from inspector.serve.server import Server

CURL = shutil.which("curl")
HELLO = ROOT / "recordings" / "hello.jsonl"
RECORDINGS = sorted((ROOT / "recordings").rglob("*.jsonl"))
BOUND = 20.0  # seconds
SILENCE = "1"  # seconds that curl waits for more bytes
PARTIAL, TIMEOUT, RESET = 18, 28, 56

pytestmark = pytest.mark.skipif(CURL is None, reason="curl is not installed")


STATUS = {
    Ending.COMPLETE: 0,
    Ending.CUT: PARTIAL,
    Ending.RESET: RESET,
    Ending.TIMEOUT: TIMEOUT,
    Ending.ABANDONED: PARTIAL,
    None: PARTIAL,
}
"""curl's exit status for each end of a recording; None is a recording without an end."""


def curl(url, *options, body=b'{"stream":true}'):
    """POST to the messages path: (exit status, body, stderr)."""
    command = [CURL, "-q", "-sSN", "--noproxy", "*", "-H", "content-type: application/json"]
    done = subprocess.run(
        [*command, "--data-binary", "@-", *options, f"{url}/v1/messages"],
        input=body,
        capture_output=True,
        timeout=BOUND,
    )
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def name(path):
    return str(path.relative_to(ROOT / "recordings").with_suffix(""))


@pytest.mark.filterwarnings("ignore::inspector.errors.RecordingWarning")  # some recordings are torn
@pytest.mark.parametrize("path", RECORDINGS, ids=name)
def test_a_recording_arrives_byte_for_byte_and_ends_as_it_ended(path):
    recording = inspector.load_all(path)[0]
    end = recording.end and recording.end.how
    with Server(path) as server:
        status, body, stderr = curl(server.url, *(["--max-time", SILENCE] if end is Ending.TIMEOUT else []))
    assert body == recording.body
    assert status == STATUS[end], stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--http1.0"],
        ["--http2"],
        ["--compressed"],
        ["-H", "transfer-encoding: chunked"],
        ["-H", "expect: 100-continue"],
        ["-H", "connection: close"],
    ],
    ids=lambda options: options[-1],
)
def test_curl_may_make_the_request_in_any_of_its_ways(options):
    body = b'{"stream":true,"padding":"%b"}' % (b"x" * 2_000_000)
    with Server(HELLO) as server:
        status, received, stderr = curl(server.url, *options, body=body)
        (request,) = server.requests
    assert (status, stderr) == (0, "")
    assert received == inspector.load(HELLO).body
    assert request.body == body


def test_two_requests_go_over_one_connection():
    with Server(HELLO, HELLO) as server:
        url = f"{server.url}/v1/messages"
        status, out, _ = curl(server.url, "-w", "<%{num_connects}>", url)
    body = inspector.load(HELLO).body
    assert (status, out) == (0, body + b"<1>" + body + b"<0>")


def test_without_a_stream_it_is_the_message_as_json():
    with Server(HELLO) as server:
        status, out, _ = curl(server.url, body=b'{"stream":false}')
    assert status == 0
    assert json.loads(out) == inspector.load(HELLO).message()
