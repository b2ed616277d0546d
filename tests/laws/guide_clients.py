"""Clients of the real SDK that recordings answer, as the streaming guides use them."""

from __future__ import annotations

import asyncio
import contextlib

import anthropic
from conftest import ROOT

from inspector import load, replay

FOLDER = ROOT / "recordings"
REQUEST = {"model": "claude-opus-4-8", "max_tokens": 1024, "messages": [{"role": "user", "content": "Hello"}]}


@contextlib.contextmanager
def offline(*recordings, max_retries=0, **options):
    """A client that recordings answer. They are named, or given as values."""
    sources = [FOLDER / f"{one}.jsonl" if isinstance(one, str) else one for one in recordings]
    http = anthropic.DefaultHttpxClient(transport=replay(*sources, **options))
    with anthropic.Anthropic(api_key="none", http_client=http, max_retries=max_retries) as client:
        yield client


@contextlib.asynccontextmanager
async def aoffline(*recordings, max_retries=0, **options):
    """The same for the async client."""
    sources = [FOLDER / f"{one}.jsonl" if isinstance(one, str) else one for one in recordings]
    http = anthropic.DefaultAsyncHttpxClient(transport=replay(*sources, **options))
    async with anthropic.AsyncAnthropic(api_key="none", http_client=http, max_retries=max_retries) as client:
        yield client


def text_of(name):
    """The text of a recording's message."""
    content = load(FOLDER / f"{name}.jsonl").message()["content"]
    return "".join(block["text"] for block in content if block["type"] == "text")


HELLO = text_of("hello")


def finals(name, *, beta=False, **request):
    """The final message of a recording, by the sync and by the async helper."""
    request = {**REQUEST, **request}

    async def main():
        async with (
            aoffline(name) as client,
            (client.beta if beta else client).messages.stream(**request) as stream,
        ):
            return await stream.get_final_message()

    with offline(name) as client, (client.beta if beta else client).messages.stream(**request) as stream:
        message = stream.get_final_message()
    amessage = asyncio.run(main())
    assert message.to_dict(warnings=False) == amessage.to_dict(warnings=False)
    return message
