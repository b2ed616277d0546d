"""A stream like one of the API: its kinds of deltas in their usual proportions, padded as the API pads them.

Text, thinking and tool deltas are 10 : 3 : 3, with a few tokens each. A payload has 0 to 15 spaces before its
last brace. Pings are rare. The mean size of a block is about 145 bytes, with its blank line.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import orjson

__all__ = ["block", "body", "events", "grouped"]

_TEXT = (
    "the well is ten meters deep and a snail climbs three of them by day while it slips back two by "
    "night so that on the eighth day, when it has seven behind it, the rest is one climb: it is out "
    "before it can slip"
)
_WORDS = _TEXT.split()
_KINDS = {"text": ("text_delta", "text"), "thinking": ("thinking_delta", "thinking")}


def block(name: str, payload: object, padding: int = 0) -> bytes:
    """Return one block as the API writes it, with `padding` spaces before the payload's last brace."""
    return b"event: %b\ndata: %b%b}\n\n" % (name.encode(), orjson.dumps(payload)[:-1], b" " * padding)


def events(count: int, seed: int = 1) -> list[bytes]:
    """Return the blocks of one message with about `count` deltas, from `message_start` to `message_stop`."""
    return list(_message(count, random.Random(seed)))


def body(size: int, seed: int = 1) -> bytes:
    """Return one message's stream of about `size` bytes."""
    return b"".join(events(size // 143, seed))


def grouped(blocks: list[bytes], number: int) -> list[bytes]:
    """Join every `number` blocks, as if one read brought them."""
    return [b"".join(blocks[at : at + number]) for at in range(0, len(blocks), number)]


def _message(count: int, dice: random.Random) -> Iterator[bytes]:
    def padded(name: str, **fields: object) -> bytes:
        return block(name, {"type": name, **fields}, dice.randrange(16))

    usage = {"input_tokens": 25, "cache_read_input_tokens": 0, "output_tokens": 3}
    message = {"id": "msg_01Benchmark", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5"}
    message |= {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    yield padded("message_start", message=message)
    index, left = 0, count
    while left > 0:
        kind = dice.choices(("text", "thinking", "tool_use"), (10, 3, 3))[0]
        yield padded("content_block_start", index=index, content_block=_empty(kind, index))
        if kind == "tool_use":
            opening = {"type": "input_json_delta", "partial_json": '{"plan": "'}
            yield padded("content_block_delta", index=index, delta=opening)
        for _ in range(min(left, 100)):
            yield padded("content_block_delta", index=index, delta=_delta(kind, dice))
            if dice.random() < 0.002:
                yield b'event: ping\ndata: {"type": "ping"}\n\n'
        yield padded("content_block_stop", index=index)
        index, left = index + 1, left - 100
    delta = {"stop_reason": "end_turn", "stop_sequence": None}
    yield padded("message_delta", delta=delta, usage={"output_tokens": 3 * count})
    yield padded("message_stop")


def _empty(kind: str, index: int) -> dict[str, object]:
    if kind == "tool_use":
        return {"type": kind, "id": f"toolu_{index:024}", "name": "climb", "input": {}}
    return {"type": kind, kind: ""} | ({"signature": ""} if kind == "thinking" else {})


def _delta(kind: str, dice: random.Random) -> dict[str, object]:
    text = "".join(f" {word}" for word in dice.choices(_WORDS, k=dice.randrange(1, 8)))
    if kind == "tool_use":
        return {"type": "input_json_delta", "partial_json": text}
    name, field = _KINDS[kind]
    return {"type": name, field: text}
