"""A recording as OpenAI's Chat Completions: what a server of that API would have sent in its place.

A pure function from a recording to a recording, for `inspector probe --behind-protocol openai`. The gateway
in front translates it back, and should end up with the same text, tool calls, stop reason and token counts.

The times are those of the recording: what an event becomes arrives when the event had arrived whole. The
end is that of the recording, so a cut stays a cut. Comments stay. The unfinished tail of a stream that broke
off within an event is left out. A body that is neither a stream, a message nor an error stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from inspector import _json
from inspector.conformance.chat_chunks import ChatChunks, chat_id, tool_arguments
from inspector.conformance.chat_values import chat_error, chat_status, chat_usage, finish_reason
from inspector.play.received import IncomingRequest
from inspector.play.streamed_message import streamed_message
from inspector.play.whole_message import whole_message
from inspector.recording import Event, Recording, TimedBlock, events

__all__ = ["as_chat_completion", "chat_answer"]

_REPLACED = frozenset({"content-type", "content-length", "content-encoding", "request-id"})
_JSON = "application/json"
_STREAM = "text/event-stream; charset=utf-8"


def as_chat_completion(recording: Recording, request: IncomingRequest) -> Recording:
    """Answer a request that arrived as a Chat Completions server would: see `chat_answer`."""
    try:
        return chat_answer(recording, _json.loads(request.body or b"null"))
    except ValueError:
        return chat_answer(recording, None)


def chat_answer(recording: Recording, request: Any) -> Recording:
    """Return the answer of a Chat Completions server that has this recording to say.

    `request` is the parsed body that the server got. `stream` in it decides about the form of the answer, and
    `stream_options.include_usage` about the token counts of a stream.
    """
    wanted = _json.as_object(request)
    streamed = wanted.get("stream") is True
    recording = streamed_message(recording) if streamed else whole_message(recording)
    if recording.response is None:
        return recording
    if any(block.data is not None for block in recording.blocks):
        include_usage = _json.as_object(wanted.get("stream_options")).get("include_usage") is True
        chunks = ChatChunks(_created(recording), include_usage=include_usage)
        return _answer(recording, tuple(_rendered(recording.blocks, chunks)), _STREAM)
    try:
        value = _json.as_object(_json.loads(recording.body))
    except ValueError:
        return recording
    if value.get("type") == "message":
        return _whole(recording, _completion(value, _created(recording)))
    return _whole(recording, chat_error(value)) if "error" in value else recording


def _created(recording: Recording) -> int:
    try:
        return int(datetime.fromisoformat(recording.head.at).timestamp())
    except ValueError:  # written by hand, without a date
        return 0


def _answer(recording: Recording, blocks: tuple[TimedBlock, ...], content_type: str) -> Recording:
    response = recording.response
    assert response is not None
    headers = {
        name: text
        for name, text in response.headers.items()
        if name not in _REPLACED and not name.startswith("anthropic-")
    }
    headers["content-type"] = content_type
    if "request-id" in response.headers:
        headers["x-request-id"] = response.headers["request-id"]
    if content_type == _JSON:
        headers["content-length"] = str(sum(len(block.raw_bytes) for block in blocks))
    changed = replace(response, status=chat_status(response.status), headers=headers)
    head = replace(recording.head, response=changed)
    return replace(recording, head=head, blocks=blocks, others=(), torn=False)


def _whole(recording: Recording, value: dict[str, Any]) -> Recording:
    block = TimedBlock(recording.blocks[-1].t, None, None, _json.dumps(value))
    return _answer(recording, (block,), _JSON)


def _rendered(blocks: tuple[TimedBlock, ...], chunks: ChatChunks) -> Iterator[TimedBlock]:
    """Yield the blocks of the stream that a Messages stream becomes."""
    for block in blocks:
        if block.data is None:
            if _is_comment(block.raw):
                yield TimedBlock(block.t, None, None, block.raw)
            continue
        for event in events((block,)):
            yield from _blocks_of(event, chunks)


def _blocks_of(event: Event, chunks: ChatChunks) -> Iterator[TimedBlock]:
    for data in chunks.add(event):
        raw = b"".join(b"data: %b\n" % line for line in data.split(b"\n")) + b"\n"
        yield TimedBlock(event.t, None, data, raw)


def _is_comment(raw: bytes) -> bool:
    return raw.endswith((b"\n", b"\r")) and all(line.startswith(b":") for line in raw.splitlines() if line)


def _completion(message: dict[str, Any], created: int) -> dict[str, Any]:
    """Return a whole message as a `chat.completion`."""
    content = message.get("content")
    blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    reply: dict[str, Any] = {"role": "assistant", "content": _text(blocks, "text"), "refusal": None}
    thinking = _text(blocks, "thinking")
    if thinking is not None:
        reply["reasoning_content"] = thinking
    calls = [_call(block) for block in blocks if block.get("type") == "tool_use"]
    if calls:
        reply["tool_calls"] = calls
    reason = message.get("stop_reason")
    return {
        "id": chat_id(message),
        "object": "chat.completion",
        "created": created,
        "model": message.get("model"),
        "choices": [
            {
                "index": 0,
                "message": reply,
                "logprobs": None,
                "finish_reason": finish_reason(reason) if isinstance(reason, str) else None,
            }
        ],
        "usage": chat_usage(_json.as_object(message.get("usage"))),
    }


def _text(blocks: list[dict[str, Any]], kind: str) -> str | None:
    """Join the texts of a kind of block; None without any."""
    texts = [str(block.get(kind) or "") for block in blocks if block.get("type") == kind]
    return "".join(texts) if texts else None


def _call(block: dict[str, Any]) -> dict[str, Any]:
    function = {"name": block.get("name"), "arguments": tool_arguments(block)}
    return {"id": block.get("id"), "type": "function", "function": function}
