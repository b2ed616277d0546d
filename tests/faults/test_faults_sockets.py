"""A fault has the same result over a real socket as in this process, if a server honours a few rules."""

from __future__ import annotations

import anthropic
import pytest
from fault_rows import ROWS
from loopback import CUT, END, STALL, Server, chunk, encoder, head
from sdk_results import OLD, created, streamed

import inspector
from inspector import faults
from inspector.recording.bundled import bundled_recording

ENDINGS = {"cut": CUT, "timeout": STALL}

# A reset may overtake what was sent before it, so what the client still reads is chance. All silences are
# alike, and each of them takes its time.
LEFT_OUT = {"stall-after-headers", "stall-comment", "hang-after-stop=delta"}
SENT = [row for row in ROWS if "rst" not in row.fault and row.fault not in LEFT_OUT]


def script(recording):
    """What a server sends. It goes by the end, `content-length`, `content-encoding` and `undecoded`."""
    response, how = recording.response, recording.end.how
    if response is None:
        return [ENDINGS[how]]
    headers = dict(response.headers)
    parts = [part for _, part in recording.chunks()]
    if "content-encoding" in headers and not (response.extra or {}).get("undecoded"):
        feed, finish = encoder(headers["content-encoding"])
        parts = [*map(feed, parts), finish()]
    if "content-length" in headers:
        body = parts
    else:
        headers["transfer-encoding"] = "chunked"
        body = [*map(chunk, parts), *([END] if how == "complete" else [])]
    return [head(response.status, headers), *body, *([ENDINGS[how]] if how in ENDINGS else [])]


@pytest.fixture(scope="module")
def http():
    with anthropic.DefaultHttpxClient(trust_env=False) as client:
        yield client


@pytest.mark.parametrize("row", SENT, ids=lambda row: row.id)
def test_the_sdk_does_the_same_over_a_socket(row, http):
    recording = inspector.load(bundled_recording(row.recording))
    edited = faults.apply(recording, row.fault)
    timeout = 0.5 if edited.end.how == "timeout" else 20
    with Server(script(edited)) as server:
        client = anthropic.Anthropic(
            api_key="none", base_url=server.url, http_client=http, timeout=timeout, max_retries=0
        )
        results = streamed(client, recording.message()), created(client, recording)
    assert results == row.results(old=OLD)
