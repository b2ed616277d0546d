"""The law of the sentence about a final message: *it is true of the message that the SDK returns*.

Streams are generated: blocks that overlap, messages that start with content, several messages in one body,
integers of many digits, events whose name is missing. What is said is compared with the SDK's own message.
"""

from __future__ import annotations

import json
import random
import re

import pytest
import sdk
from streams import STOP, delta, message_delta, opens, recording, start, stops

from inspector import observe
from inspector.play.sdk_calls import STREAM

pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")

WORDS = ["a", "bc", "", "déf", "a b", "12345678901234567890123"]
INPUTS = [{}, {"a": 1}, {"id": 12345678901234567890123}, {"a": [1, {"b": "x y"}]}, {"f": 0.1}]
KINDS = {"text": "text_delta", "thinking": "thinking_delta", "tool_use": "input_json_delta"}


class Stream:
    """A stream of valid events, in whatever order, and what each block of it holds."""

    def __init__(self, seed: int, *, messages: int, overlaps: bool) -> None:
        self._chance = random.Random(seed)
        self.body, self.blocks, self.left_out = b"", [], 0
        for _ in range(messages):
            self._message(overlaps)

    def _message(self, overlaps: bool) -> None:
        prefilled = [{"type": "text", "text": "hi"}, {"type": "tool_use", "name": "n", "input": {"p": 2}}]
        prefilled = prefilled[: self._chance.choice([0, 0, 1, 2])]
        if not self.body:  # the SDK takes the content of the first message alone
            self.blocks += map(held, prefilled)
        else:
            self.left_out += sum(len(each.get("text", "")) for each in prefilled)
        self.body += start(content=prefilled)
        queues = [self._block(len(prefilled) + n) for n in range(self._chance.randrange(4))]
        if overlaps:
            self.body += b"".join(queue.pop(0) for queue in queues)
            while any(queues):
                self.body += self._chance.choice([queue for queue in queues if queue]).pop(0)
        else:
            self.body += b"".join(map(b"".join, queues))
        self.body += message_delta(output=self._chance.choice([3, "9", 7])) + STOP

    def _block(self, index: int) -> list[bytes]:
        kind = self._chance.choice([*KINDS])
        if kind == "tool_use":
            value = self._chance.choice(INPUTS)
            parts = re.findall(".{1,7}", json.dumps(value))
        else:
            parts = self._chance.choices(WORDS, k=self._chance.randrange(4))
            value = "".join(parts)
        self.blocks.append((kind, value))
        return [opens(index, kind), *(delta(index, part, KINDS[kind]) for part in parts), stops(index)]


def held(block):
    return block["type"], block.get("input" if block["type"] == "tool_use" else block["type"])


def clauses_of(body):
    observation = observe(recording(body))
    return observation.stream.losses if observation.stream.raises is None else None


@pytest.mark.parametrize("overlaps", [False, True])
def test_a_message_that_has_all_of_it_loses_nothing(overlaps):
    for seed in range(60):
        stream = Stream(seed, messages=1, overlaps=overlaps)
        content = sdk.run(recording(stream.body)).content
        assert [held(block) for block in content] == stream.blocks
        assert clauses_of(stream.body) == (), seed


def test_what_is_said_of_several_messages_in_one_body_is_true():
    said = 0
    for seed in range(80):
        stream = Stream(seed, messages=2, overlaps=seed % 2 == 0)
        clauses, content = clauses_of(stream.body), sdk.run(recording(stream.body)).content
        if clauses is not None:
            said += bool(clauses)
            check(clauses, stream, content)
    assert said > 20


def test_what_is_said_of_hidden_events_is_true():
    for seed in range(80):
        stream = Stream(seed, messages=1, overlaps=False)
        events = stream.body.split(b"\n\n")
        number = random.Random(seed).randrange(1, len(events) - 2)
        events[number] = re.sub(rb"^event: .*\n", b"", events[number])
        body = b"\n\n".join(events)
        clauses, content = clauses_of(body), sdk.run(recording(body)).content
        if clauses is not None:
            check(clauses, stream, content)


def check(clauses, stream, content):
    """Hold each clause to the message, and the message to the clauses."""
    sent, kept = stream.blocks, [held(block) for block in content]
    for clause in clauses:
        if match := re.fullmatch(r"(\d+) of (\d+) characters of (\w+) are lost", clause):
            there = sum(len(text) for kind, text in kept if kind == match[3])
            assert int(match[2]) - int(match[1]) == there
        elif match := re.fullmatch(r"(\d+) of \d+ characters of (\w+) are not in their block", clause):
            pairs = [
                (held, text) for (kind, text), (_, held) in zip(sent, kept, strict=False) if kind == match[2]
            ]
            gone = sum(max(0, len(text) - len(held)) for held, text in pairs)
            gone += stream.left_out if match[2] == "text" else 0
            assert len(kept) != len(sent) or int(match[1]) == gone
        elif match := re.fullmatch(r"the (\w+) of block (\d+) is not what was sent", clause):
            place = int(match[2])
            assert kept[place][0] == match[1]
            assert len(kept) != len(sent) or kept[place] != sent[place]
        elif match := re.match(r"tool \w+ \(block (\d+)\) has the input (.*), (?:not |which is)", clause):
            kind, value = kept[int(match[1])]
            assert kind == "tool_use"
            assert json.dumps(value, separators=(",", ":"), ensure_ascii=False).startswith(
                match[2].removesuffix("…")
            )
    if len(kept) == len(sent) and kept != sent:
        assert clauses


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a":1,"b', "from JSON that is not whole"),
        ('{"a":"x', "from JSON that is not whole"),
        ('{"a":[1,', "from JSON that is not whole"),
        ('{"a":NaN}', "from text that is not valid JSON"),
        ('{"a":1}{"b":2}', "from text that is not valid JSON"),
    ],
)
def test_json_that_is_whole_is_not_called_broken_off(text, why):
    body = start() + opens(0, "tool_use") + delta(0, text, "input_json_delta") + stops(0)
    (clause,) = clauses_of(body + message_delta("tool_use") + STOP)
    assert clause.endswith(why)


def test_of_a_signature_in_two_pieces_the_sdk_keeps_the_last():
    pieces = delta(0, "abc", "signature_delta") + delta(0, "def", "signature_delta")
    body = start() + opens(0, "thinking") + pieces + stops(0) + message_delta() + STOP
    assert sdk.run(recording(body)).content[0]["signature"] == "def"
    assert clauses_of(body) == ("3 of 6 characters of signature are lost",)


def test_a_signature_takes_the_place_of_the_one_in_the_start():
    block = opens(0, "thinking", signature="abc") + delta(0, "xyz", "signature_delta") + stops(0)
    assert clauses_of(start() + block + message_delta() + STOP) == ()


def test_text_in_another_block_is_not_called_lost():
    body = (start() + opens(0) + delta(0, "abc") + stops(0) + message_delta() + STOP) * 2
    assert sdk.run(recording(body)).content[0]["text"] == "abcabc"
    assert clauses_of(body) == (
        "3 of 6 characters of text are not in their block",
        "the text of block 0 is not what was sent",
    )
    assert observe(recording(body)).outcomes[0].call == STREAM
