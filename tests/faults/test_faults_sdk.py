"""What the SDK does with each fault is what `inspector faults` says: the installed SDK, in this process."""

from __future__ import annotations

import asyncio
import json

import anthropic
import pytest
from fault_rows import ROWS

import inspector
from inspector import faults
from inspector.recording.bundled import bundled_recording

OLD = anthropic.__version__.startswith("0.")
ASK = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}


@pytest.fixture
def client():
    """Make a client that is answered from a recording with a fault in it."""
    made = []

    def make(recording, fault, **options):
        transport = inspector.replay(recording, fault=fault)
        made.append(anthropic.DefaultHttpxClient(transport=transport))
        return anthropic.Anthropic(api_key="none", http_client=made[-1], max_retries=0, **options)

    yield make
    for each in made:
        each.close()


def streamed(client, whole):
    try:
        with client.messages.stream(**ASK) as stream:
            message = stream.get_final_message().to_dict(warnings=False)
    except Exception as error:
        return type(error).__name__
    return "same" if plain(message) == plain(whole) else "other"


def plain(message):
    return json.dumps({**message, "id": None, "parsed_output": None}, sort_keys=True)


def created(client, recording):
    count = 0
    try:
        for _ in client.messages.create(stream=True, **ASK):
            count += 1
    except Exception as error:
        return type(error).__name__
    return amount(count, recording)


def amount(count, recording):
    """How many of a recording's events these are, in a word."""
    whole = sum(event.type != "ping" for event in recording.events())
    return "none" if not count else "all" if count == whole else "fewer" if count < whole else "more"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_sdk_does_with_it_what_the_table_says(row, client):
    recording = inspector.load(bundled_recording(row.recording))
    seen = (
        streamed(client(recording, row.fault), recording.message()),
        created(client(recording, row.fault), recording),
    )
    assert seen == (row.old if OLD and row.old else (row.stream, row.create))


async def astreamed(recording, fault):
    http = anthropic.DefaultAsyncHttpxClient(transport=inspector.replay(recording, fault=fault))
    async with anthropic.AsyncAnthropic(api_key="none", http_client=http, max_retries=0) as client:
        try:
            async with client.messages.stream(**ASK) as stream:
                message = (await stream.get_final_message()).to_dict(warnings=False)
        except Exception as error:
            return type(error).__name__
    return "same" if plain(message) == plain(recording.message()) else "other"


async def acreated(recording, fault):
    http = anthropic.DefaultAsyncHttpxClient(transport=inspector.replay(recording, fault=fault))
    count = 0
    async with anthropic.AsyncAnthropic(api_key="none", http_client=http, max_retries=0) as client:
        try:
            async for _ in await client.messages.create(stream=True, **ASK):
                count += 1
        except Exception as error:
            return type(error).__name__
    return amount(count, recording)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_async_sdk_does_with_it_what_the_table_says(row):
    recording = inspector.load(bundled_recording(row.recording))
    seen = (asyncio.run(astreamed(recording, row.fault)), asyncio.run(acreated(recording, row.fault)))
    assert seen == (row.old if OLD and row.old else (row.stream, row.create))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_what_it_raises_is_what_is_said_of_it(row):
    told = faults.parse(row.fault).kind.sdk
    for outcome in (row.stream, row.create, *(row.old or ())):
        if outcome.endswith("Error") or outcome == "ReadTimeout":
            assert outcome in told


def test_the_sdk_tries_again_and_succeeds_when_the_fault_is_over(client, monkeypatch):
    hello = inspector.load(bundled_recording("hello"))
    patient = client(hello, "http-error=529,on=1..2").with_options(max_retries=2)
    monkeypatch.setattr(type(patient), "_calculate_retry_timeout", lambda *_, **__: 0)
    assert streamed(patient, hello.message()) == "same"


@pytest.mark.parametrize("fault", ["stall-headers", "cut-fin@head", "cut-rst@head", "http-error"])
def test_the_sdk_tries_again_what_fails_before_the_stream(client, fault, monkeypatch):
    tried = []
    hello = inspector.load(bundled_recording("hello"))
    patient = client(hello, fault).with_options(max_retries=2)
    monkeypatch.setattr(type(patient), "_calculate_retry_timeout", lambda *_, **__: tried.append(1) or 0)
    assert streamed(patient, hello.message()) == streamed(client(hello, fault), hello.message())
    assert len(tried) == 2


@pytest.mark.parametrize("fault", ["cut-fin", "cut-rst", "stall", "error-event@ev:1", "cut-clean"])
def test_the_sdk_does_not_try_again_once_the_stream_has_begun(client, fault, monkeypatch):
    hello = inspector.load(bundled_recording("hello"))
    patient = client(hello, fault).with_options(max_retries=2)
    monkeypatch.setattr(
        type(patient), "_calculate_retry_timeout", lambda *_, **__: pytest.fail("tried again")
    )
    assert streamed(patient, hello.message()) == streamed(client(hello, fault), hello.message())


def test_line_ends_that_are_mixed_hold_every_event_back_until_the_end(client):
    hello = inspector.load(bundled_recording("hello"))
    events = []
    with pytest.raises(Exception, match="peer closed"):
        events.extend(
            each.type
            for each in client(hello, ["newlines=mixed", "cut-fin@end"]).messages.create(stream=True, **ASK)
        )
    assert events == []


def test_an_error_event_has_its_type_and_the_status_of_the_stream(client):
    hello = inspector.load(bundled_recording("hello"))
    with pytest.raises(anthropic.APIStatusError) as error:
        list(client(hello, "error-event=rate_limit_error@ev:1").messages.create(stream=True, **ASK))
    assert (error.value.status_code, error.value.body["error"]["type"]) == (200, "rate_limit_error")
    assert type(error.value) is anthropic.APIStatusError


def test_half_a_tool_call_is_a_success(client):
    tool = inspector.load(bundled_recording("tool_use"))
    with client(tool, "cut-clean@type:input_json_delta#4").messages.stream(**ASK) as stream:
        message = stream.get_final_message()
    assert (message.stop_reason, message.content[0].input) == (None, {})
