"""Faults inside one event: bytes that are no text, comments in the middle of a line, very long lines."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from inspector.faults.edits import answered, spliced
from inspector.faults.parameters import choice, count, text
from inspector.faults.payload_edits import Payload, changed
from inspector.faults.positions import Point, Unfit
from inspector.faults.registry import fault
from inspector.protocol import DELTA_TEXT
from inspector.recording import Event, Recording

__all__ = ["big_frame", "corrupt_bytes", "keepalive_splice"]


@fault(
    "keepalive-splice",
    text("text", "what the comment says", "keepalive"),
    at="type:content_block_delta#2",
    incident="https://github.com/mnfst/llm-gateway/pull/2478",
    sdk="JSONDecodeError, no anthropic exception",
    client="say so, and not blindly try again",
)
def keepalive_splice(recording: Recording, at: Point, text: str) -> Recording:
    """A gateway writes its keep-alive comment into the middle of a `data:` line."""
    if at.event is None:
        raise Unfit("there is no event at this position")
    raw, data = at.event.block.raw_bytes, at.event.block.data or b""
    inside = at.offset + max(raw.find(data), 0) + len(data) // 2
    return spliced(recording, [(inside, inside, b": %b\n\n" % text.encode())])


@fault(
    "corrupt-bytes",
    choice(
        "mode",
        "a byte that is no UTF-8, a flipped bit by the seed, a control character",
        "utf8",
        "flip",
        "control",
    ),
    at="type:content_block_delta",
    sdk=(
        "utf8: UnicodeDecodeError; control: JSONDecodeError; flip: mostly one of them, or another text "
        "unnoticed"
    ),
    client="say so",
)
def corrupt_bytes(recording: Recording, at: Point, mode: str, chance: Random) -> Recording:
    """One byte of the body is wrong: of a payload, or the one after `@byte:N`."""
    answered(recording)
    place = at.offset
    if at.event is not None:
        raw, data = at.event.block.raw_bytes, at.event.block.data or b""
        value = data.rfind(b'"') if mode != "flip" else chance.randrange(max(len(data), 1))
        place += max(raw.find(data), 0) + max(value, 0)
    body = recording.body
    if place >= len(body):
        raise Unfit(f"its body has {len(body)} bytes")
    if mode == "flip":
        return spliced(recording, [(place, place + 1, bytes([body[place] ^ (1 << chance.randrange(8))]))])
    return spliced(recording, [(place, place, b"\xff" if mode == "utf8" else b"\x01")])


@fault(
    "big-frame",
    count("bytes", "how much longer the event gets", 1_000_000, least=1, unit="BYTES"),
    events="type:content_block_delta#1",
    incident="https://github.com/zendev-sh/goai/issues/70",
    sdk="nothing",
    client="have room for an event of megabytes",
)
def big_frame(recording: Recording, events: Sequence[Event], bytes_: int) -> Recording:
    """One delta is very long."""

    def grown(value: Payload) -> Payload:
        delta = value.get("delta")
        name = DELTA_TEXT.get(str(delta.get("type"))) if isinstance(delta, dict) else None
        if not isinstance(delta, dict) or name is None:
            raise Unfit("the event is no delta with text")
        filler = " " if name == "partial_json" else "x"  # blanks are JSON wherever an input begins or ends
        delta[name] = str(delta.get(name) or "") + filler * bytes_
        return value

    return changed(recording, events, grown)
