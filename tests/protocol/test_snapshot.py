"""The Message so far is what the SDK's own accumulation makes of the same stream."""

from __future__ import annotations

import contextlib
import copy
import datetime
import json
import re
import sys
import time

import anthropic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.protocol import Snapshot, fold
from inspector.recording import Head, Recorder, Recording, Request, recordings

# The SDK's own HTTP library: httpx before 1.0, httpx2 since.
_client = next(c for c in anthropic.DefaultHttpxClient.__mro__ if not c.__module__.startswith("anthropic"))
http = sys.modules[_client.__module__.split(".")[0]]
HTTPX2 = http.__name__ == "httpx2"


@pytest.fixture(scope="module")
def sdk_message():
    """Ask the SDK for the final message of a body, as plain JSON."""
    body = b""

    def answer(request):
        return http.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    transport = http.MockTransport(answer)
    client = anthropic.Anthropic(
        api_key="none", max_retries=0, http_client=anthropic.DefaultHttpxClient(transport=transport)
    )

    def ask(text):
        nonlocal body
        body = text
        messages = [{"role": "user", "content": "hi"}]
        with client.beta.messages.stream(model="claude-haiku-4-5", max_tokens=9, messages=messages) as stream:
            return stream.get_final_message().to_dict(mode="json", warnings=False)

    with client:
        yield ask


def recorded(body):
    recorder = Recorder()
    return Recording(Head("", Request()), (*recorder.feed([(0.0, body)]), *recorder.close()))


def plain(value):
    """Times as the SDK writes them, which reads and writes them again."""
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", value):
        return datetime.datetime.fromisoformat(value)
    return value


def stream(*payloads):
    lines = (f"event: {p['type']}\ndata: {json.dumps(p)}\n\n" for p in payloads)
    return "".join(lines).encode()


def start(**fields):
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 1},
    }
    return {"type": "message_start", "message": {**message, **fields}}


def block(index, kind, *deltas, **fields):
    return [
        {"type": "content_block_start", "index": index, "content_block": {"type": kind, **fields}},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def end(usage=None, *, stop_reason="end_turn", **fields):
    delta = {"stop_reason": stop_reason, "stop_sequence": None, **fields}
    return {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 5, **(usage or {})}}


STOP = {"type": "message_stop"}
PING = {"type": "ping"}


def text(*pieces):
    return [{"type": "text_delta", "text": piece} for piece in pieces]


def partial(*pieces):
    return [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]


TOOL = {"id": "toolu_1", "name": "weather", "input": {}}
THOUGHT = {"thinking": "", "signature": ""}
CITATION = {
    "type": "char_location",
    "cited_text": "c",
    "document_index": 0,
    "document_title": "t",
    "start_char_index": 0,
    "end_char_index": 1,
    "file_id": None,
}

