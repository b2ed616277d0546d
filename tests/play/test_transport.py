"""The transport: the SDK sees what it would have seen over a real socket, and reaches nobody else."""

from __future__ import annotations

import asyncio
import json
import socket
import threading

import anthropic
import pytest
from conftest import ROOT
from every_recording import FOLDER, RECORDINGS
from loopback import CUT, END, RESET, STALL, Server, chunk, chunked, head
from sdk_stream import CALL, SdkStream
from small_recordings import chunks_of, small

from inspector import (
    End,
    Ending,
    FormatError,
    Head,
    Recording,
    RecordingError,
    Request,
    UsageError,
    load,
    load_all,
    replay,
    save,
    tap,
)
from inspector.http_library import sdk_library
from inspector.play.transport import ReplayTransport
from inspector.protocol import EVENT_TYPES

HELLO = FOLDER / "hello.jsonl"
URL = "http://nowhere.test/v1/messages"
STREAM = b'{"stream":true}'
MODES = pytest.mark.parametrize("mode", ["sync", "async"])


def play(caller, transport, **options):
    return caller.fetch(URL, content=STREAM, transport=transport, **options)


# Against a real socket.


def script_of(recording):
    """A real server's script of what a recording recorded."""
    ends = {Ending.COMPLETE: END, Ending.RESET: RESET, Ending.TIMEOUT: STALL}
    end = ends.get(recording.end.how, CUT) if recording.end else CUT
    headers = {
        name: text
        for name, text in recording.response.headers.items()
        if name not in ("content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive")
    }
    top = head(recording.response.status, {**headers, "transfer-encoding": "chunked"})
    return [top, *[chunk(data) for data in chunks_of(recording)], end]


@MODES
@pytest.mark.parametrize("name", [name for name, r in RECORDINGS.items() if r.response])
def test_the_sdk_makes_the_same_of_a_replay_as_of_a_real_server(mode, name):
    recording = RECORDINGS[name]
    with Server(script_of(recording)) as server:
        real = SdkStream(
            mode, server.url, timeout=1.0 if recording.end and recording.end.how == "timeout" else 10
        )
    played = SdkStream(mode, transport=replay(recording))
    assert played.seen == real.seen
    if recording.end and recording.end.how is not Ending.RESET:
        assert played.requests == real.requests == 1
    if isinstance(real.error, anthropic.APIStatusError):
        assert str(played.error) == str(real.error)
        assert played.error.body == real.error.body


@MODES
@pytest.mark.parametrize("name", [name for name in RECORDINGS if not name.startswith(("broken", "error_"))])
def test_every_event_of_a_good_recording_comes_except_those_that_the_sdk_hides(mode, name):
    recording = RECORDINGS[name]
    stream = SdkStream(mode, transport=replay(recording))
    assert stream.error is None
    passed_on = [event.data for event in recording.events() if event.name != "ping"]
    if name == "unknown":  # older SDKs hide event names that they do not know
        known = [event for event in passed_on if event["type"] in EVENT_TYPES]
        passed_on = known if len(stream.events) == len(known) else passed_on
    for ours, theirs in zip(stream.events, passed_on, strict=True):
        assert ours.type == theirs["type"]
        assert ours.to_dict(exclude_unset=True, mode="json", warnings=False) == theirs


REFUSALS = {
    "refused": (None, End(0.1, Ending.RESET, "ConnectError: [Errno 111] Connection refused")),
    "reset": ([RESET], End(0.1, Ending.RESET, "ReadError: [Errno 104] Connection reset by peer")),
    "closed": ([CUT], End(0.1, Ending.CUT, "RemoteProtocolError: Server disconnected")),
    "silent": ([STALL], End(5.0, Ending.TIMEOUT, "ReadTimeout: timed out")),
    "half a head": ([b"HTTP/1.1 200 OK\r\ncontent-", CUT], End(1, Ending.CUT, "RemoteProtocolError: half")),
}


