"""One answer: whatever is requested, `inspector.replay` and `inspector serve` say the same.

Each case sends its requests to both doors, in process and over a real loopback socket. It compares all that a
client sees (status, headers, body, exception) and all that the doors remember.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from dataclasses import replace as replaced

import anthropic
import pytest
from conftest import ROOT
from small_recordings import START, STOP, small, stream

import inspector
from inspector import End, Ending, Head, Recording, Request
from inspector.http_library import sdk_library
from inspector.play.faulted import with_faults
from inspector.recording.bundled import bundled_names, bundled_recording
from inspector.serve.server import Server

LIBRARY = sdk_library()
HELLO = ROOT / "recordings" / "hello.jsonl"
TOOL = ROOT / "recordings" / "tool_use.jsonl"
COUNT = "/v1/messages/count_tokens"
ASK = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
TOOLS = [{"name": "f", "description": "d", "input_schema": {"type": "object"}}]

OF_THE_CONNECTION = {"transfer-encoding", "connection"}
"""Headers that a socket needs and a process does not."""

SILENCE = 0.3
"""Seconds after which a client gives up where a recording is silent."""


def post(path="/v1/messages", headers=None, content=None, **body):
    text = json.dumps({**ASK, **body}).encode() if content is None else content
    return "POST", path, headers or {}, text


def get(path, method="GET"):
    return method, path, {}, b""


@dataclass
class Case:
    """Recordings, how to play them, and the requests, one after another."""

    recordings: list
    requests: list
    options: dict = field(default_factory=dict)
    timeout: float = 10.0


def edited(recording, how, error=None):
    """The recording, ending so."""
    end = how and End(recording.blocks[-1].t + 1, Ending(how), error)
    return replaced(recording, end=end)


ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
COUNTED = small(
    b'{"input_tokens":7}', url=f"https://api.anthropic.com{COUNT}", headers={"content-length": "18"}
)
HEALTH = small(b"fine", method="GET", url="https://x/health", headers={"content-length": "4", "x-a": "b"})
BY_BODY = small(b"data: 1\n\n", body=json.dumps({**ASK, "stream": True, "n": 1}).encode())
LOOKED = small(method="HEAD", url="https://x/")
BOTH = [post(stream=True), post()]
BESIDE = [
    get("/", "HEAD"),
    get("/"),
    get("/health"),
    get("/healthz"),
    get("/favicon.ico"),
    post("/api/event_logging/batch"),
    post("/api/event_logging/v2/batch"),
    post("/api/eval/sdk-abc"),
    get("/api/claude_cli/bootstrap"),
    get("/api/hello"),
    post("/v1/traces"),
]
MATCHES = ("order", "request", "body", "name", "any")


def same_n(request, recorded):
    """The user's own matcher: the same `n`, or none in both."""
    assert (request.json() or {}).get("n") == (recorded.json() or {}).get("n")


