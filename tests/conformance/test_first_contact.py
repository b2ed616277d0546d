"""Endpoints of which nothing can be judged: the scorecard says what happened, once, and keeps what came."""

from __future__ import annotations

import json
import socket
import threading
import time

import loopback
import pytest
from right_endpoint import KEY, Reply, RightEndpoint, error, streamed

import inspector
from inspector.conformance.scoring.scorecard import State

TEXT = {"content-type": "application/json"}


def sent(status, body, **headers):
    """A whole response of a loopback server."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [loopback.head(status, TEXT, content_length=str(len(body)), **headers), body]


def probed(*scripts, **options):
    with loopback.Server(*scripts) as server:
        return inspector.probe(server.url, **{"key": "", **options})


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-4-5",
    "content": [{"type": "text", "text": "hello"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 9, "output_tokens": 2},
}
OPENAI = {"object": "chat.completion", "choices": []}
CHUNK = b'data: {"object":"chat.completion.chunk","choices":[]}\n\n'
START = loopback.head(transfer_encoding="chunked")
NO_MODEL = {
    "object": "error",
    "message": "The model `x` does not exist.",
    "type": "NotFoundError",
    "code": 404,
}
CODE = {"message": "No such model", "code": "model_not_found"}
NOT_FOUND = {"type": "error", "error": {"type": "not_found_error", "message": "model: x"}}

FAILING = [
    (
        "a page of HTML",
        [loopback.head(200, {"content-type": "text/html"}, content_length="13"), b"<h1>Hello</h1"],
    ),
    ("a page of HTML: 502 Bad Gateway", sent(502, b"<title>Bad Gateway</title>")),
    ("OpenAI's protocol", sent(200, OPENAI)),
    ("OpenAI's protocol", loopback.chunked([CHUNK])),
    ('answers 200 without a message: `{"ok": true}`', sent(200, {"ok": True})),
    ("redirects (308) to https://other/v1, which is no", sent(308, b"", location="https://other/v1")),
    (
        "to https://other/ok/v1/messages?x=1: use --base-url https://other/ok",
        sent(308, b"", location="https://other/ok/v1/messages?x=1"),
    ),
    ("does not say where", sent(302, b"")),
    ("redirects (302) to http://[", sent(302, b"", location="http://[")),
    ("refuses the simplest request: 500 crash", sent(500, {"detail": "crash"})),
    ("the endpoint answers 204 without a body", [loopback.head(204)]),
    ("the endpoint answers 200 without a body", sent(200, b"")),
    ('the endpoint answers 202 without a message: `{"queued": 1}`', sent(202, {"queued": 1})),
    ("no POST /v1/messages: 404", sent(404, {"detail": "Not Found"})),
    (
        "200 without a message: 2 JSON objects in one frame: no blank line separates their events [frame-",
        loopback.chunked([b'data: {"type":"message_start"}\ndata: {"type":"message_stop"}\n']),
    ),
]


@pytest.mark.parametrize(("said", "script"), FAILING, ids=[said for said, _ in FAILING])
def test_what_is_no_messages_api_fails_once(said, script):
    card = probed(script)
    assert said in card.reason
    assert [result.name for result in card.failed] == ["text"]
    assert {result.reason for result in card.results if result.name != "text"} == {card.reason}


NOT_TESTED = [
    ("sends no response: RemoteProtocolError", [loopback.CUT]),
    ("sends no response: ReadError", [loopback.RESET]),
    ("gives no access: 401", sent(401, {"error": "no"})),
    ("no key was sent", sent(403, {"error": "no"})),
    ("refuses the first request: 404 not_found_error: model: x", sent(404, NOT_FOUND)),
    ("404 NotFoundError: The model `x` does not exist.; --model names its model", sent(404, NO_MODEL)),
    ("404 model_not_found: No such model; --model names", sent(404, {"error": CODE})),
    (
        "is too busy: 429 slow down; retry-after is 3600 s, longer than --patience (30 s)",
        sent(429, {"error": "slow down"}, retry_after="3600"),
    ),
    ("sends no response: RemoteProtocolError", [b"SSH-2.0-OpenSSH_9.2\r\n", loopback.CUT]),
]


@pytest.mark.parametrize(("said", "script"), NOT_TESTED, ids=[said for said, _ in NOT_TESTED])
def test_what_cannot_be_judged_is_not_tested(said, script):
    card = probed(script)
    assert said in card.reason
    assert {result.state for result in card.results} == {State.NOT_TESTED}
    assert card.result("text").exchanges


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([START, loopback.STALL], "has no end"),
        ([loopback.STALL], "sends no response"),
        ([START, loopback.chunk(b": wait\n\n"), loopback.STALL], "has no end"),
    ],
    ids=["silent after the head", "silent", "silent in the stream"],
)
def test_an_endpoint_that_never_ends_is_given_up_in_time(script, said):
    began = time.monotonic()
    card = probed(script, silence=0.2)
    assert said in card.reason
    assert time.monotonic() - began < 5


def test_tls_that_fails_is_said():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_without_tls():
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer_without_tls, daemon=True).start()
        card = inspector.probe(f"https://127.0.0.1:{listener.getsockname()[1]}", key="")
    assert "cannot be reached, TLS fails: ConnectError: [SSL" in card.reason


def dripping(piece):
    pause = threading.Event()
    return [step for _ in range(500) for step in (piece, lambda: pause.wait(0.01))]


@pytest.mark.parametrize(
    "script",
    [
        [START, *dripping(loopback.chunk(b": wait\n\n"))],
        [b"HTTP/1.1 200 OK\r\n", *dripping(b"x-wait: 1\r\n")],
    ],
    ids=["body", "head"],
)
def test_an_endpoint_that_drips_is_given_up_in_time(script):
    card = probed(script, timeout=0.3, only=["text"])
    assert "within 0.3 s" in card.reason


FRAMES = [f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in streamed(MESSAGE)]
PING = loopback.chunk(b'event: ping\ndata: {"type":"ping"}\n\n')


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ([loopback.STALL], "and the reader gave up; the message itself is whole"),
        (dripping(PING), "the answer did not end within 0.5 s (--timeout); the message itself is whole"),
    ],
    ids=["silent", "pings for ever"],
)
def test_a_whole_message_whose_body_does_not_end_only_warns(after, said):
    card = probed([START, *map(loopback.chunk, FRAMES), *after], silence=0.3, timeout=0.5, only=["text"])
    result = card.result("text")
    assert result.state is State.PASS
    assert any(said in warning.message for warning in result.warnings)
    assert card.reason == ""


@pytest.mark.parametrize("after", [dripping(PING), [loopback.STALL]], ids=["bit by bit", "with a long pause"])
def test_an_endpoint_that_is_only_slow_is_not_tested(after):
    card = probed([START, loopback.chunk(FRAMES[0]), *after], timeout=0.3, only=["text"])
    assert card.result("text").state is State.NOT_TESTED
    assert (
        card.reason == "the endpoint is too slow: the answer did not end within 0.3 s (--timeout); raise it"
    )


@pytest.mark.parametrize("script", [[loopback.STALL], [START, loopback.STALL]], ids=["no head", "no event"])
def test_a_silence_is_said_with_its_option(script):
    reason = probed(script, silence=0.2, only=["text"]).reason
    assert "nothing came for 0.2 s, the limit (--silence, or a shorter --timeout)" in reason
    assert "ReadTimeout" not in reason


def test_what_arrived_before_a_silence_is_kept(tmp_path):
    card = probed([START, loopback.chunk(b": wait\n\n"), loopback.STALL], silence=0.2, keep=tmp_path)
    kept = inspector.load(card.result("text").exchanges[0].file)
    assert kept.body == b": wait\n\n"
    assert kept.end.how == "timeout"


def test_retry_after_is_waited_for_once():
    replies = [error(429, "rate_limit_error")]
    replies[0].headers["retry-after"] = "0.01"

    def deviate(asked, reply):
        return replies.pop() if replies else reply

    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY, only=["text"])
    assert card.result("text").state is State.PASS
    first, second = card.result("text").exchanges
    assert (first.name, second.name) == ("text-1", "text-2")
    assert first.held == 0.0
    assert second.held >= 0.01
    assert first.ended + second.held <= second.began


def test_a_rate_limit_later_is_not_tested():
    def deviate(asked, reply):
        return Reply(429, {}, headers={"retry-after": "0"}) if "hundred" in asked.prompt else reply

    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY, only=["text", "max-tokens"])
    assert card.result("max-tokens").state is State.NOT_TESTED
    assert card.result("max-tokens").reason == "the endpoint is too busy: 429"  # nothing ran beside it


@pytest.mark.parametrize(("jobs", "wait", "hint"), [(2, "0", True), (1, "0", False), (2, "3600", False)])
def test_an_endpoint_that_is_too_busy_for_several_probes_at_a_time_gets_the_hint_of_one(jobs, wait, hint):
    def deviate(asked, reply):
        return Reply(429, {}, headers={"retry-after": wait}) if "hundred" in asked.prompt else reply

    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY, only=["models", "max-tokens"], jobs=jobs)
    reason = card.result("max-tokens").reason
    assert ("--jobs 1" in reason) is hint
    assert ("longer than --patience" in reason) is (wait == "3600")


def test_a_key_that_is_taken_only_as_bearer_is_sent_so():
    def deviate(asked, reply):
        return error(401, "authentication_error") if "x-api-key" in asked.headers else reply

    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY)
    assert [result.name for result in card.failed] == ["headers"]
    assert "`x-api-key`" in card.failed[0].failures[0].message


PAGE = b"<html><head><title>404 Not Found</title></head></html>"


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize(
    "body", [PAGE, None, b"", {"detail": "Not Found"}], ids=["HTML", "API", "empty", "JSON"]
)
def test_the_endpoint_is_looked_for_beside_a_wrong_path(status, body):
    def deviate(asked, reply):
        wrong = asked.path == "/v1/v1/messages"
        return (
            Reply(status, body, headers={"content-type": "text/html"})
            if wrong and body is not None
            else reply
        )

    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(f"{endpoint.url}/v1/", key=KEY)
    url = endpoint.url
    assert card.reason == (
        f"nothing is at {url}/v1/v1/messages; the Messages API is at {url}/v1/messages: use --base-url {url}"
    )


def test_what_refuses_at_another_path_may_be_the_endpoint_and_only_a_message_proves_it():
    def deviate(asked, reply):
        return Reply(404, {}) if asked.path == "/v1/v1/messages" else error(401, "authentication_error")

    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(f"{endpoint.url}/v1/", key=KEY)
    assert f"; the Messages API may be at {endpoint.url}/v1/messages: use" in card.reason


def test_a_status_that_a_page_repeats_is_said_once():
    card = probed(*[sent(404, PAGE)] * 4)
    assert card.reason == "there is no POST /v1/messages: 404 Not Found"
    assert "page of HTML: 503 Busy" in probed(sent(503, b"<h1>503 Busy</h1>")).reason


def test_a_relative_redirect_gives_the_whole_base_url():
    with loopback.Server(sent(307, b"", location="/ok/v1/messages")) as server:
        card = inspector.probe(f"{server.url}/old/", key="")
    assert card.reason.endswith(f"to {server.url}/ok/v1/messages: use --base-url {server.url}/ok")


def test_a_redirect_to_the_same_place_names_no_other_base_url():
    with loopback.Server(sent(307, b"", location="/v1/messages/")) as server:
        card = inspector.probe(server.url, key="")
    assert card.reason.endswith("/v1/messages/: it must answer at /v1/messages itself")


def test_a_request_that_is_answered_without_a_body_is_not_refused():
    def deviate(asked, reply):
        return Reply(204, b"") if "hundred" in asked.prompt else reply

    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY, only=["text", "max-tokens"])
    (failure,) = card.result("max-tokens").failures
    assert failure.message == "the request is answered with 204 without a body"


def test_openais_list_of_models_says_whose_protocol_it_is():
    missing, listed = sent(404, {"detail": "Not Found"}), sent(200, {"object": "list", "data": []})
    card = probed(missing, missing, listed)
    assert "OpenAI's protocol, by its list of models" in card.reason
