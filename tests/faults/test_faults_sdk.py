"""The installed SDK does with each fault what the table and `inspector faults` say."""

from __future__ import annotations

import asyncio

import anthropic
import pytest
from fault_rows import ROWS
from sdk_results import OLD, REQUEST, amount, created, sameness, streamed

import inspector
from inspector.recording.bundled import bundled_recording


@pytest.fixture
def client():
    """Make a client that is answered from a recording with a fault in it."""
    opened = []

    def make(recording, fault, **options):
        transport = inspector.replay(recording, fault=fault)
        opened.append(anthropic.DefaultHttpxClient(transport=transport))
        return anthropic.Anthropic(api_key="none", http_client=opened[-1], max_retries=0, **options)

    yield make
    for http in opened:
        http.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_sdk_does_with_it_what_the_table_says(row, client):
    recording = inspector.load(bundled_recording(row.recording))
    results = (
        streamed(client(recording, row.fault), recording.message()),
        created(client(recording, row.fault), recording),
    )
    assert results == row.results(old=OLD)


async def astreamed(recording, fault):
    http = anthropic.DefaultAsyncHttpxClient(transport=inspector.replay(recording, fault=fault))
    async with anthropic.AsyncAnthropic(api_key="none", http_client=http, max_retries=0) as client:
        try:
            async with client.messages.stream(**REQUEST) as stream:
                message = (await stream.get_final_message()).to_dict(warnings=False)
        except Exception as error:
            return type(error).__name__
    return sameness(message, recording.message())


async def acreated(recording, fault):
    http = anthropic.DefaultAsyncHttpxClient(transport=inspector.replay(recording, fault=fault))
    count = 0
    async with anthropic.AsyncAnthropic(api_key="none", http_client=http, max_retries=0) as client:
        try:
            async for _ in await client.messages.create(stream=True, **REQUEST):
                count += 1
        except Exception as error:
            return type(error).__name__
    return amount(count, recording)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_async_sdk_does_with_it_what_the_table_says(row):
    recording = inspector.load(bundled_recording(row.recording))
    results = (asyncio.run(astreamed(recording, row.fault)), asyncio.run(acreated(recording, row.fault)))
    assert results == row.results(old=OLD)


def test_the_sdk_retries_and_succeeds_after_a_limited_fault(client, monkeypatch):
    hello = inspector.load(bundled_recording("hello"))
    patient = client(hello, "http-error=529,on=1..2").with_options(max_retries=2)
    monkeypatch.setattr(type(patient), "_calculate_retry_timeout", lambda *_, **__: 0)
    assert streamed(patient, hello.message()) == "same"


@pytest.mark.parametrize("fault", ["stall-headers", "cut-fin@head", "cut-rst@head", "http-error"])
def test_the_sdk_retries_what_fails_before_the_stream(client, fault, monkeypatch):
    retries = []
    hello = inspector.load(bundled_recording("hello"))
    patient = client(hello, fault).with_options(max_retries=2)
    monkeypatch.setattr(type(patient), "_calculate_retry_timeout", lambda *_, **__: retries.append(1) or 0)
    assert streamed(patient, hello.message()) == streamed(client(hello, fault), hello.message())
    assert len(retries) == 2


@pytest.mark.parametrize("fault", ["cut-fin", "cut-rst", "stall", "error-event@ev:1", "cut-clean"])
def test_the_sdk_does_not_retry_after_the_stream_has_begun(client, fault, monkeypatch):
    hello = inspector.load(bundled_recording("hello"))
    patient = client(hello, fault).with_options(max_retries=2)
    monkeypatch.setattr(type(patient), "_calculate_retry_timeout", lambda *_, **__: pytest.fail("retried"))
    assert streamed(patient, hello.message()) == streamed(client(hello, fault), hello.message())


def test_mixed_line_ends_hold_every_event_back_until_the_end(client):
    hello = inspector.load(bundled_recording("hello"))
    events = []
    with pytest.raises(Exception, match="peer closed"):
        events.extend(
            each.type
            for each in client(hello, ["newlines=mixed", "cut-fin@end"]).messages.create(
                stream=True, **REQUEST
            )
        )
    assert events == []


def test_an_error_event_has_its_type_and_the_status_of_the_stream(client):
    hello = inspector.load(bundled_recording("hello"))
    with pytest.raises(anthropic.APIStatusError) as error:
        list(client(hello, "error-event=rate_limit_error@ev:1").messages.create(stream=True, **REQUEST))
    assert (error.value.status_code, error.value.body["error"]["type"]) == (200, "rate_limit_error")
    assert type(error.value) is anthropic.APIStatusError


def test_a_part_of_a_tool_call_is_a_success(client):
    tool = inspector.load(bundled_recording("tool_use"))
    with client(tool, "cut-clean@type:input_json_delta#4").messages.stream(**REQUEST) as stream:
        message = stream.get_final_message()
    assert (message.stop_reason, message.content[0].input) == (None, {})
