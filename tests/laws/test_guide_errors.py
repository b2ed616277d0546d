"""Errors, as the guides show them: typed exceptions, errors in mid-stream, and the SDK's retries."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import anthropic
import pytest
from guide_clients import FOLDER, HELLO, REQUEST, aoffline, offline, text_of

from inspector import load


@pytest.mark.parametrize(
    "name, kind, status",
    [
        ("error_401", anthropic.AuthenticationError, 401),
        ("error_429", anthropic.RateLimitError, 429),
        ("error_529", anthropic.APIStatusError, 529),
        ("error_mid_stream", anthropic.APIStatusError, 200),
        ("broken/no_response", anthropic.APIConnectionError, None),
    ],
)
def test_typed_exceptions(name, kind, status):
    async def main():
        async with aoffline(name) as client, client.messages.stream(**REQUEST) as stream:
            await stream.until_done()

    raised = []
    with offline(name) as client, pytest.raises(kind) as error, client.messages.stream(**REQUEST) as stream:
        stream.until_done()
    raised.append(error.value)
    with pytest.raises(kind) as error:
        asyncio.run(main())
    raised.append(error.value)
    for error in raised:
        assert getattr(error, "status_code", None) == status
        if status:
            assert error.body["type"] == "error"
            assert error.request_id.startswith("req_")


def test_what_an_error_of_the_limits_tells():
    with offline("error_429") as client, pytest.raises(anthropic.RateLimitError) as raised:
        client.messages.create(**REQUEST)
    assert raised.value.response.headers["retry-after"] == "17"


def test_an_error_in_the_middle_of_a_stream_comes_after_the_text_before_it():
    text = ""
    with offline("error_mid_stream") as client, pytest.raises(anthropic.APIStatusError, match="verload"):
        for event in client.messages.create(**REQUEST, stream=True):
            if event.type == "content_block_delta":
                text += event.delta.text
    assert text == text_of("error_mid_stream")
    assert text


def soon(recording):
    """The same, with permission to try again at once."""
    headers = {**recording.response.headers, "retry-after-ms": "0.01"}
    response = replace(recording.response, headers=headers)
    return replace(recording, head=replace(recording.head, response=response))


def test_the_sdk_tries_again_what_was_recorded_as_trying_again():
    busy, overloaded = soon(load(FOLDER / "error_429.jsonl")), soon(load(FOLDER / "error_529.jsonl"))

    async def main():
        async with (
            aoffline(busy, overloaded, "hello", max_retries=2) as client,
            client.messages.stream(**REQUEST) as stream,
        ):
            return await stream.get_final_text()

    client = offline(busy, overloaded, "hello", max_retries=2)
    with client as client, client.messages.stream(**REQUEST) as stream:
        assert stream.get_final_text() == HELLO
    assert asyncio.run(main()) == HELLO