STREAMS = {
    "nothing but a start": [start()],
    "text": [start(), *block(0, "text", *text("Hel", "lo ", "\u2028é😀"), text=""), end(), STOP],
    "text that begins in its start": [start(), *block(0, "text", *text("b"), text="a"), end(), STOP],
    "text without a delta": [start(), *block(0, "text", text=""), end(), STOP],
    "several blocks": [
        start(),
        *block(0, "text", *text("a"), text=""),
        *block(1, "text", *text("b"), text=""),
        end(),
        STOP,
    ],
    "pings": [PING, start(), PING, *block(0, "text", *text("a"), text=""), PING, end(), STOP, PING],
    "thinking": [
        start(),
        *block(
            0,
            "thinking",
            {"type": "thinking_delta", "thinking": "hm"},
            {"type": "thinking_delta", "thinking": "m"},
            {"type": "signature_delta", "signature": "abc"},
            **THOUGHT,
        ),
        end(),
        STOP,
    ],
    "the last signature wins": [
        start(),
        *block(0, "thinking", *({"type": "signature_delta", "signature": s} for s in ("a", "b")), **THOUGHT),
        end(),
        STOP,
    ],
    "redacted thinking": [start(), *block(0, "redacted_thinking", data="xyz"), end(), STOP],
    "a tool": [
        start(),
        *block(0, "tool_use", *partial("", '{"a"', ': [1, 2.50], "b":"c"}'), **TOOL),
        end(),
        STOP,
    ],
    "a tool without arguments": [start(), *block(0, "tool_use", *partial(""), **TOOL), end(), STOP],
    "a tool without a delta": [start(), *block(0, "tool_use", **TOOL), end(), STOP],
    "a tool cut in a text": [start(), *block(0, "tool_use", *partial('{"a":"x", "b":"yy'), **TOOL)],
    "a tool cut in a number": [start(), *block(0, "tool_use", *partial('{"a":12'), **TOOL)],
    "a tool cut in a key": [start(), *block(0, "tool_use", *partial('{"a":1,"b'), **TOOL)],
    "a server's tool": [
        start(),
        *block(0, "server_tool_use", *partial('{"query":"x"}'), **TOOL),
        end(),
        STOP,
    ],
    "a tool of a connected server": [
        start(),
        *block(0, "mcp_tool_use", *partial('{"a":1}'), **TOOL, server_name="s"),
        end(),
        STOP,
    ],
    "tools side by side": [
        start(),
        *block(0, "tool_use", **TOOL)[:1],
        *block(1, "tool_use", **TOOL)[:1],
        *block(0, "tool_use", *partial('{"a":'))[1:2],
        *block(1, "tool_use", *partial('{"b":'))[1:2],
        *block(0, "tool_use", *partial("1}"))[1:],
        *block(1, "tool_use", *partial("2}"))[1:],
        end(),
        STOP,
    ],
    "citations": [
        start(),
        *block(
            0,
            "text",
            *text("a"),
            *[{"type": "citations_delta", "citation": CITATION}] * 2,
            text="",
            citations=[],
        ),
        end(),
        STOP,
    ],
    "citations where there was no list": [
        start(),
        *block(0, "text", {"type": "citations_delta", "citation": CITATION}, text="", citations=None),
        end(),
        STOP,
    ],
    "compaction": [
        start(),
        *block(0, "compaction", {"type": "compaction_delta", "content": "all of it"}, content=None),
        end(),
        STOP,
    ],
    "a tool's result": [
        start(),
        *block(0, "web_search_tool_result", tool_use_id="srvtoolu_1", content=[]),
        end(),
        STOP,
    ],
    "a delta that does not fit its block": [
        start(),
        *block(0, "text", *partial("{}"), {"type": "thinking_delta", "thinking": "x"}, text="a"),
        end(),
        STOP,
    ],
    "a start with content": [start(content=[{"type": "text", "text": "whole"}]), end(), STOP],
    "a second start": [start(), start(id="msg_2"), end(), STOP],
    "events before the start": [PING, start(), end(), STOP],
    "no stop": [start(), *block(0, "text", *text("a"), text=""), end()],
    "usage is cumulative": [
        start(
            usage={
                "input_tokens": 10,
                "output_tokens": 1,
                "cache_read_input_tokens": 3,
                "service_tier": "standard",
            }
        ),
        end({"output_tokens": 4, "input_tokens": 11}),
        end(
            {
                "output_tokens": 7,
                "cache_read_input_tokens": None,
                "server_tool_use": {"web_search_requests": 1},
            }
        ),
        STOP,
    ],
    "a second message_delta erases the stop reason": [start(), end(), end(stop_reason=None), STOP],
    "a stop sequence": [start(), end(stop_reason="stop_sequence", stop_sequence="END"), STOP],
    "a container": [start(), end(container={"id": "c_1", "expires_at": "2026-11-20T18:00:00Z"}), STOP],
    "a context edit": [start(), {**end(), "context_management": {"applied_edits": []}}, STOP],
}
NEWER = {
    "an unknown event": [start(), {"type": "brand_new", "x": 1}, end(), STOP],
    "an unknown delta": [start(), *block(0, "text", {"type": "new_delta", "x": 1}, text="a"), end(), STOP],
    "fallback": [
        start(),
        *block(0, "fallback", **{"from": {"model": "a"}, "to": {"model": "b"}}),
        end(),
        STOP,
    ],
    "an event before the start": [STOP, start(), end(), STOP],
}


# What the SDK raises for a broken stream; an error event is an APIStatusError.
CRASHES = (
    anthropic.APIStatusError,
    AssertionError,
    AttributeError,
    IndexError,
    RuntimeError,
    TypeError,
    ValueError,
)


def check(sdk_message, body):
    assert plain(recorded(body).message()) == plain(sdk_message(body))


