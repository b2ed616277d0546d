"""The law of secrets: nothing that opens a door reaches a file, a log, a terminal or a report of tests.

Every kind of secret goes through every door. A new kind is one line in `SECRETS`, a new door one function.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
import warnings
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from conftest import ROOT
from loopback import END, Server, chunk, chunked, head

import inspector
from inspector.cli import cli

OWN = "sk-ant-api03-OwnK3yOwnK3yQ9Zx7Vb5Nm2Lk8Jh4"
R = "q7W2e9R4t1Y6u3I8o5P0"
BASIC = "YW5uOmNvcnJlY3QgaG9yc2UgNDI="

# How each kind stands in a text, and what of it nobody may read. None of these opens anything.
SECRETS = {
    "own key": (OWN, OWN[16:]),
    "Anthropic": (f"sk-ant-api03-{R}{R}", R + R),
    "Anthropic, escaped": (rf"sk\u002dant\u002dapi03\u002dZ{R}", "Z" + R),
    "GitHub": (f"ghp_{R}Gh0{R}", f"{R}Gh0{R}"),
    "GitHub, fine-grained": (f"github_pat_11{R}Gf", f"{R}Gf"),
    "GitLab": (f"glpat-{R}Gl", f"{R}Gl"),
    "Slack": (f"xoxb-{R}Sl", f"{R}Sl"),
    "Stripe": (f"sk_live_{R}St", f"{R}St"),
    "npm": (f"npm_{R}Np{R}", f"{R}Np{R}"),
    "Hugging Face": (f"hf_{R}Hf{R}", f"{R}Hf{R}"),
    "AWS": ("AKIAQ7W2E9R4T1Y6U3I8", "Q7W2E9R4T1Y6U3I8"),
    "bearer": (f"Bearer b3{R}", f"b3{R}"),
    "basic": (f"Basic {BASIC}", BASIC),
    "JSON web token": (f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{R}.{R}", f"zdWIi{R}.{R}"),
    "private key": (rf"-----BEGIN PRIVATE KEY-----\n{R * 3}\n-----END PRIVATE KEY-----", f"{R}{R}"),
    "user of a URL": (r"https:\/\/ann:Pa55w0rdAnn42@db.example\/x", "Pa55w0rdAnn42"),
    "parameter of a URL": ("https://h.example/?a=1&sig=Qs1gn4tur3Qz", "Qs1gn4tur3Qz"),
    "password": (r"{\"user\":\"ann\",\"password\":\"correct-horse-47\"}", "correct-horse-47"),
    "environment": (
        r"printenv\nMY_API_KEY=3nv1r0nm3ntQ9Zx7Vb5\nDB_PASSWORD=\"w0rdOfTheDatabase8\"",
        "w0rdOfTheDatabase8",
    ),
    "environment, a key": (r"\nAWS_SECRET_ACCESS_KEY=Vx7/K2n9+Lq4Wm8Rt6Yp3Zs", "Vx7/K2n9+Lq4Wm8Rt6Yp3Zs"),
    "header": (r"curl -H 'x-api-key: H34d3rQ9Zx7Vb5Nm2Lk8'", "H34d3rQ9Zx7Vb5Nm2Lk8"),
}
SAID = " and ".join(text for text, _ in SECRETS.values())
"""A text with all of them, as it stands in a JSON string."""

BODY = (
    b'{"model":"m","max_tokens":10,"stream":true,"messages":[{"role":"user","content":"%b"}],'
    b'"mcp_servers":[{"type":"url","url":"https://h/","authorization_token":"McpT0kenMcpT0ken"}]}'
) % SAID.encode()
HIDDEN = {name: core for name, (_, core) in SECRETS.items()} | {"MCP token": "McpT0kenMcpT0ken"}
PASSWORD = "Pa55w0rdAnn42"


def frame(name, **data):
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


def delta(text, field="text", kind="text_delta"):
    payload = b'{"type":"content_block_delta","index":0,"delta":{"type":"%b","%b":"%b"}}'
    data = payload % (kind.encode(), field.encode(), text.encode())
    return b"event: content_block_delta\ndata: " + data + b"\n\n"


PIECES = re.findall(r"(?:\\u.{4}|\\.|[^\\]){1,7}", SAID)
STREAM = [
    frame("message_start", message={"id": "msg_1", "content": [], "usage": {}}),
    b": " + OWN.encode() + b"\n\n",
    f"event: {OWN}\ndata: {{}}\n\n".encode(),
    frame("content_block_start", index=0, content_block={"type": "text", "text": ""}),
    *map(delta, [SAID, *PIECES]),
    *[delta(piece, "partial_json", "input_json_delta") for piece in PIECES],
    frame("content_block_stop", index=0),
    frame("error", error={"type": "api_error", "message": f"key {OWN}"}),
    frame("message_stop"),
]
ERROR = b'{"type":"error","error":{"type":"authentication_error","message":"%b"}}' % SAID.encode()
ERRORS = [
    head(401, {"content-type": "application/json", "request-id": OWN, "content-length": str(len(ERROR))}),
    ERROR,
]


def leaks(produced, *, least=0):
    """Name the secrets of which a half or more can be read, also in pieces or with escapes.

    `least` is how many characters count as that much, if half of a secret is less.
    """
    texts = re.findall(r'"(?:text|partial_json)": ?"((?:[^"\\]|\\.)*)"', produced)
    seen = "\n".join([produced, "".join(texts)])
    seen += re.sub(r"\\+(?:u00|x)([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), seen)
    sizes = {name: max(len(core) // 2, least) for name, core in HIDDEN.items()}
    return [
        name
        for name, core in HIDDEN.items()
        if any(core[at : at + sizes[name]] in seen for at in range(len(core) - sizes[name] + 1))
    ]


def files(folder):
    """Return the names and the texts of all files, hidden ones too."""
    paths = [Path(root) / name for root, _, names in os.walk(folder) for name in names]
    assert paths
    return "".join(f"{path}\n{path.read_text('utf-8', 'replace')}\n" for path in paths)


def ran(*command, env=None, cwd=ROOT):
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "ANTHROPIC_API_KEY": OWN, **(env or {})}
    run = [sys.executable, "-m", *map(str, command)]
    done = subprocess.run(run, capture_output=True, env=environ, cwd=cwd)
    output = (done.stdout + done.stderr).decode()
    assert "Traceback" not in output
    return output


def asked(url, folder, *, key=OWN):
    """Send a request with secrets everywhere through a client with a tap; return all that it leaves."""
    with httpx.Client(event_hooks=inspector.tap(folder), trust_env=False) as client:
        url = url.replace("://", f"://ann:{PASSWORD}@") + "/v1/messages?beta=true&token=Qs1gn4tur3Qz"
        headers = {"x-api-key": key, "authorization": f"Bearer {OWN}", "user-agent": f"me {OWN}"}
        with contextlib.suppress(httpx.HTTPError):
            client.post(url, content=BODY, headers=headers)


def a_tapped_stream(folder):
    with Server(chunked(STREAM, request_id=OWN, server=f"x {OWN}")) as server:
        asked(server.url, folder)
    return files(folder)


def a_tapped_stream_one_byte_a_read(folder):
    script = [head(transfer_encoding="chunked"), *[chunk(each) for each in STREAM], END]
    with Server(script) as server, httpx.Client(event_hooks=inspector.tap(folder), trust_env=False) as client:
        request = client.build_request("POST", server.url, content=BODY, headers={"x-api-key": OWN})
        for _ in client.send(request, stream=True).iter_raw(1):
            pass
    return files(folder)


def a_tapped_error(folder):
    with Server(ERRORS) as server:
        asked(server.url, folder)
    return files(folder)


def a_tap_that_cannot_write(folder):
    with warnings.catch_warnings(record=True) as caught, Server(chunked(STREAM)) as server:
        warnings.simplefilter("always")
        asked(server.url, f"/proc/{OWN}/x.jsonl")
    assert caught
    return "".join(str(warning.message) for warning in caught)


def a_key_that_ends_in_a_line_end(folder):
    file = folder / "out.jsonl"
    with Server(ERRORS) as server:
        options = ["-o", file, "--base-url", server.url]
        output = ran("inspector", "stream", "hi", *options, env={"ANTHROPIC_API_KEY": OWN + "\n"})
    assert "Illegal header value" in output
    return output + files(folder)


def a_server_that_cannot_be_reached(folder):
    url = f"http://ann:{PASSWORD}@127.0.0.1:1/x?token=Qs1gn4tur3Qz"
    output = ran("inspector", "stream", "hi", "-o", folder / "out.jsonl", "--base-url", url)
    assert "cannot reach" in output
    return output + files(folder)


def a_stream_that_is_shown(folder):
    produced = ""
    for format_ in ("pretty", "jsonl", "events", "text", "raw"):
        with Server(chunked(STREAM, request_id=OWN)) as server:
            file = folder / f"{format_}.jsonl"
            options = ["--base-url", server.url, "-o", file, "--format", format_, "--check"]
            produced += ran("inspector", "stream", "hi", *options)
    return produced + files(folder)


def an_error_that_is_shown(folder):
    with Server(ERRORS) as server:
        output = ran("inspector", "stream", "hi", "--base-url", server.url)
    assert "authentication_error" in output
    return output


def recorded(folder):
    """A recording that another program made, with secrets in its name, its request and its stream."""
    head_ = {
        "recording": 1,
        "at": "2026-11-20T18:13:33.360011Z",
        "request": {"method": "POST", "url": f"https://ann:{PASSWORD}@h/v1/messages", "headers": {}},
        "response": {"t": 0.1, "status": 200, "http": "HTTP/1.1", "headers": {"request-id": OWN}},
    }
    said = json.loads(f'"{SAID}"')
    events = [
        {"t": 0.2, "event": OWN, "data": {"type": said, said: said}},
        {"t": 0.3, "event": "message_start", "data": {"type": "message_start", "message": {"id": said}}},
        {"t": 0.4, "event": "content_block_start", "data": {"type": said, "index": said}},
        {"t": 0.5, "event": "error", "data": {"type": "error", "error": {"type": said, "message": said}}},
        {"t": 0.6, "raw": f"event: {OWN}\ndata: {{{OWN}\n\n"},
        {"t": 0.7, "end": "reset", "error": said},
    ]
    file = folder / f"{OWN}.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in [head_, *events]))
    return file


def in_process(*arguments):
    result = CliRunner().invoke(cli, [*map(str, arguments)])
    assert result.output and not (result.exception and not isinstance(result.exception, SystemExit))
    return result.output


def what_is_checked(folder):
    file = recorded(folder)
    broken = folder / f"broken-{OWN}.jsonl"
    broken.write_text(f'{{"recording":1}}\n{OWN}\n{SAID}\n')
    formats = ("text", "json", "github", "junit", "sarif")
    return "".join(in_process("check", "--format", each, file, broken) for each in formats)


def what_is_shown(folder):
    return in_process("show", recorded(folder))


def the_values_of_the_library(folder):
    file = recorded(folder)
    transport = inspector.replay(file)
    with httpx.Client(transport=transport) as client, contextlib.suppress(httpx.HTTPError):
        client.post(f"http://h/v1/{OWN}/?key={OWN}", content=BODY, headers={"x-api-key": OWN})
    findings = inspector.check(inspector.load(file))
    missing = folder / OWN
    with pytest.raises(inspector.RecordingError) as raised:
        inspector.load(missing)
    return "\n".join(
        [
            repr(transport.requests),
            repr(transport.misses),
            *map(repr, findings),
            *map(str, findings),
            *[json.dumps(finding.to_dict()) for finding in findings],
            str(raised.value),
        ]
    )


def the_log_of_a_server(folder):
    produced = ""
    for log in (["--log", folder / "log.jsonl"], []):  # as JSON into a file, as text on standard error
        hello = ROOT / "recordings" / "hello.jsonl"
        options = ["--port", "0", "--match", "body", *log]
        command = [sys.executable, "-m", "inspector", "serve", hello, *options]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen([*map(str, command)], env=environ, **pipes) as process:
            url = process.stdout.readline().strip()
            headers = {"x-api-key": OWN, "authorization": f"Bearer {OWN}", "x-inspector-recording": OWN}
            for path in ("/v1/messages?key=Qs1gn4tur3Qz", f"/v1/{OWN}"):
                request = urllib.request.Request(url + path, BODY, headers)
                with pytest.raises(urllib.error.HTTPError) as raised:
                    urllib.request.urlopen(request, timeout=60)
                with raised.value as response:
                    produced += response.read().decode()
            process.terminate()
            out, err = process.communicate(timeout=60)
        produced += out + err
    return produced + files(folder)


INNER = """
import httpx, pytest
from secret import BODY, KEY

