"""`inspector proxy`: a real process between a client and an upstream, what it records, and how it ends."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import re
import signal
import socket
import sys
import threading
import urllib.error

import listening_command
import pytest
from conftest import ROOT
from listening_command import BOUND, ended, fetched, proxying
from loopback import END, STALL, chunk, chunked, eventually, head
from loopback import Server as Upstream
from stream_command import OPEN, START, WHOLE

import inspector

HELLO = ROOT / "recordings" / "hello.jsonl"
OVERLOADED = b'{"type":"error","error":{"type":"overloaded","message":"x"}}'
CUT_TOOL = ROOT / "recordings" / "broken" / "cut_tool.jsonl"
FETCH = (
    "import os, urllib.request; url = os.environ['ANTHROPIC_BASE_URL'] + '/v1/messages';"
    """urllib.request.urlopen(url, b'{"stream":true}').read()"""
)


ran = functools.partial(listening_command.ran, "proxy")


def names(folder):
    return sorted(file.name for file in folder.iterdir())


# What it records.


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_url_records_what_passes_and_says_so_until_it_is_stopped(tmp_path, by):
    with inspector.Server(HELLO) as upstream, proxying(upstream.url, "-o", tmp_path / "run") as process:
        body = fetched(process.url)
        status, out, err = ended(process, by)
    assert (status, out) == (0, "")
    start, line = err.splitlines()
    assert start == f"inspector: forwarding to {upstream.url}, recording into {tmp_path}/run"
    assert line.startswith("#1 200 claude-sonnet-5 · first 0.")
    assert line.endswith(" s · end_turn")
    assert " · 46 events in 0." in line
    assert names(tmp_path / "run") == ["0001-claude-sonnet-5-end_turn.jsonl"]
    (recording,) = inspector.load_all(tmp_path / "run")
    assert recording.body == body == inspector.load(HELLO).body
    assert recording.end.how == "complete"


def test_a_folder_holds_the_exchanges_in_the_order_of_their_requests(tmp_path):
    """The second request is answered first."""
    second_is_done = threading.Event()
    slow = [lambda: second_is_done.wait(BOUND), *chunked(WHOLE)]
    with Upstream(slow, chunked(WHOLE[:4])) as upstream, proxying(upstream.url, "-o", tmp_path) as process:
        first = threading.Thread(target=fetched, args=(process.url,), kwargs={"body": b'{"model":"slow"}'})
        first.start()
        assert eventually(lambda: len(upstream.requests) == 1)
        fetched(process.url, body=b'{"model":"quick"}')
        second_is_done.set()
        first.join(BOUND)
        ended(process, signal.SIGINT)
    assert names(tmp_path) == ["0001-slow-end_turn.jsonl", "0002-quick-partial.jsonl"]


def test_a_recorded_folder_is_served_as_it_was_recorded(tmp_path):
    recorded = [HELLO, ROOT / "recordings" / "tool_use.jsonl", HELLO]
    with inspector.Server(*recorded) as upstream, proxying(upstream.url, "-o", tmp_path) as process:
        bodies = [fetched(process.url) for _ in recorded]
        ended(process, signal.SIGINT)
    with inspector.Server(tmp_path) as again:
        assert [fetched(again.url) for _ in recorded] == bodies


def test_numbers_go_on_in_a_folder_that_has_recordings(tmp_path):
    for _ in range(2):
        with inspector.Server(HELLO) as upstream:
            done = ran("--upstream", upstream.url, "-o", tmp_path, "-q", "--", sys.executable, "-c", FETCH)
        assert done.returncode == 0, done.stderr
    assert names(tmp_path) == ["0001-messages-end_turn.jsonl", "0002-messages-end_turn.jsonl"]


def test_two_proxies_that_record_into_one_folder_keep_every_exchange(tmp_path):
    with inspector.Server(HELLO, match="any", loop=True) as upstream:
        options = (upstream.url, "-o", tmp_path, "-q")
        with proxying(*options) as one, proxying(*options) as other:
            for _ in range(3):
                fetched(one.url)
                fetched(other.url)
            ended(one, signal.SIGINT)
            ended(other, signal.SIGINT)
    assert len(inspector.load_all(tmp_path)) == 6
    assert len({recording.head.at for recording in inspector.load_all(tmp_path)}) == 6


def test_a_file_gets_all_exchanges_as_a_session(tmp_path):
    file = tmp_path / "session.jsonl"
    for _ in range(2):
        with inspector.Server(HELLO) as upstream, proxying(upstream.url, "-o", file) as process:
            fetched(process.url)
            ended(process, signal.SIGINT)
    assert [recording.end.how for recording in inspector.load_all(file)] == ["complete"] * 2
    assert names(tmp_path) == ["session.jsonl"]


def test_a_proxy_that_is_killed_leaves_what_has_arrived_under_a_name_that_says_so(tmp_path):
    script = [head(transfer_encoding="chunked"), chunk(START), chunk(OPEN), STALL]
    with Upstream(script) as upstream, proxying(upstream.url, "-o", tmp_path) as process:
        client = threading.Thread(
            target=lambda: contextlib.suppress(Exception).__enter__() or _try(process.url)
        )
        client.start()
        file = tmp_path / "0001-claude-sonnet-5-unfinished.jsonl"
        assert eventually(lambda: file.exists() and b"content_block_start" in file.read_bytes())
        process.kill()
        client.join(BOUND)
    assert inspector.load(file).body == START + OPEN
    assert inspector.load(file).end is None


def _try(url):
    """Fetch what may break."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        fetched(url)