@pytest.mark.parametrize("payloads", STREAMS.values(), ids=STREAMS)
def test_the_message_is_what_the_sdk_makes_of_the_stream(sdk_message, payloads):
    check(sdk_message, stream(*payloads))


@pytest.mark.skipif(not HTTPX2, reason="older SDKs drop what they do not know")
@pytest.mark.parametrize("payloads", NEWER.values(), ids=NEWER)
def test_the_message_is_what_a_newer_sdk_makes_of_the_stream(sdk_message, payloads):
    check(sdk_message, stream(*payloads))


@pytest.mark.parametrize("payloads", STREAMS.values(), ids=STREAMS)
def test_the_message_so_far_is_what_the_sdk_makes_of_the_stream_so_far(sdk_message, payloads):
    begun = payloads.index(next(p for p in payloads if p["type"] == "message_start")) + 1
    for size in range(begun, len(payloads)):
        check(sdk_message, stream(*payloads[:size]))


def test_the_message_of_a_real_stream_is_what_the_sdk_makes_of_it(sdk_message, corpus_stream):
    recording = recorded(corpus_stream.read_bytes())
    try:
        theirs = sdk_message(recording.body)
    except CRASHES as error:
        pytest.skip(f"the SDK cannot read it: {type(error).__name__}")
    assert plain(recording.message()) == plain(theirs)


@pytest.mark.skipif(not HTTPX2, reason="older SDKs do not know every field")
def test_the_message_of_a_bundled_recording_is_what_the_sdk_makes_of_it(sdk_message, recordings_folder):
    compared = 0
    for path in sorted(recordings_folder.rglob("*.jsonl")):
        with path.open("rb") as file:
            for recording in recordings(file):
                with contextlib.suppress(*CRASHES):
                    theirs = sdk_message(recording.body)
                    if theirs["type"] == "message":
                        compared += 1
                        assert_same(recording, theirs, path.name)
    assert compared > 20


def assert_same(recording, theirs, name):
    if plain(recording.message()) != plain(theirs):
        pytest.fail(f"{name}: {recording.message()} is not {theirs}")


# What the SDK would crash on


@pytest.mark.parametrize(
    "payloads, content",
    [
        pytest.param(
            [*block(3, "text", *text("a"), text="x")], [{"type": "text", "text": "x"}], id="an index too high"
        ),
        pytest.param(
            [*block(-1, "text", *text("a"), text="x")], [{"type": "text", "text": "x"}], id="a negative index"
        ),
        pytest.param([*block(0, "text", *text("a"))[1:]], [], id="a delta without a block"),
        pytest.param(
            [*block(0, "text", *text(None, 7, "a"))], [{"type": "text", "text": "a"}], id="text that is none"
        ),
        pytest.param(
            [*block(0, "tool_use", *partial('{"a":}'))],
            [{"type": "tool_use", "input": '{"a":}'}],
            id="tool input that is no JSON",
        ),
        pytest.param([*block(0, [], *partial("1"))], [{"type": []}], id="a type that is no text"),
        pytest.param([{"type": "message_delta", "delta": None, "usage": None}], [], id="nulls"),
    ],
)
def test_what_makes_no_sense_is_left_out(payloads, content):
    assert fold((p["type"], p) for p in [start(), *payloads])["content"] == content


def test_without_a_start_there_is_no_message():
    assert fold([("ping", PING), ("message_stop", STOP)]) is None


def test_an_error_ends_the_message():
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    payloads = [start(), *block(0, "text", *text("a"), text=""), error, *block(1, "text", text="never")]
    assert fold((p["type"], p) for p in payloads)["content"] == [{"type": "text", "text": "a"}]


@pytest.mark.parametrize("name", [None, "ping"])
def test_what_the_sdk_skips_by_its_name_is_skipped(name):
    assert fold([(name, start())]) is None


def test_the_name_of_an_event_is_not_its_type(sdk_message):
    body = stream(start(), end(), STOP).replace(b"event: message_delta", b"event: message_stop")
    assert recorded(body).message()["stop_reason"] == "end_turn"
    check(sdk_message, body)


def test_the_message_can_be_read_at_any_time():
    snapshot = Snapshot()
    seen = []
    for payload in [start(), *block(0, "tool_use", *partial('{"a":', "1", "2}"), **TOOL)]:
        assert snapshot.message is None or isinstance(snapshot.message, dict)
        snapshot.add(payload["type"], payload)
        seen.append([b["input"] for b in snapshot.message["content"]])
    assert seen == [[], [{}], [{}], [{"a": 1}], [{"a": 12}], [{"a": 12}]]


