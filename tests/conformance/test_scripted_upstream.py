"""The scripted upstream: each marker has its script, and what was really sent is kept."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket

import pytest
from conftest import ROOT

import inspector
from inspector import Ending, faults
from inspector.conformance.scripted_upstream import ScriptedUpstream
from inspector.conformance.through.material import error_answer

HELLO = inspector.load(ROOT / "recordings/hello.jsonl")
OVERLOADED = error_answer(529, "overloaded_error", "Overloaded")


QUICK = faults.apply(HELLO, "slow=0.02")


@pytest.fixture
def upstream():
    with ScriptedUpstream() as upstream:
        yield upstream


def body_with(text, **members):
    return json.dumps({"model": "any", "stream": True, **members, "messages": [{"content": text}]}).encode()


def ask(upstream, body, path="/v1/messages", headers=None):
    """Send a request; return the status and as much of the body as came."""
    address = upstream.url.removeprefix("http://")
    with contextlib.closing(http.client.HTTPConnection(address, timeout=20)) as connection:
        connection.request("POST", path, body, headers or {})
        response = connection.getresponse()
        try:
            return response.status, response.read()
        except http.client.IncompleteRead as error:
            return response.status, error.partial


def test_the_first_the_second_and_all_further_requests(upstream):
    with upstream.script("retry", OVERLOADED, QUICK) as script:
        answers = [ask(upstream, body_with(f"Repeat {script.marker}, please.")) for _ in range(3)]
        sent = script.sent(5)
    assert [status for status, _ in answers] == [529, 200, 200]
    assert answers[1][1] == answers[2][1] == HELLO.body
    assert [each.body for each in sent] == [body for _, body in answers]
    assert [each.end.how for each in sent] == [Ending.COMPLETE] * 3


def test_scripts_at_a_time_do_not_meet(upstream):
    with upstream.script("a", QUICK) as one, upstream.script("a", OVERLOADED) as other:
        assert one.marker != other.marker
        assert ask(upstream, body_with(other.marker))[0] == 529
        assert ask(upstream, body_with(one.marker))[0] == 200
        assert [len(each.requests) for each in (one, other)] == [1, 1]


@pytest.mark.parametrize(
    ("path", "members"),
    [
        ("/v1/messages?beta=true", {}),
        ("/anything/chat/completions", {}),
        ("/v1/messages", {"system": "x" * 99999}),
    ],
    ids=["query", "path", "large"],
)
def test_a_marker_is_looked_for_in_the_whole_body_whatever_the_path(upstream, path, members):
    with upstream.script("path", QUICK) as script:
        assert ask(upstream, body_with(f'"{script.marker}"', **members), path)[1] == HELLO.body


def test_any_host_is_admitted_because_gateways_send_the_apis(upstream):
    with upstream.script("host", QUICK) as script:
        answer = ask(upstream, body_with(script.marker), headers={"host": "api.anthropic.com"})
    assert answer == (200, HELLO.body)


def test_without_a_marker_and_after_a_script_nothing_is_played(upstream):
    with upstream.script("over", QUICK) as script:
        pass
    for text in ("no marker", script.marker):
        status, body = ask(upstream, body_with(text))
        assert status == 404
        assert json.loads(body)["type"] == "error"


def test_what_clients_request_beside_messages_is_answered(upstream):
    assert ask(upstream, body_with("hello"), "/v1/messages/count_tokens")[0] == 200


def test_a_request_for_no_stream_gets_the_message(upstream):
    with upstream.script("whole", QUICK) as script:
        status, body = ask(upstream, body_with(script.marker, stream=False))
    assert status == 200
    assert json.loads(body)["content"] == HELLO.message()["content"]


@pytest.mark.parametrize(
    ("fault", "how"),
    [("cut-fin@ev:7", Ending.CUT), ("cut-rst@ev:7", Ending.RESET), ("cut-clean@ev:7", Ending.COMPLETE)],
    ids=["fin", "rst", "proper end"],
)
def test_how_an_answer_ended_is_kept(upstream, fault, how):
    with upstream.script("cut", faults.apply(QUICK, fault)) as script:
        with contextlib.suppress(ConnectionResetError):
            ask(upstream, body_with(script.marker))
        (sent,) = script.sent(5)
    assert sent.end.how is how
    assert sent.body == faults.apply(HELLO, fault).body


def test_when_the_gateway_leaves_is_kept(upstream):
    with upstream.script("stall", faults.apply(QUICK, "stall=forever@ev:3")) as script:
        host, port = upstream.url.removeprefix("http://").split(":")
        body = body_with(script.marker)
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(
                b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body
            )
            client.recv(1)
        (sent,) = script.sent(5)
    assert sent.end.t < 5


def test_no_secret_is_in_what_is_kept_but_requests_have_it(upstream):
    key = "sk-ant-api03-" + "k3Y" * 20
    with upstream.script("leak", QUICK) as script:
        ask(upstream, body_with(f"{script.marker} {key}"), headers={"x-api-key": key})
        (sent,) = script.sent(5)
        (request,) = script.requests
    assert key not in repr(sent.head) and key.encode() not in (sent.request.body or b"")
    assert (b"x-api-key", key.encode()) in list(request.raw_headers)


def test_a_rendering_makes_the_answer(upstream):
    def shouting(recording, request):
        return OVERLOADED if b"shout" in request.body else recording

    with ScriptedUpstream(rendering=shouting) as upstream, upstream.script("any", QUICK) as script:
        assert ask(upstream, body_with(f"shout {script.marker}"))[0] == 529
        assert ask(upstream, body_with(script.marker))[0] == 200
