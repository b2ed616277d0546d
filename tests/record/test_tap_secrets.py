"""No secret of a request or a response reaches a file through the tap."""

from __future__ import annotations

import json

import pytest
from loopback import Server, chunked
from recorded import KEY, SECRET, only

from inspector import tap


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
