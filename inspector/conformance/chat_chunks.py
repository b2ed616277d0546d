"""The events of a Messages stream as the chunks of a Chat Completions stream, each at the time of its event.

What becomes of each event:

    message_start          a chunk with the role; the content that it may hold already
    content_block_start    a tool's id and name; nothing for other blocks
    content_block_delta    `content`, `reasoning_content`, or a fragment of a tool's `arguments`
    content_block_stop     the arguments of a tool of which no fragment came
    message_delta          the finish reason
    message_stop           the usage, if the client wants it, and `[DONE]`
    error                  OpenAI's error object; the stream goes on only as the recording does

Left out, because Chat Completions has nothing for them: pings, signatures, redacted thinking, citations,
server tools and their results, compaction, fallbacks, the boundaries between text blocks, the name of the
stop sequence, unknown events, blocks and deltas. `reasoning_content` is no part of OpenAI's own API:
DeepSeek began it, and several servers send it.

Events that the SDK skips or cannot use change nothing, as in `inspector.protocol.snapshot`: client and bridge
have the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from inspector import _json
from inspector.conformance.chat_values import chat_error, chat_usage, finish_reason
from inspector.recording import Event

__all__ = ["DONE", "ChatChunks", "chat_id", "tool_arguments"]

DONE = b"[DONE]"
"""What ends a stream of Chat Completions that is whole."""

_DELTAS = {("text", "text_delta"): "content", ("thinking", "thinking_delta"): "reasoning_content"}


class ChatChunks:
    """The chunks of one stream; `add` its events in order. `created` is in Unix seconds."""

    def __init__(self, created: int, *, include_usage: bool) -> None:
        self._frame: dict[str, Any] = {"id": "", "object": "chat.completion.chunk", "created": created}
        self._include_usage = include_usage
        self._usage: dict[str, Any] = {}
        self._started = False
        self._blocks: list[dict[str, Any]] = []  # by position, which deltas name as `index`
        self._tools: dict[int, int] = {}  # the number of each tool call, by the position of its block
        self._silent: set[int] = set()  # the positions of tools of which no fragment came yet

    def add(self, event: Event) -> Iterator[bytes]:
        """Yield the `data` of the chunks that an event becomes. A payload that is not JSON stays as it is."""
        if not event.valid:
            yield event.block.data or b""
        elif event.name is None or event.name == "ping" or not isinstance(event.data, dict):
            return
        elif event.name == "error":
            yield _json.dumps(chat_error(event.data))
        elif self._started or event.data.get("type") == "message_start":
            step = _STEPS.get(str(event.data.get("type")))
            if step:
                yield from step(self, event.data)

    def _start(self, data: dict[str, Any]) -> Iterator[bytes]:
        message = data.get("message")
        if self._started or not isinstance(message, dict):
            return
        self._started = True
        self._usage = dict(_json.as_object(message.get("usage")))
        self._frame["id"] = chat_id(message)
        self._frame["model"] = message.get("model")
        yield self._chunk({"role": "assistant", "content": ""})
        content = message.get("content")
        for block in content if isinstance(content, list) else ():
            position = len(self._blocks)
            yield from self._start_block({"content_block": block})
            yield from self._stop_block({"index": position})
        yield from self._change_message({"delta": message})

    def _start_block(self, data: dict[str, Any]) -> Iterator[bytes]:
        block = data.get("content_block")
        if not isinstance(block, dict):
            return
        position = len(self._blocks)
        self._blocks.append(block)
        for kind, field in (("text", "content"), ("thinking", "reasoning_content")):
            if block.get("type") == kind and block.get(kind):
                yield self._chunk({field: block[kind]})
        if block.get("type") == "tool_use":
            self._tools[position] = len(self._tools)
            self._silent.add(position)
            function = {"name": block.get("name"), "arguments": ""}
            yield self._call(position, {"id": block.get("id"), "type": "function", "function": function})

    def _add_delta(self, data: dict[str, Any]) -> Iterator[bytes]:
        position, delta = data.get("index"), _json.as_object(data.get("delta"))
        if not isinstance(position, int) or not 0 <= position < len(self._blocks):
            return
        kind = delta.get("type")
        field = _DELTAS.get((str(self._blocks[position].get("type")), str(kind)))
        if field:
            text = delta.get(str(kind).removesuffix("_delta"))
            if isinstance(text, str) and text:
                yield self._chunk({field: text})
        elif kind == "input_json_delta" and position in self._tools:
            text = delta.get("partial_json")
            if isinstance(text, str) and text:
                self._silent.discard(position)
                yield self._call(position, {"function": {"arguments": text}})

    def _stop_block(self, data: dict[str, Any]) -> Iterator[bytes]:
        position = data.get("index")
        if isinstance(position, int) and position in self._silent:
            self._silent.discard(position)
            yield self._call(position, {"function": {"arguments": tool_arguments(self._blocks[position])}})

    def _change_message(self, data: dict[str, Any]) -> Iterator[bytes]:
        counts = _json.as_object(data.get("usage"))
        self._usage |= {name: value for name, value in counts.items() if value is not None}
        reason = _json.as_object(data.get("delta")).get("stop_reason")
        if isinstance(reason, str):
            yield self._chunk({}, finish_reason(reason))

    def _stop(self, data: dict[str, Any]) -> Iterator[bytes]:
        if self._include_usage:
            yield _json.dumps({**self._frame, "choices": [], "usage": chat_usage(self._usage)})
        yield DONE

    def _call(self, position: int, call: dict[str, Any]) -> bytes:
        return self._chunk({"tool_calls": [{"index": self._tools[position], **call}]})

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> bytes:
        usage = {"usage": None} if self._include_usage else {}
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return _json.dumps({**self._frame, "choices": [choice], **usage})


_STEPS: dict[str, Callable[[ChatChunks, dict[str, Any]], Iterator[bytes]]] = {
    "message_start": ChatChunks._start,
    "content_block_start": ChatChunks._start_block,
    "content_block_delta": ChatChunks._add_delta,
    "content_block_stop": ChatChunks._stop_block,
    "message_delta": ChatChunks._change_message,
    "message_stop": ChatChunks._stop,
}


def chat_id(message: dict[str, Any]) -> str:
    """Return an id in OpenAI's form for a message."""
    return "chatcmpl-" + str(message.get("id")).removeprefix("msg_")


def tool_arguments(block: dict[str, Any]) -> str:
    """Return the input of a whole `tool_use` block as the text that Chat Completions has for it."""
    return _json.dumps_text(block.get("input") or {})
