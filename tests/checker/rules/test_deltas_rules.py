"""Rules about deltas."""

from __future__ import annotations

import pytest
from example_parts import PROSE
from streams import END, STOP, TEXT, delta, event, message_delta, opens, recording, start, stops, tool_delta

from inspector.checker import Severity, check


def findings(body, rule):
    return [(f.severity, f.message) for f in check(recording(start() + body + END), select=[rule])]


def messages(body, rule):
    return [message for _, message in findings(body, rule)]


def odd_delta(value):
    return event("content_block_delta", index=0, delta=value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "content_block_delta has no delta object"),
        ([], "content_block_delta has no delta object"),
        ({}, "content_block_delta's delta has no type"),
        ({"type": 7, "text": "x"}, "content_block_delta's delta has no type"),
        ({"type": "text_delta"}, 'text_delta has no text in "text"'),
        ({"type": "text_delta", "text": None}, 'text_delta has no text in "text"'),
        ({"type": "text_delta", "text": 7}, 'text_delta has no text in "text"'),
        ({"type": "text_delta", "content": "x"}, 'text_delta has "content", not "text"'),
        ({"type": "input_json_delta", "text": "x"}, 'input_json_delta has "text", not "partial_json"'),
    ],
)
def test_a_delta_without_its_text_is_described(value, message):
    assert messages(opens(0) + odd_delta(value) + stops(0), "delta-field-missing") == [message]


def test_an_unknown_delta_needs_no_text():
    assert messages(opens(0) + odd_delta({"type": "odd_delta"}) + stops(0), "delta-field-missing") == []


@pytest.mark.parametrize(
    ("kind", "severity"),
    [("tool_use", Severity.ERROR), ("redacted_thinking", Severity.WARNING), ("sketch", None)],
)
def test_a_delta_in_a_block_without_deltas_may_be_something_new(kind, severity):
    body = opens(0, kind) + delta(0, "x") + stops(0)
    assert [each for each, _ in findings(body, "delta-type-mismatch")] == [severity] * (severity is not None)


def test_a_delta_without_text_fits_nowhere_either():
    body = opens(0, "tool_use") + odd_delta({"type": "citations_delta", "citation": {}}) + stops(0)
    assert messages(body, "delta-type-mismatch") == [
        "citations_delta goes to block 0 (tool_use get_weather) (started ev 2 @260)"
    ]


def test_the_first_delta_of_a_tool_may_be_empty():
    first = opens(0, "tool_use") + tool_delta(0, "")
    assert messages(first + tool_delta(0, "{}") + stops(0), "delta-empty") == []
    assert messages(first + tool_delta(0, "") + stops(0), "delta-empty") == ["an empty input_json_delta"]


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        ([PROSE[:21], PROSE[:30], PROSE], 1),
        ([PROSE[:21], PROSE[:30], PROSE, PROSE + "!"], 1),
        ([PROSE[:5], PROSE[:8], PROSE[:12]], 1),
        ([PROSE[:n] for n in range(1, 9)], 1),
        (["word0", "word0 word1", "word0 word1 word2", "word0 word1 word2 word3"], 1),
        ([PROSE[:21], PROSE[:30], PROSE[:30], PROSE], 1),
        (["", PROSE[:5], PROSE[:9], PROSE[:13]], 1),
        ([PROSE[:5], PROSE[:12]], 0),
        (["1", "10", "100"], 0),
        (["-" * 5, "-" * 10, "-" * 20, "-" * 40, "-" * 80, "-" * 99], 0),
        (["I", "It", "Its", " own"], 0),
        ([PROSE[:5], PROSE[:8], PROSE[:12], " and more"], 0),
        ([PROSE[:25], PROSE[:30], "x", PROSE], 0),
        ([PROSE[:25], PROSE[:25], PROSE[:25]], 0),
    ],
)
def test_all_text_in_every_delta_is_reported_once_it_is_certain(texts, count):
    body = opens(0) + b"".join(delta(0, text) for text in texts) + stops(0)
    assert len(messages(body, "delta-snapshot")) == count
    thinking = body.replace(b'"text_delta", "text"', b'"thinking_delta", "thinking"')
    thinking = thinking.replace(b'"type": "text"', b'"type": "thinking"')
    assert len(messages(thinking, "delta-snapshot")) == count


@pytest.mark.parametrize("size", range(1, 40))
def test_snapshots_are_found_whatever_the_size_of_a_token(size):
    text = "".join(f"word{number} " for number in range(60))
    texts = [text[:end] for end in range(size, 9 * size, size)]
    body = opens(0) + b"".join(delta(0, each) for each in texts) + stops(0)
    assert len(messages(body, "delta-snapshot")) == 1
    pieces = b"".join(delta(0, text[at : at + size]) for at in range(0, 9 * size, size))
    assert messages(opens(0) + pieces + stops(0), "delta-snapshot") == []


@pytest.mark.parametrize("kind", ["citations_delta", "compaction_delta"])
def test_a_delta_that_comes_whole_comes_once(kind):
    block = "text" if kind == "citations_delta" else "compaction"
    part = delta(0, None, kind, content="c", citation={"type": "new"})
    assert messages(opens(0, block) + part * 2 + stops(0), "delta-duplicate-frame") == [
        f"identical to the {kind} before it"
    ]
    assert messages(opens(0, block) + part + stops(0), "delta-duplicate-frame") == []


def test_short_texts_may_repeat():
    assert messages(opens(0) + delta(0, "ha") * 3 + stops(0), "delta-duplicate-frame") == []


def test_only_neighbours_are_compared():
    body = opens(0) + delta(0, PROSE) + delta(0, " and ") + delta(0, PROSE) + stops(0)
    assert messages(body, "delta-duplicate-frame") == []


def test_deltas_of_a_block_that_never_started_are_counted():
    body = TEXT + delta(4) * 7
    (finding,) = check(recording(start() + body + message_delta() + STOP), select=["delta-unstarted"])
    assert (finding.block, finding.more) == (4, 6)
