"""Streams whose numbers the tests compare: the bundled recordings, and pieces in any order at any times."""

from __future__ import annotations

import random

from conftest import ROOT
from streams import (
    PING,
    STOP,
    TEXT,
    delta,
    event,
    frame,
    message_delta,
    opens,
    recording,
    start,
    stops,
    tool_delta,
)

from inspector import Ending, load_all

FILES = sorted((ROOT / "recordings").rglob("*.jsonl"))
BUNDLED = [each for path in FILES if path.name != "torn.jsonl" for each in load_all(path)]


PIECES = [
    PING,
    b": keepalive\n\n",
    b"\n",
    start(),
    TEXT,
    opens(0),
    opens(1, "thinking"),
    opens(2, "tool_use"),
    opens(3, "text", text="begun"),
    *(delta(0, f"word {size * 'x'}") for size in range(6)),
    *(delta(1, f"thought {size * 'x'}", "thinking_delta") for size in range(6)),
    delta(1, "c2ln", "signature_delta"),
    tool_delta(2, ""),
    tool_delta(2, '{"a": "ü"}'),
    delta(7, "never begun"),
    delta(0, None),
    delta(0, 17),
    frame("content_block_delta", b'{"type":"content_block_delta","index":true,"delta":{}}'),
    frame("content_block_delta", b"{"),
    frame("content_block_delta", b"[]"),
    frame("new", b'{"type":["odd"]}'),
    b'data: {"type":"ping"}\n\n',
    stops(0),
    stops(1),
    stops(9),
    message_delta(usage={"output_tokens": 40, "output_tokens_details": {"thinking_tokens": 30}}),
    STOP,
    event("error", error={"type": "overloaded_error", "message": "no"}),
]


def fuzzed(seed):
    """A stream of pieces in any order, in reads of any length, at any times."""
    dice = random.Random(seed)
    body = start() + opens(0) + b"".join(dice.choices(PIECES, k=dice.randrange(60)))
    reads, now = [], 0.5
    while body:
        size = dice.choice((1, 7, 60, 200, 900))
        now = round(now + dice.choice((0.001, 0.02, 0.02, 0.02, 0.3, 1.0, 7.0)), 6)
        reads.append((now, body[:size]))
        body = body[size:]
    how = dice.choice((Ending.COMPLETE, Ending.CUT, None))
    return recording(*reads, how=how, end=round(now + dice.choice((0.0, 0.5, 3.0)), 6))


STREAMS = [*BUNDLED, *map(fuzzed, range(150))]