@MODES
@pytest.mark.parametrize("how", REFUSALS)
def test_a_request_without_a_response_gets_none_again(mode, how):
    script, end = REFUSALS[how]
    if script is None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        real = SdkStream(mode, f"http://127.0.0.1:{port}")
    else:
        with Server(script) as server:
            real = SdkStream(mode, server.url, timeout=1.0 if how == "silent" else 10)
    played = SdkStream(mode, transport=replay(Recording(Head("", Request()), (), end)))
    assert isinstance(played.error, anthropic.APIConnectionError)
    assert played.seen == real.seen
    assert type(played.error.__cause__) is type(real.error.__cause__)
    assert str(played.error.__cause__) == end.error.partition(": ")[2]


@MODES
def test_the_request_id_is_where_the_sdk_looks_for_it(mode):
    hello = RECORDINGS["hello"]
    expected = hello.response.headers["request-id"]
    assert SdkStream(mode, transport=replay(hello)).request_id == expected
    error = SdkStream(mode, transport=replay(FOLDER / "error_401.jsonl")).error
    assert error.request_id == RECORDINGS["error_401"].response.headers["request-id"]


def test_a_message_that_did_not_stream_has_its_request_id():
    body = json.dumps(RECORDINGS["hello"].message()).encode()
    with anthropic.DefaultHttpxClient(transport=replay(small(body))) as http:
        message = anthropic.Anthropic(api_key="none", http_client=http).messages.create(**CALL)
    assert message._request_id == "req_small"
    assert message.content[0].text == RECORDINGS["hello"].message()["content"][0]["text"]


def test_recorded_over_a_socket_replayed_and_recorded_again_it_is_the_same(caller, tmp_path):
    parts = [b"event: a\r", b"\ndata: 1\n\n: c\n", b"\nevent: b\ndata: {}\n\n", b"data: \xff\n\n", b"x"]
    with Server([*chunked(parts)[:-1], CUT]) as server:
        caller.fetch(
            f"{server.url}/v1/messages", content=b'{"stream" : true}', event_hooks=tap(tmp_path / "1.jsonl")
        )
        url = f"{server.url}/v1/messages"
    again = caller.fetch(
        url,
        content=b'{"stream" : true}',
        transport=replay(tmp_path / "1.jsonl"),
        event_hooks=tap(tmp_path / "2.jsonl"),
    )
    first, second = load(tmp_path / "1.jsonl"), load(tmp_path / "2.jsonl")
    assert again.chunks == parts
    assert chunks_of(first) == chunks_of(second) == parts
    assert first.end[1:3] == second.end[1:3]
    assert [b._replace(t=0, cuts=()) for b in first.blocks] == [
        b._replace(t=0, cuts=()) for b in second.blocks
    ]
    assert [[size for size, _ in b.cuts] for b in first.blocks] == [
        [s for s, _ in b.cuts] for b in second.blocks
    ]
    assert second.request == first.request
    assert second.response.status == first.response.status
    assert second.response.headers == {
        "content-type": "text/event-stream; charset=utf-8",
        "request-id": "req_loopback",
    }


def test_what_was_masked_when_it_was_recorded_still_matches_by_body(caller, tmp_path):
    key = "sk-ant-api03-" + "Abc123_-" * 5
    content = json.dumps({"prompt": f"is {key} valid? or {key[13:]}?"}).encode()
    headers = {"x-api-key": key[13:]}
    with Server(chunked([b"x\n\n"])) as server:
        caller.fetch(server.url, content=content, headers=headers, event_hooks=tap(tmp_path / "1.jsonl"))
    assert key[13:].encode() not in (tmp_path / "1.jsonl").read_bytes()
    transport = replay(tmp_path / "1.jsonl", match="body")
    assert caller.fetch(URL, content=content, headers=headers, transport=transport).chunks == [b"x\n\n"]


# Which recording.