@pytest.mark.parametrize("payloads", STREAMS.values(), ids=STREAMS)
def test_reading_the_message_on_the_way_changes_nothing(payloads):
    read_often, read_once = Snapshot(), Snapshot()
    for payload in payloads:
        read_often.add(payload["type"], payload)
        read_once.add(payload["type"], payload)
        assert read_often.message is read_often.message
    assert read_often.message == read_once.message


PIECE = "x" * 300


@pytest.mark.parametrize(
    ("kind", "field", "deltas", "size"),
    [
        ("text", "text", text(PIECE) * 100_000, 30_000_000),
        ("thinking", "thinking", [{"type": "thinking_delta", "thinking": PIECE}] * 100_000, 30_000_000),
        ("tool_use", "input", [*partial('["'), *partial(PIECE) * 100_000, *partial('"]')], 1),
        ("text", "citations", [{"type": "citations_delta", "citation": CITATION}] * 100_000, 100_000),
    ],
    ids=["text", "thinking", "tool_use", "citations"],
)
def test_the_time_for_a_block_of_very_many_deltas_is_linear(kind, field, deltas, size):
    """A quadratic fold of these 30 MB takes minutes."""
    before = time.process_time()
    message = fold((payload["type"], payload) for payload in [start(), *block(0, kind, *deltas)])
    assert time.process_time() - before < 10
    assert len(message["content"][0][field]) == size


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


def known(names):
    """A name the protocol knows, mostly, or anything else."""
    return st.sampled_from(names.split()) | JSON


BLOCKS = st.fixed_dictionaries(
    {"type": known("text thinking tool_use compaction fallback server_tool_use")},
    optional=dict.fromkeys(["text", "thinking", "citations", "input", "signature", "content", "to"], JSON),
)
DELTAS = st.fixed_dictionaries(
    {
        "type": known(
            "text_delta thinking_delta signature_delta citations_delta compaction_delta input_json_delta"
        )
    },
    optional=dict.fromkeys(
        ["text", "thinking", "citation", "signature", "content", "partial_json", "stop_reason", "container"],
        JSON,
    ),
)
USAGE = st.dictionaries(
    known("output_tokens input_tokens iterations").filter(lambda k: isinstance(k, str)), JSON
)
MESSAGES = st.fixed_dictionaries(
    {}, optional={"content": JSON | st.lists(BLOCKS | JSON, max_size=2), "usage": USAGE | JSON, "model": JSON}
)
PAYLOADS = st.fixed_dictionaries(
    {
        "type": known(
            "message_start content_block_start content_block_delta content_block_delta message_delta"
        )
    },
    optional={
        "message": MESSAGES | JSON,
        "index": st.integers(0, 1) | JSON,
        "content_block": BLOCKS | JSON,
        "delta": DELTAS | JSON,
        "usage": USAGE | JSON,
        "context_management": JSON,
    },
)
STARTS = st.fixed_dictionaries({"type": st.just("message_start"), "message": MESSAGES})


@given(st.lists(PAYLOADS | STARTS | JSON, max_size=8), st.none() | STARTS)
def test_no_payload_is_too_strange_and_none_is_changed(payloads, first):
    payloads = [first, *payloads] if first else payloads
    before = copy.deepcopy(payloads)
    snapshot = Snapshot()
    for payload in payloads:
        snapshot.add("any", payload)
        json.dumps(snapshot.message)
    assert repr(payloads) == repr(before)


@pytest.mark.parametrize("kind", ["text", "thinking", "tool_use", "compaction", "fallback"])
@given(st.data())
def test_no_delta_is_too_strange_for_a_block(kind, data):
    content = data.draw(BLOCKS.map(lambda block: {**block, "type": kind}))
    payloads = [start(), {"type": "content_block_start", "index": 0, "content_block": content}]
    for delta in data.draw(st.lists(DELTAS | JSON, max_size=3)):
        payloads.append({"type": "content_block_delta", "index": 0, "delta": delta})
    before = copy.deepcopy(payloads)
    assert len(fold(("any", payload) for payload in payloads)["content"]) == 1
    assert repr(payloads) == repr(before)
