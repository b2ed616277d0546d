"""No secret of a request or a response reaches a file through the tap."""

from __future__ import annotations

import json

import pytest
from loopback import Server, chunked, head
from recorded import KEY, SECRET, only

from inspector import replay, tap


@pytest.mark.parametrize(
    "where",
    [
        {"headers": {"authorization": f"Bearer {KEY}"}},
        {"headers": {"authorization": f"Bearer {SECRET}"}},
        {"headers": {"x-api-key": SECRET}},
        {"headers": {"api-key": SECRET}},
        {"headers": {"cookie": f"session={SECRET}; a=b"}},
        {"headers": {"x-my-own-header": SECRET}},
        {
            "headers": {"x-api-key": SECRET},
            "content": json.dumps({"prompt": f"my key is {SECRET}!"}).encode(),
        },
        {"content": json.dumps({"prompt": f"my key is {KEY}!"}).encode()},
        {"query": f"?api_key={SECRET}&beta=true"},
        {"query": f"?beta=true&k={KEY}"},
        {"user": f"me:{SECRET}@"},
        {"response": {"set-cookie": f"session={SECRET}; Path=/"}},
        {"response": {"x-echo": KEY}},
        {"response": {"via": KEY}},
        {"response": {"location": f"/there?token={SECRET}"}},
        {"body": KEY},
        {"headers": {"x-api-key": SECRET}, "body": SECRET},
        {"response": {"set-cookie": f"session={SECRET}; Path=/"}, "body": SECRET},
    ],
    ids=lambda where: "+".join(where),
)
def test_no_secret_is_in_any_file_and_the_request_is_unchanged(caller, tmp_path, where):
    body = b'event: a\ndata: {"text":"%b"}\n\n' % where.get("body", "").encode()
    with Server(chunked([body], **where.get("response", {}))) as server:
        url = f"http://{where.get('user', '')}{server.url[7:]}/v1/messages{where.get('query', '')}"
        request = {name: where[name] for name in ("headers", "content") if name in where}
        fetched = caller.fetch(url, event_hooks=tap(tmp_path), **request)
    assert fetched.chunks == [body]
    ((_, headers, content),) = server.requests
    for name, value in where.get("headers", {}).items():
        assert headers[name] == value
    assert content == where.get("content", b"{}")
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert SECRET.encode() not in written
    assert KEY[13:].encode() not in written
    assert len(only(tmp_path).body) == len(body)


ORGANIZATION = "9a92dbe1-388a-45bd-8e77-09f70b1b8421"
REQUEST = "req_011CSHxVbcaBpQ8exampleAAAA"
USER = "user_" + "a1" * 32 + f"_account_{ORGANIZATION}_session_e2a92dbe-388a-45bd-8e77-09f70b1b842e"
IDS = {"request-id": REQUEST, "anthropic-organization-id": ORGANIZATION}


def test_ids_become_pseudonyms_that_two_recordings_of_a_process_share(caller, tmp_path):
    error = {"type": "error", "error": {"message": ORGANIZATION}, "request_id": REQUEST}
    body = f"event: error\ndata: {json.dumps(error)}\n\n".encode()
    script = [head(200, IDS, content_length=len(body)), body]
    sent = json.dumps({"metadata": {"user_id": USER}}).encode()
    recordings = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        with Server(script) as server:
            caller.fetch(server.url, event_hooks=tap(folder), content=sent)
        assert [body for _, _, body in server.requests] == [sent]
        recordings.append(only(folder))
    one, other = recordings
    assert one.request.body == other.request.body != sent
    assert one.response.headers == other.response.headers
    assert one.body == other.body
    ids = one.response.headers["request-id"], one.response.headers["anthropic-organization-id"]
    (event,) = one.events()
    assert (event.data["request_id"], event.data["error"]["message"]) == ids
    assert ids[1] in one.request.json()["metadata"]["user_id"]
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*.jsonl"))
    assert not [each for each in (ORGANIZATION, REQUEST, "a1" * 32) if each.encode() in written]


def test_the_end_counts_what_was_hidden_once_however_it_is_spread(caller, tmp_path):
    pieces = [KEY[at : at + 3] for at in range(0, len(KEY), 3)]
    payload = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%s"}}'
    deltas = [
        f"event: content_block_delta\ndata: {payload % text}\n\n".encode() for text in (*pieces, " " + KEY)
    ]
    with Server(chunked([b": " + KEY.encode() + b"\n\n", *deltas], **{"request-id": REQUEST})) as server:
        url = server.url.replace("://", "://me:word@")
        caller.fetch(url, event_hooks=tap(tmp_path), headers={"x-api-key": SECRET}, content=b"{}")
    assert only(tmp_path).end.extra == {"redacted": {"key": 3, "request": 1, "url_user": 1}}


def test_a_recording_without_secrets_says_nothing_of_them(caller, tmp_path):
    with Server(chunked([b"event: a\ndata: {}\n\n"])) as server:
        caller.fetch(server.url, event_hooks=tap(tmp_path))
    assert only(tmp_path).end.extra is None


@pytest.mark.parametrize("redact", ["", "prompts"])
def test_a_replay_knows_the_request_again_although_its_ids_are_others(caller, tmp_path, redact):
    def sent(session):
        user = json.dumps({"device_id": "a1" * 32, "session_id": session})
        content = f'The session is {session}.\nSay "hi", Jörg.'
        messages = [{"role": "user", "content": content}]
        return json.dumps({"messages": messages, "metadata": {"user_id": user}}, ensure_ascii=False).encode()

    with Server(chunked([b"event: a\ndata: {}\n\n"])) as server:
        request = {"content": sent("e2a92dbe-388a-45bd-8e77-09f70b1b842e")}
        caller.fetch(f"{server.url}/v1/messages", event_hooks=tap(tmp_path, redact=redact), **request)
    transport = replay(tmp_path, match="body")
    again = sent("9a92dbe1-388a-45bd-8e77-09f70b1b8421")
    caller.fetch("http://h/v1/messages", transport=transport, content=again)
    assert [each.miss for each in transport.requests] == [None]