CASES = {
    **{
        f"{name}: a function's choice, and what is ignored": Case(
            [BY_BODY, HELLO],
            [post(stream=True, n=2), post(stream=True, n=1, max_tokens=1), post(stream=True, system="s")],
            options,
        )
        for name, options in {
            "function": {"match": same_n},
            "request": {"match": "request", "ignore": ["messages"]},
            "body": {"match": "body", "ignore": ["max_tokens", "messages[*].content", "system"]},
        }.items()
    },
    "a stream and a message": Case([HELLO, HELLO], BOTH),
    "again and again": Case([HELLO, TOOL], BOTH * 2, {"loop": True}),
    "a session": Case([bundled_recording("tool_session")], BOTH),
    "a body that is no request": Case([HELLO] * 3, [post(content=text) for text in (b"", b"no json", b"[]")]),
    "a recorded message": Case([small(b'{"type":"message"}')] * 2, BOTH),
    "tokens": Case([HELLO], [post(COUNT), post(COUNT, tools=TOOLS), post(COUNT, content=b"")]),
    "recorded tokens": Case([COUNTED, HELLO], [post(COUNT), post(COUNT), post(stream=True)]),
    "models": Case(
        [HELLO, TOOL],
        [
            get("/v1/models?limit=3"),
            get("/v1/models/claude-haiku-4-5"),
            get("/v1/models/x"),
            get("/v1/models/"),
        ],
    ),
    "strict": Case(
        [HELLO],
        [
            post(COUNT),
            get("/v1/models"),
            get("/v1/models/claude-haiku-4-5"),
            get("/v1/models", "HEAD"),
            post(),
        ],
        {"strict": True},
    ),
    "HEAD": Case(
        [HEALTH, HELLO],
        [get(path, "HEAD") for path in ("/", "/health", "/v1/models", "/v1/messages", "/else", COUNT)],
    ),
    **{
        f"{match}: side traffic": Case(
            [LOOKED, HELLO, HEALTH],
            [*BESIDE, post(stream=True), post("/"), *BESIDE],
            {"match": match, "strict": match == "body"},
        )
        for match in MATCHES
    },
    "GET": Case([HEALTH], [get("/health"), get("/health"), get("/v1/messages")]),
    "another method": Case([HELLO], [get("/v1/messages"), post(stream=True)]),
    "an unknown path": Case(
        [HELLO], [post("/v2/else"), post("/messages"), post("/v1/complete"), post(stream=True)]
    ),
    "a gateway's path": Case([HELLO], [post("/team/v1/messages?beta=true", stream=True)]),
    "everything was played": Case([HELLO], [post(stream=True), post(stream=True), post()]),
    **{
        f"{match}: misses and answers": Case(
            [BY_BODY, HELLO],
            [
                post(stream=True, n=2),
                post(n=1),
                post("/else", stream=True),
                post(headers={"x-inspector-recording": "hello"}, stream=True),
                post(model="hello"),
                post(model="nobody", content=None),
                post(content=b"no json"),
                post(stream=True, n=1),
            ],
            {"match": match},
        )
        for match in MATCHES
    },
    **{
        f"{match}: beside messages": Case(
            [HELLO], [post(COUNT), get("/v1/models"), get("/", "HEAD"), get("/x")], {"match": match}
        )
        for match in MATCHES
    },
    "an error event": Case([stream(START, ERROR)] * 2, BOTH),
    "an unknown error event": Case([stream(START, {"type": "error", "error": {"type": "new"}})] * 2, BOTH),
    "no message": Case([stream({"type": "ping"})] * 2, BOTH),
    **{
        f"an end: {how}": Case([edited(stream(START, STOP), how)] * 2, BOTH, timeout=SILENCE)
        for how in (*Ending, None)
    },
    **{
        f"no response: {error}": Case(
            [Recording(Head("", Request()), (), End(0.1, Ending(how), f"{error}: so"))] * 2,
            BOTH,
            timeout=SILENCE,
        )
        for how, error in [("cut", "RemoteProtocolError"), ("reset", "ReadError"), ("timeout", "ReadTimeout")]
    },
    **{
        f"headers {number}": Case([small(b"abc", headers=headers, status=status)], [post(stream=True)])
        for number, (headers, status) in enumerate(
            [
                ({"content-length": "3", "keep-alive": "x", "te": "y", "upgrade": "z"}, 200),
                ({"content-length": "x", "x-a": "é"}, 529),
                ({"content-length": "9", "content-encoding": "gzip"}, 200),
                ({"x-a": "b\r\nx-c: d"}, 200),
                ({"x-a": ""}, 500),
            ]
        )
    },
}
"""What is requested of which recordings."""


class Seen:
    """What clients saw of a door, and what the door remembers."""

    def __init__(self, door, url, case, **client):
        self.responses = []
        with LIBRARY.Client(trust_env=False, timeout=case.timeout, base_url=url, **client) as client:
            for method, path, headers, content in case.requests:
                self.responses.append(self._fetch(client, method, path, headers, content))
        self.unused = door.unused
        self.misses = [each.miss for each in door.misses]
        self.requests = [
            (each.number, each.method, each.path, each.body, each.recording, each.status, each.miss)
            for each in door.requests
        ]
        self.differences = [each.differences for each in door.requests]

    def _fetch(self, client, method, path, headers, content):
        status, fields, body = None, None, b""
        try:
            with client.stream(method, path, headers=headers, content=content) as response:
                status, fields = response.status_code, fields_of(response)
                for chunk in response.iter_raw():
                    body += chunk
        except LIBRARY.TransportError as error:
            return status, fields, body, type(error).__name__
        return status, fields, body, None


def fields_of(response):
    return [field for field in response.headers.multi_items() if field[0] not in OF_THE_CONNECTION]


async def fetched_async(transport, case):
    """What an async client sees in process."""
    responses = []
    async with LIBRARY.AsyncClient(transport=transport, base_url="http://nowhere.test") as client:
        for method, path, headers, content in case.requests:
            status, fields, body, error = None, None, b"", None
            try:
                async with client.stream(method, path, headers=headers, content=content) as response:
                    status, fields = response.status_code, fields_of(response)
                    async for chunk in response.aiter_raw():
                        body += chunk
            except LIBRARY.TransportError as raised:
                error = type(raised).__name__
            responses.append((status, fields, body, error))
    return responses