def test_what_has_arrived_is_kept_when_it_is_stopped_and_stopped_again(tmp_path):
    script = [head(transfer_encoding="chunked"), chunk(START), STALL]
    with Upstream(script) as upstream, proxying(upstream.url, "-o", tmp_path) as process:
        client = threading.Thread(target=_try, args=(process.url,))
        client.start()
        assert eventually(lambda: any(b"message_start" in file.read_bytes() for file in tmp_path.iterdir()))
        process.send_signal(signal.SIGINT)
        lines = [process.stderr.readline() for _ in range(2)]
        assert lines[1] == (
            "inspector: responses under way: 1. They have 10 s to end; Ctrl-C ends them now\n"
        )
        assert ended(process, signal.SIGINT)[0] == 0
        client.join(BOUND)
    assert names(tmp_path) == ["0001-claude-sonnet-5-abandoned.jsonl"]
    assert inspector.load_all(tmp_path)[0].body == START


def test_side_traffic_and_its_own_pages_are_no_recordings(tmp_path):
    ok = [head(200, content_length="2"), b"{}"]
    with Upstream(ok) as upstream, proxying(upstream.url, "-o", tmp_path) as process:
        fetched(process.url, "/api/event_logging/batch", b"{}")
        fetched(process.url, "/inspector/health", None)
        fetched(process.url, "/inspector/metrics", None)
        status, _, err = ended(process, signal.SIGINT)
        assert [line for line, _, _ in upstream.requests] == ["POST /api/event_logging/batch HTTP/1.1"]
    assert (status, names(tmp_path)) == (0, [])
    assert err.count("\n") == 1


def test_what_shall_not_be_kept_is_masked_in_the_file_and_not_on_the_way(tmp_path):
    body = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"my diary"}]}'
    options = ("-o", tmp_path, "--redact", "prompts", "-q")
    with inspector.Server(HELLO) as upstream, proxying(upstream.url, *options) as process:
        fetched(process.url, body=body)
        ended(process, signal.SIGINT)
        assert upstream.requests[0].body == body
    assert names(tmp_path) == ["0001-m-end_turn.jsonl"]
    assert b"diary" not in (tmp_path / "0001-m-end_turn.jsonl").read_bytes()


# What it says.


@pytest.mark.parametrize(
    "script, line",
    [
        (chunked(WHOLE[:4]), "#1 200 claude-sonnet-5 · first S s · 4 events in S s · partial"),
        (
            [head(200, content_length="0")],
            "#1 200 claude-sonnet-5 · 0 bytes in S s · empty: the body is empty",
        ),
        (
            [head(529, {"content-type": "application/json"}, content_length="60"), OVERLOADED],
            "#1 529 claude-sonnet-5 · 60 bytes in S s · overloaded: x",
        ),
    ],
)
def test_a_line_says_how_an_exchange_turned_out(script, line):
    with Upstream(script) as upstream, proxying(upstream.url) as process:
        _try(process.url)
        err = ended(process, signal.SIGINT)[2]
    first, shown = err.splitlines()
    assert first == f"inspector: forwarding to {upstream.url}, recording nothing: there is no -o"
    assert re.sub(r"\d+\.\d\d", "S", shown) == line


