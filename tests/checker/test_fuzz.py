"""Whatever bytes: `check` never fails, always has a verdict, and the short way finds what the long way does.

INSPECTOR_FUZZ sets how many mutants are tried (ten thousand unless set).
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import orjson
import pytest
from check_examples import EXAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import (
    GOOD,
    PING,
    STOP,
    TEXT,
    TOOL,
    delta,
    event,
    frame,
    message_delta,
    opens,
    recording,
    start,
    stops,
)

from inspector.checker import RULES, Checker, Verdict
from inspector.recording import Ending, Recording, load_all

COUNT = int(os.environ.get("INSPECTOR_FUZZ", "10000"))
SHARES = 8
FOLDER = Path(__file__).parents[2] / "recordings"


def sources() -> list[Recording]:
    """The examples of the rules, and every bundled recording where they are."""
    found = [example.recording for example in EXAMPLES.values()]
    for path in sorted(FOLDER.glob("**/*.jsonl")):
        try:
            found += load_all(path)
        except UserWarning:  # a torn line, which the project's settings make an error
            continue
    return found


def verdict(sent: Recording, **options):
    checker = Checker(sent.head, **options)
    checker.feed(sent.blocks)
    return checker.close(sent.end, torn=sent.torn)


def hold(sent: Recording) -> None:
    """The laws that every stream keeps."""
    found = verdict(sent)
    assert found.verdict in Verdict
    assert found == verdict(sent, short_cut=False)
    assert orjson.dumps([each.severity for each in found.findings])
    for finding in found.findings:
        assert finding.rule in RULES
        assert finding.offset is None or 0 <= finding.offset <= found.bytes
        assert finding.event is None or 1 <= finding.event <= found.events


WEIRD = [
    b"null",
    b"[]",
    b"-1",
    b'"x"',
    b"1e999",
    b"NaN",
    b"{}",
    b'"\\ud83d"',
    b"[DONE]",
    b'{"type":[]}',
    b"true",
]


def bytewise(chance: random.Random, body: bytes) -> bytes:
    data = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + chance.randint(1, 40)]
            case 2:
                data[at:at] = chance.choice(
                    [b"\n", b"\r\n", b"\r", b":", b"data: ", b"\xff", b"\n\n", b'"', b"\0"]
                )
            case 3:
                data[at:at] = data[: chance.randrange(200)]
            case _:
                del data[at:]
    return bytes(data)


def eventwise(chance: random.Random, body: bytes) -> bytes:
    parts = [part + b"\n\n" for part in body.split(b"\n\n")]
    for _ in range(chance.randint(1, 5)):
        at, other = chance.randrange(len(parts)), chance.randrange(len(parts))
        match chance.randrange(6):
            case 0:
                parts.insert(at, parts[other])
            case 1 if len(parts) > 1:
                del parts[at]
            case 2:
                parts[at], parts[other] = parts[other], parts[at]
            case 3:
                name, sign, data = parts[at].partition(b"data: ")
                parts[at] = name + sign + reworked(chance, data)
            case 4:
                parts[at] = parts[at].replace(b'"index":0', b'"index":%d' % chance.randint(-1, 3))
            case _:
                parts.insert(at, chance.choice([PING, STOP, b": comment\n\n", b"id: 1\n\n", b"event: x\n\n"]))
    return b"".join(parts)


def reworked(chance: random.Random, data: bytes) -> bytes:
    """A payload with one value replaced by something that nobody expects."""
    pieces = data.split(b":")
    at = chance.randrange(len(pieces))
    rest = b"".join(b","[:1] + piece for piece in pieces[at].split(b",")[1:])
    pieces[at] = chance.choice(WEIRD) + rest
    return b":".join(pieces)


@pytest.mark.parametrize("share", range(SHARES))
def test_a_mutant_of_any_recording_gets_a_verdict(share):
    chance = random.Random(share)
    pool = sources()
    for _ in range(COUNT // SHARES):
        sent = chance.choice(pool)
        mutate = chance.choice([bytewise, eventwise])
        body = mutate(chance, sent.body or GOOD)
        cuts = sorted(chance.randrange(len(body) + 1) for _ in range(chance.randrange(4)))
        reads = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
        how = chance.choice([*Ending, None])
        url = chance.choice([sent.request.url, ""])
        hold(recording(*reads, how=how, url=url, headers=sent.response.headers if sent.response else {}))


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_get_a_verdict(body):
    hold(recording(body))


PIECES = [
    start(),
    start("msg_2"),
    opens(0),
    opens(1, "tool_use"),
    opens(2, "thinking"),
    delta(0),
    delta(0, "\u2028"),
    delta(0, ""),
    delta(1, '{"a":', "input_json_delta"),
    delta(2, "x", "thinking_delta"),
    delta(2, "x", "signature_delta"),
    stops(0),
    stops(1),
    stops(2),
    message_delta(),
    message_delta(None),
    STOP,
    PING,
    TEXT,
    TOOL,
    frame("error", {"type": "error", "error": {"type": "x", "message": "y"}}),
    event("content_block_delta", index=0, delta=[]),
    event("content_block_delta", index=[], delta={"type": "text_delta", "text": "x"}),
    event("content_block_delta", index=0.0, delta={"type": "text_delta", "text": "x"}),
    event("content_block_start", index=0, content_block={"type": {}}),
    event("message_delta", delta={"stop_reason": {"a": []}}, usage={"output_tokens": "7"}),
    event("message_start", message={"id": 7, "content": "x", "usage": [], "stop_reason": 3}),
    b"data: [DONE]\n\n",
    b"data: {\n\n",
    b"event: content_block_stop\n\n",
    b": c\r\n\r\n",
]


@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.floats(0, 200)), max_size=14),
    st.sampled_from([*Ending, None]),
)
@settings(max_examples=400, deadline=None)
def test_events_in_any_order_get_a_verdict(pieces, how):
    now, reads = 1.0, []
    for piece, pause in pieces:
        now += pause
        reads.append((now, piece))
    hold(recording(*reads, how=how))


@pytest.mark.parametrize("at", range(0, len(GOOD), 7))
def test_a_cut_anywhere_is_one_finding(at):
    found = verdict(recording(GOOD[:at], how=Ending.CUT))
    assert [each.rule for each in found.findings] == ["body-truncated"]


@pytest.mark.parametrize("at", range(1, len(start() + TEXT), 7))
def test_a_clean_end_anywhere_before_the_stop_reason_is_one_error(at):
    found = verdict(recording(GOOD[:at]))
    assert len([each for each in found.findings if each.severity == "error"]) == 1
    assert found.verdict is not Verdict.COMPLETE