def both(case):
    """What is seen of each door."""
    transport = inspector.replay(*case.recordings, **case.options)
    with Server(*case.recordings, **case.options) as server:
        return (
            Seen(transport, "http://nowhere.test", case, transport=transport),
            Seen(server, server.url, case),
        )


def same(case):
    in_process, over_a_socket = both(case)
    assert in_process.responses == over_a_socket.responses
    assert vars(in_process) == vars(over_a_socket)
    return in_process


@pytest.mark.parametrize("name", CASES)
def test_both_doors_answer_and_remember_the_same(name):
    same(CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_async_clients_get_the_same(name):
    case = CASES[name]
    transport = inspector.replay(*case.recordings, **case.options)
    expected = Seen(transport, "http://nowhere.test", case, transport=transport).responses
    again = inspector.replay(*case.recordings, **case.options)
    assert asyncio.run(fetched_async(again, case)) == expected


@pytest.mark.parametrize("match", ["order", "any"])
def test_side_traffic_is_answered_is_no_miss_and_uses_nothing_up(match):
    options = {"match": match, "strict": True}
    seen = same(Case([LOOKED, HEALTH, HELLO], [*BESIDE, post(stream=True), *BESIDE], options))
    assert {status for status, *_ in seen.responses} == {200}
    assert (seen.misses, seen.unused) == ([], [])
    assert seen.responses[len(BESIDE)][2] == inspector.load(HELLO).body


@pytest.mark.filterwarnings("ignore::inspector.errors.RecordingWarning")  # one is torn
@pytest.mark.parametrize("name", [name for name in bundled_names() if name != "broken/no_response"])
def test_every_bundled_recording_is_the_same_through_both_doors(name):
    # The one left out is a connection that could not be made; a client of a server has made one.
    path = bundled_recording(name)
    same(Case([path, path], BOTH, timeout=SILENCE if "timeout" in name else 10.0))


@pytest.mark.parametrize(
    "fault",
    [
        "http-error=529,on=1..2",
        "http-error=429",
        "cut-clean@mid",
        "cut-fin@ev:7",
        "cut-rst@mid",
        "content-length=5",
        "content-length=-5",
        "gzip=cut",
        "gzip=lie",
        "rechunk=1",
        "stall-headers",
    ],
)
def test_faults_are_the_same_through_both_doors(fault):
    recordings, loop = with_faults([HELLO], fault)
    case = Case(recordings, [post(stream=True), post(), post(stream=True)], {"loop": loop}, timeout=SILENCE)
    seen = same(case)
    played = inspector.replay(HELLO, fault=fault)
    assert Seen(played, "http://nowhere.test", case, transport=played).responses == seen.responses


def sdk_calls(client):
    """What the SDK returns or raises for every kind of call."""
    calls = [
        lambda: client.messages.create(**ASK).to_dict(),
        lambda: [event.to_dict() for event in client.messages.create(**ASK, stream=True)],
        lambda: client.messages.count_tokens(model="m", messages=[]).to_dict(),
        lambda: client.messages.count_tokens(model="m", messages=[], tools=TOOLS).to_dict(),
        lambda: [model.to_dict() for model in client.models.list()],
        lambda: client.models.retrieve("claude-haiku-4-5").to_dict(),
        lambda: client.models.retrieve("nobody"),
        lambda: client.messages.create(**ASK),
    ]
    seen = []
    for call in calls:
        try:
            seen.append(call())
        except anthropic.APIError as error:
            seen.append((type(error), error.message))
    return seen


@pytest.mark.parametrize("strict", [False, True])
def test_the_sdk_gets_the_same_of_both_doors(strict):
    options = {"api_key": "none", "max_retries": 0}
    transport = inspector.replay(HELLO, HELLO, strict=strict)
    with anthropic.DefaultHttpxClient(transport=transport) as http:
        in_process = sdk_calls(anthropic.Anthropic(http_client=http, **options))
    with (
        Server(HELLO, HELLO, strict=strict) as server,
        anthropic.Anthropic(base_url=server.url, **options) as client,
    ):
        over_a_socket = sdk_calls(client)
    assert in_process == over_a_socket
    assert [isinstance(each, tuple) for each in in_process] == [False, False, *[strict] * 4, True, True]
