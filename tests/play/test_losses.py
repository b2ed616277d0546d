"""What of a stream a final message lacks."""

from __future__ import annotations

import copy
import random

import captures
import pytest
from one_change import one_of_each
from streams import GOOD, STOP, delta, message_delta, opens, recording, start, stops, tool_delta

from inspector._json import as_object
from inspector.checker import is_clean, report
from inspector.play.losses import losses

TOOL = recording(
    start()
    + opens(0, "tool_use", name="look")
    + tool_delta(0, '{"a":')
    + tool_delta(0, "1}")
    + stops(0)
    + message_delta("tool_use")
    + STOP
)
CUT = recording(start() + opens(0, "tool_use", name="look") + tool_delta(0, '{"a":1,"b') + stops(0))


def lacking(sent, **changes):
    message = copy.deepcopy(sent.message())
    message.update(changes)
    return losses(sent.events(), message)


@pytest.mark.parametrize("sent", [each for each in captures.bundled() if is_clean(report(each))])
def test_the_message_of_a_clean_recording_lacks_nothing(sent):
    message = sent.message()
    if message is not None:
        assert losses(sent.events(), message) == ()


@pytest.mark.parametrize(
    ("sent", "changes", "clauses"),
    [
        (recording(GOOD), {"content": []}, ("11 of 11 characters of text are lost",)),
        (recording(GOOD), {"content": None}, ("11 of 11 characters of text are lost",)),
        (
            recording(GOOD),
            {"content": [{"type": "text", "text": "there Hello"}]},
            ("the text of block 0 is not what was sent",),
        ),
        (recording(GOOD), {"usage": None}, ("usage is missing",)),
        (recording(GOOD), {"usage": {}}, ("usage has no output_tokens",)),
        (recording(GOOD), {"usage": {"output_tokens": 1000}}, ("output_tokens is 1000, not 12",)),
        (recording(GOOD), {"stop_reason": None}, ("stop_reason is None",)),
        (TOOL, {"content": []}, ("tool look (block 0) is lost",)),
        (
            TOOL,
            {"content": [{"type": "tool_use", "input": {}}]},
            ('tool look (block 0) has the input {}, not {"a":1}',),
        ),
        (
            CUT,
            {},
            ('tool look (block 0) has the input {"a":1}, from JSON that is not whole', "stop_reason is None"),
        ),
    ],
)
def test_a_message_that_lacks_something(sent, changes, clauses):
    assert lacking(sent, **changes) == clauses


def test_what_comes_in_events_without_a_name_was_sent_too():
    unnamed = recording(GOOD + delta(0, " you").replace(b"event: content_block_delta\n", b""))
    assert lacking(unnamed) == ("4 of 15 characters of text are lost",)


def test_a_long_input_is_shortened():
    (clause,) = lacking(TOOL, content=[{"type": "tool_use", "input": {"x": "y" * 100}}])
    assert len(clause) < 120


def test_odd_events_are_no_failure():
    odd = b"".join(
        b"event: x\ndata: " + text + b"\n\n" for text in (b"7", b"[]", b'{"type":[]}', b'{"delta":3}')
    )
    index = opens(0).replace(b'"index":0', b'"index":[]') + delta(0).replace(b'"index":0', b'"index":{}')
    assert losses(recording(odd + index + GOOD).events(), {"stop_reason": "x", "usage": {"output_tokens": 5}})


ANYTHING = [None, [], {}, 7, "x", 2**80, 0.5, True, [5], [None], {"type": []}, {"type": "text", "text": []}]


def with_anything(chance, value):
    """Put other values at some places of a message."""
    if chance.random() < 0.1:
        return chance.choice(ANYTHING)
    if isinstance(value, dict):
        return {key: with_anything(chance, member) for key, member in value.items()}
    return [with_anything(chance, member) for member in value] if isinstance(value, list) else value


def test_no_change_of_a_recording_and_of_its_message_is_a_failure():
    chance = random.Random("losses")
    clean = [each for each in captures.bundled() if each.message() and is_clean(report(each))]
    for change in one_of_each(clean).values():
        message = as_object(with_anything(chance, change.recording.message()))
        assert all(isinstance(each, str) for each in losses(change.recording.events(), message, {3}))
