"""For the tests of `conformance`: the `openai` package, answered with what a recording is rendered to."""

from __future__ import annotations

import json
import sys

import pytest

from inspector.conformance.chat_completions import chat_answer
from inspector.recording import Ending

openai = pytest.importorskip("openai")

CLIENT = openai.DefaultHttpxClient
BASE = next(c for c in CLIENT.__mro__ if not c.__module__.startswith("openai") and c is not object)
hx = sys.modules[BASE.__module__.split(".")[0]]

QUESTION = {"model": "m", "messages": [{"role": "user", "content": "?"}]}
STREAM = {"stream": True, "stream_options": {"include_usage": True}}
ENDS = {
    Ending.CUT: lambda: hx.RemoteProtocolError(
        "peer closed connection without sending complete message body"
    ),
    Ending.RESET: lambda: hx.ReadError("[Errno 104] Connection reset by peer"),
    Ending.TIMEOUT: lambda: hx.ReadTimeout("The read operation timed out"),
}


class Body(hx.SyncByteStream):
    def __init__(self, recording):
        self.recording = recording

    def __iter__(self):
        yield from (chunk for _, chunk in self.recording.chunks())
        how = self.recording.end.how if self.recording.end else Ending.CUT
        if how in ENDS:
            raise ENDS[how]()


def connected(recording):
    """Return the client of an application that is answered with what the recording is rendered to."""

    def answer(request):
        rendered = chat_answer(recording, json.loads(request.content))
        if rendered.response is None:
            raise hx.ConnectError("no", request=request)
        response = rendered.response
        return hx.Response(response.status, headers=response.headers, stream=Body(rendered), request=request)

    http_client = CLIENT(transport=hx.MockTransport(answer))
    client = openai.OpenAI(api_key="none", base_url="http://here/v1", max_retries=0, http_client=http_client)
    return client.chat.completions


def streamed(recording):
    """What the package adds the chunks of a stream up to."""
    with connected(recording).stream(**QUESTION, stream_options={"include_usage": True}) as stream:
        try:
            return parts(stream.get_final_completion())
        except (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError):
            return parts(stream.current_completion_snapshot)


def unstreamed(recording):
    return parts(connected(recording).create(**QUESTION))


def parts(completion):
    """The text, thinking, tool calls, finish reason and usage of a completion."""
    [choice] = completion.choices
    calls = [
        (call.id, call.function.name, json.loads(call.function.arguments))
        for call in choice.message.tool_calls or ()
    ]
    thinking = getattr(choice.message, "reasoning_content", None) or ""
    return choice.message.content or "", thinking, calls, choice.finish_reason, completion.usage