@pytest.fixture
def received(replay_transport):
    with httpx.Client(transport=replay_transport) as client:
        client.post("http://h/v1/messages?key=Qs1gn4tur3Qz", content=BODY, headers={"x-api-key": KEY})
    print("captured", KEY)
    return replay_transport.requests[0]

@pytest.mark.recording("hello", match="body")
def test_miss(received):
    pass

@pytest.mark.recording("hello")
def test_headers(received):
    assert received.headers == {}

@pytest.mark.recording("hello")
def test_repr(received):
    assert [received] == received.json()

@pytest.mark.recording("hello", "hello")
def test_url(received):
    assert received.url == "http://h" and received.body == b""
"""


def a_run_of_pytest(folder):
    (folder / "secret.py").write_text(f"KEY, BODY = {OWN!r}, {BODY!r}\n")
    (folder / "test_inner.py").write_text(INNER)
    options = ["-vv", "-rA", "-p", "no:cacheprovider", "--junitxml=junit.xml"]
    output = ran("pytest", *options, "test_inner.py", cwd=folder)
    assert "4 failed" in output
    return output + (folder / "junit.xml").read_text()


DOORS = [
    a_tapped_stream,
    a_tapped_stream_one_byte_a_read,
    a_tapped_error,
    a_tap_that_cannot_write,
    a_key_that_ends_in_a_line_end,
    a_server_that_cannot_be_reached,
    a_stream_that_is_shown,
    an_error_that_is_shown,
    what_is_checked,
    what_is_shown,
    the_values_of_the_library,
    the_log_of_a_server,
    a_run_of_pytest,
]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_secret_leaves_by(door, tmp_path):
    # What a stream spreads over its deltas is written at once: up to eleven characters before a key is known
    # as one. How many depends on which deltas came together.
    least = 12 if door is a_stream_that_is_shown else 0
    assert leaks(door(tmp_path), least=least) == []


def test_the_law_sees_a_secret_that_is_not_masked():
    assert leaks(BODY.decode()) == list(HIDDEN)
    assert "GitHub" in leaks(b"".join(STREAM).decode())
    assert "GitHub" in leaks(b"".join(map(delta, PIECES)).decode())