def test_a_session_a_folder_and_recordings_in_memory_play_in_order(caller, tmp_path):
    save([small(b"1"), small(b"2")], tmp_path / "b.jsonl")
    save(small(b"0"), tmp_path / "a.jsonl")
    transport = replay(tmp_path, small(b"3"), str(tmp_path / "a.jsonl"))
    assert [play(caller, transport).chunks for _ in range(5)] == [
        [b"0"],
        [b"1"],
        [b"2"],
        [b"3"],
        [b"0"],
    ]


def test_the_bundled_session_plays_turn_by_turn(caller):
    transport = replay(FOLDER / "tool_session.jsonl")
    turns = [b"".join(play(caller, transport).chunks) for _ in range(2)]
    assert turns == [recording.body for recording in load_all(FOLDER / "tool_session.jsonl")]


def test_by_body_each_request_gets_its_own_recording(caller):
    transport = replay(small(b"1", body=b'{"n":1}'), small(b"2", body=b'{"n": 2, "m": 0}'), match="body")
    assert caller.fetch(URL, content=b'{"m":0,"n":2}', transport=transport).chunks == [b"2"]
    assert caller.fetch(URL, content=b'{ "n": 1 }', transport=transport).chunks == [b"1"]


MISSES = {
    "exhausted": (
        lambda transport, mode: (
            SdkStream(mode, transport=transport) and SdkStream(mode, transport=transport, max_retries=2)
        ),
        {},
        "inspector: no recording left for POST /v1/messages: a recording in memory was already played. "
        "Pass loop=True (--loop), or record another.",
    ),
    "another body": (
        lambda transport, mode: SdkStream(mode, transport=transport, max_retries=2, model="other"),
        {"match": "body"},
        "inspector: this request is in no recording. The nearest is a recording in memory: body.model is "
        '"other", recorded was "x". Record this request, or send the recorded one.',
    ),
    "another path": (
        lambda transport, mode: SdkStream(
            mode, "http://nowhere.test/v1/elsewhere", transport=transport, max_retries=2
        ),
        {},
        "inspector: no recording is for POST /v1/elsewhere/v1/messages. Recorded paths are /v1/messages. "
        "Record this request.",
    ),
}


@MODES
@pytest.mark.parametrize("why", MISSES)
def test_a_miss_is_one_clear_error_that_is_not_retried(mode, why):
    miss, options, message = MISSES[why]
    call = {**CALL, "stream": True, "model": "x"}
    transport = replay(small(b"", body=json.dumps(call).encode()), **options)
    missed = miss(transport, mode)
    assert isinstance(missed.error, anthropic.NotFoundError)
    assert missed.error.body["error"] == {"type": "not_found_error", "message": message}
    assert message[:60] in str(missed.error)
    assert missed.requests == 1
    assert [each.miss for each in transport.misses] == [message]
    if why != "exhausted":  # nothing was used up
        assert SdkStream(mode, transport=transport, model="x").error is None


def test_other_calls_are_answered_and_use_nothing_up():
    with anthropic.DefaultHttpxClient(transport=replay(HELLO)) as http:
        client = anthropic.Anthropic(api_key="none", http_client=http)
        assert client.messages.count_tokens(model="x", messages=[]).input_tokens > 0
        assert [model.id for model in client.models.list()] == ["claude-haiku-4-5"]
        assert client.models.retrieve("claude-haiku-4-5").type == "model"
        client.messages.create(**CALL, stream=True).close()


@MODES
def test_a_call_without_a_stream_gets_the_whole_message(mode):
    transport = replay(HELLO)

    async def create():
        async with anthropic.DefaultAsyncHttpxClient(transport=transport) as http:
            return await anthropic.AsyncAnthropic(api_key="none", http_client=http).messages.create(**CALL)

    if mode == "async":
        message = asyncio.run(create())
    else:
        with anthropic.DefaultHttpxClient(transport=transport) as http:
            message = anthropic.Anthropic(api_key="none", http_client=http).messages.create(**CALL)
    expected = RECORDINGS["hello"]
    assert message.to_dict(exclude_unset=True) == expected.message()
    assert message._request_id == expected.response.headers["request-id"]


