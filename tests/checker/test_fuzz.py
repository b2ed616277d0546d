"""Any bytes: `check` never fails and always has a verdict, and its short cut changes no finding.

INSPECTOR_FUZZ sets how many mutants are tried (default: ten thousand).
"""

from __future__ import annotations

import os
import random

import captures
import orjson
import pytest
from check_examples import EXAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants import mutant
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
from inspector.recording import Ending, Recording

COUNT = int(os.environ.get("INSPECTOR_FUZZ", "10000"))
SHARES = 8


def run(sent: Recording, **options):
    checker = Checker(sent.head, **options)
    checker.feed(sent.blocks)
    return checker.close(sent.end, torn=sent.torn)


def hold(sent: Recording) -> None:
    """The laws that every stream keeps."""
    whole = run(sent)
    assert whole.verdict in Verdict
    assert whole == run(sent, short_cut=False)
    assert orjson.dumps([each.severity for each in whole.findings])
    for finding in whole.findings:
        assert finding.rule in RULES
        assert finding.offset is None or 0 <= finding.offset <= whole.bytes
        assert finding.event is None or 1 <= finding.event <= whole.events


@pytest.mark.parametrize("share", range(SHARES))
def test_a_mutant_of_any_recording_gets_a_verdict(share):
    chance = random.Random(share)
    pool = [example.recording for example in EXAMPLES.values()] + captures.bundled()
    for _ in range(COUNT // SHARES):
        hold(mutant(chance, pool))


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
    whole = run(recording(GOOD[:at], how=Ending.CUT))
    assert [each.rule for each in whole.findings] == ["body-truncated"]


@pytest.mark.parametrize("at", range(1, len(start() + TEXT), 7))
def test_a_clean_end_anywhere_before_the_stop_reason_is_one_error(at):
    whole = run(recording(GOOD[:at]))
    assert len([each for each in whole.findings if each.severity == "error"]) == 1
    assert whole.verdict is not Verdict.COMPLETE
