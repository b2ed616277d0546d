"""Faults inside one event: bytes that are not text, comments inside a line, very long lines."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from inspector import _json
from inspector.faults.contents import NotApplicableError
from inspector.faults.edits import Payload, response_of, spliced, with_payloads
from inspector.faults.parameters import choice, count, text
from inspector.faults.positions import Point
from inspector.faults.registry import fault
from inspector.protocol import DELTA_TEXT
from inspector.recording import Event, Recording

__all__ = ["big_frame", "corrupt_bytes", "keepalive_splice"]


@fault(
    "keepalive-splice",
    text("text", "the text of the comment", "keepalive"),
    at="type:content_block_delta#2",
    incident="https://github.com/mnfst/llm-gateway/pull/2478",
    client="report it, and not retry blindly",
)
def keepalive_splice(recording: Recording, at: Point, text: str) -> Recording:
    """A gateway writes its keep-alive comment into the middle of a `data:` line."""
    if at.event is None:
        raise NotApplicableError("there is no event at this position")
    raw, data = at.event.block.raw_bytes, at.event.block.data or b""
    inside = at.offset + max(raw.find(data), 0) + len(data) // 2
    return spliced(recording, [(inside, inside, b": %b\n\n" % text.encode())])


@fault(
    "corrupt-bytes",
    choice(
        "mode",
        "what is wrong",
        {
            "utf8": "a byte that is not UTF-8 stands before it",
            "flip": "one of its bits is flipped, chosen by the seed",
            "control": "a control character stands before it",
        },
    ),
    at="type:content_block_delta",
    client="report it",
)
def corrupt_bytes(recording: Recording, at: Point, mode: str, chance: Random) -> Recording:
    """One byte is wrong: in an event's payload, or the one after `@byte:N`."""
    response_of(recording)
    place = at.offset
    if at.event is not None:
        raw, data = at.event.block.raw_bytes, at.event.block.data or b""
        inside = data.rfind(b'"') if mode != "flip" else chance.randrange(max(len(data), 1))
        place += max(raw.find(data), 0) + max(inside, 0)
    body = recording.body
    if place >= len(body):
        raise NotApplicableError(f"its body has {len(body)} bytes")
    if mode == "flip":
        return spliced(recording, [(place, place + 1, bytes([body[place] ^ (1 << chance.randrange(8))]))])
    return spliced(recording, [(place, place, b"\xff" if mode == "utf8" else b"\x01")])


@fault(
    "big-frame",
    count("bytes", "how much longer the event gets", 1_000_000, least=1, unit="BYTES"),
    events="type:content_block_delta#1",
    incident="https://github.com/zendev-sh/goai/issues/70",
    client="accept events of several megabytes",
)
def big_frame(recording: Recording, events: Sequence[Event], bytes_: int) -> Recording:
    """One delta is very long."""

    def grown(payload: Payload) -> Payload:
        delta = _json.as_object(payload.get("delta"))
        field = DELTA_TEXT.get(str(delta.get("type")))
        if field is None:
            raise NotApplicableError("the event is not a delta with text")
        # Spaces keep a tool's JSON valid, if they stand before, between or after its values.
        filler = " " if field == "partial_json" else "x"
        delta[field] = str(delta.get(field) or "") + filler * bytes_
        return payload

    return with_payloads(recording, events, grown)