def test_an_upstream_that_cannot_be_reached_is_one_line_and_a_recording(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with proxying(f"http://127.0.0.1:{port}", "-o", tmp_path) as process:
        with pytest.raises(urllib.error.HTTPError, match="502"):
            fetched(process.url)
        status, _, err = ended(process, signal.SIGINT)
    assert status == 0
    assert re.search(r"^#1 --- claude-sonnet-5 · no response: ConnectError: ", err, re.MULTILINE)
    assert names(tmp_path) == ["0001-claude-sonnet-5-no_response.jsonl"]


def test_findings_come_with_their_exchange_and_are_counted_at_the_end(tmp_path):
    with inspector.Server(HELLO, CUT_TOOL) as upstream, proxying(upstream.url, "--check") as process:
        fetched(process.url)
        fetched(process.url)
        status, _, err = ended(process, signal.SIGINT)
    assert status == 1
    lines = err.splitlines()
    assert lines[3].startswith("#2: partial: no message_stop, 16 events")
    assert lines[4].startswith("  error   message-stop-missing  ev 16")
    assert lines[-2:] == [
        "inspector: 2 exchanges checked, 1 with errors or warnings",
        "     1  error    message-stop-missing",
    ]


def test_events_are_shown_as_they_pass():
    go_on = threading.Event()
    script = [head(transfer_encoding="chunked"), chunk(START), lambda: go_on.wait(BOUND)]
    with (
        Upstream([*script, *map(chunk, WHOLE[1:]), END]) as upstream,
        proxying(upstream.url, "--show") as process,
    ):
        client = threading.Thread(target=fetched, args=(process.url,))
        client.start()
        lines = [process.stdout.readline() for _ in range(3)]
        assert "message_start" in lines[2]
        go_on.set()
        client.join(BOUND)
        _, out, err = ended(process, signal.SIGINT)
    assert "text 0 Hello" not in out
    assert "Hello" in out
    assert "stop  end_turn" in out
    assert err.count("\n") == 1


def test_events_of_streams_that_overlap_have_the_number_of_their_exchange():
    go_on = threading.Event()
    script = [head(transfer_encoding="chunked"), chunk(START), lambda: go_on.wait(BOUND)]
    script += [*map(chunk, WHOLE[1:]), END]
    with Upstream(script) as upstream, proxying(upstream.url, "--show") as process:
        clients = [threading.Thread(target=fetched, args=(process.url,)) for _ in range(2)]
        for client in clients:
            client.start()
        started = 0
        while started < 2:
            started += "message_start" in process.stdout.readline()
        go_on.set()
        for client in clients:
            client.join(BOUND)
        _, out, _ = ended(process, signal.SIGINT)
    shown = [line for line in out.splitlines() if "Hello" in line]
    assert len(shown) == 2
    assert "\x1b" not in out
    assert any(re.match("#[12] ", line) for line in shown)


def test_health_and_metrics_say_what_happens():
    from inspector.views.metrics import Metrics

    with inspector.Server(HELLO) as upstream, proxying(upstream.url) as process:
        fetched(process.url)
        assert eventually(lambda: b'"in_progress":0' in fetched(process.url, "/inspector/health", None))
        health = json.loads(fetched(process.url, "/inspector/health", None))
        text = fetched(process.url, "/inspector/metrics", None).decode()
        ended(process, signal.SIGINT)
    assert health == {
        "status": "ok",
        "upstream": upstream.url,
        "exchanges": 1,
        "in_progress": 0,
        "recording_failure": None,
    }
    assert 'inspector_messages_total{stop_reason="end_turn"} 1' in text
    families = [line for line in Metrics().text(recording=True).splitlines() if line.startswith("# TYPE")]
    assert [line for line in text.splitlines() if line.startswith("# TYPE")] == families


def test_quiet_means_no_line_for_an_exchange():
    with inspector.Server(HELLO) as upstream, proxying(upstream.url, "-q") as process:
        fetched(process.url)
        assert ended(process, signal.SIGINT)[2].count("\n") == 1


@pytest.mark.parametrize("recorded", [True, False])
def test_people_see_the_id_that_support_knows_and_files_have_pseudonyms(recorded, tmp_path):
    request_id = "req_011CSHxVbcaBpQ8exampleAAAA"
    options = ["-o", tmp_path] * recorded
    with (
        Upstream(chunked(WHOLE, request_id=request_id)) as upstream,
        proxying(upstream.url, "--show", *options) as process,
    ):
        fetched(process.url)
        _, out, _ = ended(process, signal.SIGINT)
    assert f"request  {request_id}\n" in out
    assert not any(request_id in file.read_text() for file in tmp_path.iterdir())
