"""For the tests of `play`: a call of the SDK, sync or async, and what came of it."""

from __future__ import annotations

import asyncio

import anthropic
from conftest import NO_CERTIFICATES

CALL = {"model": "claude-haiku-4-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}]}


class SdkStream:
    """What the SDK made of `create(stream=True)`: the events it passed on, and what it raised."""

    def __init__(
        self, mode, base_url="http://nowhere.test", *, transport=None, max_retries=0, timeout=60, **more
    ):
        self.events, self.error, self.requests, self.request_id = [], None, 0, None
        http = {"event_hooks": {"request": [self._count if mode == "sync" else self._acount]}}
        http |= {"transport": transport} if transport else {"verify": NO_CERTIFICATES}
        options = {"api_key": "none", "base_url": base_url, "max_retries": max_retries, "timeout": timeout}
        try:
            if mode == "sync":
                self._run(http, options, {**CALL, **more})
            else:
                asyncio.run(self._arun(http, options, {**CALL, **more}))
        except Exception as error:
            self.error = error

    def _count(self, request):
        self.requests += 1

    async def _acount(self, request):
        self.requests += 1

    def _run(self, http, options, call):
        http_client = anthropic.DefaultHttpxClient(**http)
        with (
            anthropic.Anthropic(http_client=http_client, **options) as client,
            client.messages.create(**call, stream=True) as stream,
        ):
            self.request_id = stream.response.headers.get("request-id")
            for event in stream:
                self.events.append(event)

    async def _arun(self, http, options, call):
        http_client = anthropic.DefaultAsyncHttpxClient(**http)
        async with (
            anthropic.AsyncAnthropic(http_client=http_client, **options) as client,
            await client.messages.create(**call, stream=True) as stream,
        ):
            self.request_id = stream.response.headers.get("request-id")
            async for event in stream:
                self.events.append(event)

    @property
    def seen(self):
        events = [event if event is None else event.to_dict(warnings=False) for event in self.events]
        error = self.error
        return events, self.request_id, type(error), isinstance(error, anthropic.APIError)