def test_strict_refuses_what_would_be_made_up():
    with anthropic.DefaultHttpxClient(transport=replay(HELLO, strict=True)) as http:
        client = anthropic.Anthropic(api_key="none", http_client=http)
        with pytest.raises(anthropic.NotFoundError, match="strict forbids making up the token count"):
            client.messages.count_tokens(model="x", messages=[])


def test_a_transport_knows_its_requests_and_what_it_did_not_play(caller):
    transport = replay(small(b"1"), small(b"2"), small(b"3"), match="any")
    caller.fetch(URL + "?beta=true", transport=transport, content=b'{"n":1}', headers={"X-A": "b"})
    (request,) = transport.requests
    assert (request.number, request.method, request.url, request.path) == (
        1,
        "POST",
        URL + "?beta=true",
        "/v1/messages",
    )
    assert (request.json(), request.headers["x-a"]) == ({"n": 1}, "b")
    assert (request.recording, request.status, request.miss) == ("a recording in memory", 200, None)
    assert len(transport.unused) == 2


def test_a_transport_is_of_the_public_class_and_of_the_sdks_library():
    transport = replay(HELLO)
    assert isinstance(transport, ReplayTransport)
    assert isinstance(transport, sdk_library().BaseTransport)
    assert isinstance(transport, sdk_library().AsyncBaseTransport)
    assert type(transport).__name__ == "ReplayTransport"
    with transport:
        transport.close()


@pytest.mark.parametrize("match", ["order", "body"])
def test_many_threads_get_each_recording_once(library, match):
    bodies = [b"%d" % number for number in range(40)]
    transport = replay(*map(small, bodies), match=match)
    together = threading.Barrier(8)
    got = []

    def work():
        with library.Client(transport=transport) as client:
            together.wait(60)
            got.extend(client.post(URL, content=b"{}").content for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(got) == sorted(bodies)


def test_tasks_at_the_same_time_get_each_recording_once(library):
    async def run():
        async with library.AsyncClient(transport=replay(*[small(b"%d" % n) for n in range(20)])) as client:
            return await asyncio.gather(*(client.post(URL) for _ in range(20)))

    assert sorted(int(response.content) for response in asyncio.run(run())) == list(range(20))


def test_a_transport_outlives_its_clients(library):
    transport = replay(small(b"1"), small(b"2"), small(b"3"))
    for expected in (b"1", b"2"):
        with library.Client(transport=transport) as client:
            assert client.post(URL).content == expected

    async def run():
        async with library.AsyncClient(transport=transport) as client:
            return await client.post(URL)

    assert asyncio.run(run()).content == b"3"


# Wrong use.


@pytest.mark.parametrize(
    "arguments, options, error, text",
    [
        ([HELLO], {"match": "url"}, UsageError, "match='url' is not known; known are order, request, body"),
        ([HELLO], {"speed": 0}, UsageError, "speed=0 must be above 0, or None to play at once"),
        ([HELLO], {"speed": -1}, UsageError, "must be above 0"),
        ([HELLO], {"speed": float("nan")}, UsageError, "must be above 0"),
        ([HELLO], {"max_gap": -1}, UsageError, "max_gap=-1 must be 0 or more seconds"),
        ([], {}, UsageError, "no recordings to play: name at least one"),
        (["none.jsonl"], {}, RecordingError, "none.jsonl: cannot be read: No such file or directory"),
        ([ROOT / "pyproject.toml"], {}, FormatError, "not a recording"),
        ([ROOT / "tests"], {}, RecordingError, "no recordings"),
    ],
)
def test_options_without_meaning_are_refused_at_once(arguments, options, error, text):
    with pytest.raises(error) as raised:
        replay(*arguments, **options)
    assert text in str(raised.value)


def test_a_miss_can_be_read_raw(caller):
    transport = replay(HELLO, match="body")
    for read in ("raw", "bytes"):
        fetched = caller.fetch("http://x/v1/messages", read=read, transport=transport)
        assert (fetched.status, fetched.error) == (404, None)
        assert b"this request is in no recording" in b"".join(fetched.chunks)
    assert len(transport.misses) == 2
