"""Both sides of a hop on one clock: how much later each event came out than it was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from every_recording import RECORDINGS

from inspector.conformance.both_sides import Flow
from inspector.conformance.chat_completions import chat_answer

HELLO = RECORDINGS["hello"]


def later(recording, seconds):
    blocks = tuple(replaced._replace(t=round(replaced.t + seconds, 6)) for replaced in recording.blocks)
    return replace(recording, blocks=blocks)


@pytest.mark.parametrize(
    ("behind", "events"),
    [(HELLO, HELLO), (chat_answer(HELLO, {"stream": True}), None)],
    ids=["anthropic", "openai"],
)
def test_each_event_is_compared_with_its_own(behind, events):
    flow = Flow.of(later(HELLO, 0.25), behind)
    texts = [each for each in HELLO.events() if each.type == "content_block_delta"]
    assert len(flow.delays) == len([*events.events()] if events else texts)
    assert flow.delay(0.5) == flow.delay(0.99) == pytest.approx(0.25)
    assert flow.text.startswith("adds 250.0 ms (p50), 250.0 ms (p99)")
