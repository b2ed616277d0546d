"""The law of secrets, place by place: a key stands in one place of an exchange and comes out by no door.

`test_secrets` sends every kind of secret through every door. Here one key stands in every place. A new place
is one line in `PLACES`, a new door one function.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import re
import traceback
import warnings

import httpx
import pytest
from click.testing import CliRunner
from loopback import END, Server, chunk, head

import inspector
from inspector.cli import cli
from inspector.proxy.forwarder import Forwarder
from inspector.record.files import target_for
from inspector.record.journal import Journal
from inspector.recording import Recorder
from inspector.recording.redacted import redacted

CORE = "q7W2e9R4t1Y6u3I8o5P0"
KEY = f"sk-ant-api03-{CORE}{CORE}"
"""A key that opens nothing."""

START = b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'


def event(data, name="content_block_delta"):
    payload = data if isinstance(data, bytes) else json.dumps(data).encode()
    return f"event: {name}\n".encode() + b"data: " + payload + b"\n\n"


def delta(text, field="text"):
    return event(
        {"type": "content_block_delta", "index": 0, "delta": {"type": f"{field}_delta", field: text}}
    )


def spread(text, size, field="text"):
    return [
        event(START, "content_block_start"),
        *[delta(text[at : at + size], field) for at in range(0, len(text), size)],
    ]


def nested(depth):
    text = json.dumps({"env": {"KEY": KEY}})
    for _ in range(depth):
        text = json.dumps({"json": text})
    return text


TOOL = json.dumps({"command": f"curl -H 'x-api-key: {KEY}' https://h/"})
ERROR = json.dumps({"type": "error", "error": {"type": "api_error", "message": f"bad key {KEY}"}}).encode()

# Where the key stands: the arguments of a request and of its response.
PLACES = {
    "path of the URL": {"url": f"/v1/{KEY}/messages"},
    "query of the URL": {"url": f"/v1/messages?beta=true&key={CORE}"},
    "user of the URL": {"user": f"ann:{CORE}@"},
    "header that authenticates": {"headers": {"x-api-key": KEY}},
    "bearer": {"headers": {"authorization": f"Bearer {CORE}{CORE}"}},
    "cookie": {"headers": {"cookie": f"a=b; session={CORE}"}},
    "header that is kept": {"headers": {"user-agent": f"me/1 {KEY}"}},
    "any header": {"headers": {"x-my-own": CORE}},
    "name of a header": {"headers": {f"x-{KEY}": "1"}},
    "text of the request": {"body": {"messages": [{"role": "user", "content": f"use {KEY}"}]}},
    "member of the request": {"body": {"mcp_servers": [{"authorization_token": CORE}]}},
    "array of the request": {"body": {"api_key": [CORE, CORE]}},
    "JSON in JSON of the request": {"body": {"messages": nested(2)}},
    "request that is no JSON": {"body": f"<p>{KEY}</p>".encode()},
    "request that is no text": {"body": b"\xff\xfe" + KEY.encode()},
    "set-cookie": {"response": {"set-cookie": f"session={CORE}; Path=/"}},
    "header of the response": {"response": {"via": KEY}},
    "request id": {"response": {"request-id": KEY}},
    "redirect": {"response": {"location": f"https://h/?X-Amz-Signature={CORE}"}, "status": 307},
    "text of a delta": {"reads": [delta(f"your key is {KEY}")]},
    "name of an event": {"reads": [event(b"{}", KEY)]},
    "comment": {"reads": [f": {KEY}\n\n".encode()]},
    "id of an event": {"reads": [f"id: {KEY}\ndata: {{}}\n\n".encode()]},
    "payload that is no JSON": {"reads": [event(b'{"text":"' + KEY.encode())]},
    "bytes that are no text": {"reads": [b": \xff\xfe" + KEY.encode() + b"\n\n"]},
    "error event": {"reads": [event(ERROR, "error")]},
    "body of an error": {"reads": [ERROR], "status": 401},
    "page of HTML": {"reads": [f"<h1>{KEY}</h1>".encode()], "status": 502},
    "unfinished event": {"reads": [event(START)[:-2], f'data: {{"text":"{KEY}'.encode()]},
    "spread over deltas": {"reads": spread(f"key: {KEY}, ok", 5)},
    "spread over one delta a letter": {"reads": spread(f"key: {KEY}, ok", 1)},
    "spread over reads": {"reads": [bytes([byte]) for byte in delta(f"key: {KEY}")]},
    "input of a tool": {"reads": spread(TOOL, 7, "partial_json")},
    "JSON in JSON of a tool": {"reads": spread(nested(2), 9, "partial_json")},
    "password of a tool": {"reads": spread(json.dumps({"password": CORE}), 4, "partial_json")},
    "compressed": {"reads": [gzip.compress(delta(f"key: {KEY}"))], "response": {"content-encoding": "gzip"}},
}


def readable(text):
    """Return the longest part of the key that stands in a text, also in pieces, in base64 or with escapes."""
    pieces = re.findall(r'"(?:text|partial_json)": ?"((?:[^"\\]|\\.)*)"', text)
    decoded = [base64.b64decode(each).decode("latin-1") for each in re.findall(r'"base64": ?"([^"]*)"', text)]
    seen = "\n".join([text, "".join(pieces), *decoded])
    return max(
        (
            size
            for size in range(len(CORE))
            if any(CORE[at : at + size] in seen for at in range(len(CORE) - size + 1))
        ),
        default=0,
    )


def exchange(place, base, **client):
    """Send the request of a place, and read what comes."""
    url = base.replace("://", f"://{place.get('user', '')}") + place.get("url", "/v1/messages")
    body = place.get("body", b"{}")
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with httpx.Client(trust_env=False, **client) as http, contextlib.suppress(httpx.HTTPError):
        http.post(url, content=content, headers=place.get("headers", {}))


def served(place):
    fields = {"transfer-encoding": "chunked", **place.get("response", {})}
    return Server([head(place.get("status", 200), fields), *map(chunk, place.get("reads", [b"{}"])), END])


def files(folder):
    paths = [file for file in folder.rglob("*") if file.is_file()]
    assert paths
    return "".join(f"{file}\n{file.read_text('utf-8', 'replace')}" for file in paths)


# Doors for what happens


def a_tap(place, folder):
    with served(place) as server:
        exchange(place, server.url, event_hooks=inspector.tap(folder / "taps"))
    return files(folder)


def a_tap_into_one_file(place, folder):
    with served(place) as server:
        exchange(place, server.url, event_hooks=inspector.tap(folder / "a.jsonl"))
    return files(folder)


def a_tap_that_redacts_and_calls_a_function(place, folder):
    hooks = inspector.tap(folder / "taps", redact="signatures", before_record=lambda recording: recording)
    with served(place) as server:
        exchange(place, server.url, event_hooks=hooks)
    return files(folder)


def a_proxy(place, folder):
    tap = inspector.Tap(Journal(target_for(folder / "proxy"), interval=0.01))
    with served(place) as server:
        forwarder = Forwarder(server.url, tap).start()
        try:
            exchange(place, forwarder.url)
        finally:
            forwarder.stop()
    return files(folder)


def a_request_without_an_answer(place, folder):
    hooks = inspector.tap(folder / "taps")
    with httpx.Client(trust_env=False) as http:
        body = place.get("body", b"{}")
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"http://{place.get('user', '')}127.0.0.1:1{place.get('url', '/v1/messages')}"
        request = http.build_request("POST", url, content=content, headers=place.get("headers", {}))
        hooks.on_request(request)
        hooks.on_error(request, httpx.ConnectError(f"no way to {url}"))
    hooks.flush()
    return files(folder)


def a_disk_that_is_full(place, folder):
    with warnings.catch_warnings(record=True) as caught, served(place) as server:
        warnings.simplefilter("always")
        exchange(place, server.url, event_hooks=inspector.tap(f"/proc/{KEY}/x.jsonl"))
    assert caught
    return "".join(str(warning.message) for warning in caught)


# Doors for what another program has recorded


def leaked(place, folder):
    """A recording with everything in it, in a file that is called like the key."""
    recorder = Recorder()
    reads = place.get("reads", [b"{}"])
    reads = [gzip.decompress(read) if read.startswith(b"\x1f\x8b") else read for read in reads]
    blocks = [*recorder.feed([(n / 1e3, read) for n, read in enumerate(reads, 1)]), *recorder.close()]
    body = place.get("body", b"{}")
    recording = inspector.Recording(
        inspector.Head(
            "2026-11-22T00:00:00Z",
            inspector.Request(
                "POST",
                f"https://{place.get('user', '')}h{place.get('url', '/v1/messages')}",
                place.get("headers", {}),
                body if isinstance(body, bytes) else json.dumps(body).encode(),
            ),
            inspector.Response(0.0, place.get("status", 200), place.get("response", {})),
        ),
        tuple(blocks),
        inspector.End(1.0, inspector.Ending.RESET, f"lost {KEY}"),
    )
    file = folder / f"{KEY}.jsonl"
    inspector.save(recording, file)
    return file


def in_process(*arguments):
    result = CliRunner().invoke(cli, [*map(str, arguments)])
    assert result.output and not (result.exception and not isinstance(result.exception, SystemExit))
    return result.output


def what_is_redacted(place, folder):
    said = in_process("redact", leaked(place, folder), "-o", folder / "out" / "a.jsonl")
    return said + (folder / "out" / "a.jsonl").read_text()


def what_is_scanned(place, folder):
    return in_process("redact", "--scan", leaked(place, folder))


def what_is_shown(place, folder):
    return in_process("show", leaked(place, folder))


def what_is_checked(place, folder):
    file = leaked(place, folder)
    return "".join(in_process("check", "--no-sdk", "--format", each, file) for each in ("text", "json"))


def a_traceback(place, folder):
    recording = inspector.load(leaked(place, folder))
    try:
        raise AssertionError(repr(recording), [*recording.events()], inspector.check(recording))
    except AssertionError:
        return traceback.format_exc()


def the_library(place, folder):
    recording = redacted(inspector.load(leaked(place, folder)))
    return (
        f"{recording.body!r}{recording.request.body!r}{recording.request}{recording.response}{recording.end}"
    )


LIVE = [a_tap, a_tap_into_one_file, a_tap_that_redacts_and_calls_a_function, a_proxy]
RECORDED = [what_is_redacted, what_is_scanned, what_is_shown, what_is_checked, a_traceback, the_library]
OF_THE_REQUEST = [a_request_without_an_answer, a_disk_that_is_full]

# What may be shown of a secret that a response spells: from its prefix to where it can be recognized.
SHOWN = 8

# What `docs/limits.md` says of recordings that another program has made, unless `inspector redact` was
# over them: what has no shape is not known as a secret, and what is in pieces is shown in pieces.
WITHOUT_A_SHAPE = {"cookie", "any header", "set-cookie"}
IN_PIECES = {name for name in PLACES if name.startswith("spread over") or name.endswith("of a tool")}
LIMITS = {
    a_traceback: WITHOUT_A_SHAPE | IN_PIECES - {"spread over reads"},
    what_is_shown: {name for name in IN_PIECES if name.endswith("of a tool")},
}

CASES = [
    pytest.param(PLACES[name], door, id=f"{name}-{door.__name__}")
    for name in PLACES
    for door in (*LIVE, *OF_THE_REQUEST, *RECORDED)
    if name not in LIMITS.get(door, ())
]


@pytest.mark.parametrize(("place", "door"), CASES)
def test_a_key_comes_out_by_no_door(place, door, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    (tmp_path / "out").mkdir()
    assert readable(door(place, tmp_path)) < SHOWN


@pytest.mark.parametrize("name", PLACES)
def test_the_law_sees_the_key_in_each_place(name, tmp_path):
    assert readable(leaked(PLACES[name], tmp_path).read_text().replace(f"lost {KEY}", "")) >= SHOWN
