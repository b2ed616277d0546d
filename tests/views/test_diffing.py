"""In what two recordings differ: in nothing if only chance differs; and each change of meaning is named."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import replace

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from recorded_pairs import BUNDLED, SAME, STREAMS, chunked, with_body, with_events
from small_recordings import small

from inspector import Ending, UsageError, assert_same, diff, load, load_all
from inspector.checker import report
from inspector.formats import recordings
from inspector.views.diffing import lasting_findings
from inspector.views.meaning import meaning_of

TOOL = load(ROOT / "recordings/tool_use.jsonl")
HELLO = load(ROOT / "recordings/hello.jsonl")
THINKING = load(ROOT / "recordings/thinking.jsonl")


@pytest.mark.parametrize("recording", BUNDLED.values(), ids=BUNDLED)
def test_a_recording_is_the_same_as_itself(recording):
    same = diff(recording, recording, exact=True, timing=1)
    assert same.same, str(same)
    assert same.notes == ()


def test_streams_of_real_servers_are_the_same_as_themselves_and_otherwise_chunked(corpus_stream):
    with corpus_stream.open("rb") as file:
        recording = next(recordings(file, str(corpus_stream)))
    assert diff(recording, recording, exact=True).same
    other = chunked(recording, random.Random(1))
    if recording.response and "eventstream" not in recording.response.headers.get("content-type", ""):
        assert diff(recording, other).same, str(diff(recording, other))


@pytest.mark.parametrize("way", SAME.values(), ids=SAME)
@pytest.mark.parametrize("recording", STREAMS.values(), ids=STREAMS)
def test_what_differs_by_chance_is_no_difference(recording, way):
    for seed in range(3):
        other = way(recording, random.Random(seed))
        difference = diff(recording, other)
        assert difference.same, str(difference)


@given(st.sampled_from(sorted(STREAMS)), st.lists(st.sampled_from(sorted(SAME)), max_size=4), st.randoms())
def test_ways_to_say_the_same_add_up(name, ways, dice):
    other = STREAMS[name]
    for way in ways:
        other = SAME[way](other, dice)
    difference = diff(STREAMS[name], other)
    assert difference.same, f"{ways}: {difference}"


@pytest.mark.parametrize("recording", BUNDLED.values(), ids=BUNDLED)
def test_a_condensed_stream_means_the_same_and_has_findings_of_the_same_rules(recording):
    condensed = meaning_of(recording).condensed
    assert meaning_of(condensed).content == meaning_of(recording).content
    assert meaning_of(condensed).steps == meaning_of(recording).steps
    if recording.response is None or "content-length" not in recording.response.headers:
        rules = [lasting_findings(report(each)).keys() for each in (condensed, recording)]
        assert rules[0] == rules[1]


def changed(old, new):
    """The recording TOOL with a text in its events replaced."""

    def change(name, payload):
        text = json.dumps(payload, ensure_ascii=False)
        return json.loads(text.replace(old, new))

    assert old in json.dumps([event.data for event in TOOL.events()], ensure_ascii=False)
    return with_events(TOOL, change)


BROMSO = changed('n\\": \\"Tr', 'n\\": \\"Br')


def without(kind):
    return with_events(TOOL, lambda name, payload: None if name == kind else payload)


def with_head(recording, **changes):
    return replace(recording, head=replace(recording.head, **changes))


def with_request(**members):
    body = json.dumps({**TOOL.request.json(), **members}).encode()
    return with_head(TOOL, request=replace(TOOL.request, body=body))


def with_headers(**headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return with_head(TOOL, response=replace(TOOL.response, headers={**TOOL.response.headers, **named}))


COUNTED = changed('"output_tokens": 36', '"output_tokens": 37')
CHANGES = {
    "a tool's input": (BROMSO, "tool_input", "content[0].input.location"),
    "a tool's name": (changed("get_weather", "get_whether"), "content", "content[0].name"),
    "the stop reason": (changed('"tool_use", "stop_s', '"end_turn", "stop_s'), "stop_reason", "stop_reason"),
    "a count of tokens": (COUNTED, "usage", "usage.output_tokens"),
    "the model": (changed("claude-haiku-4-5-20251001", "claude-opus-5"), "message", "message.model"),
    "no end of the message": (without("message_stop"), "events", "events[19]"),
    "no end of a block": (without("content_block_stop"), "events", "events[17]"),
    "how it ended": (replace(TOOL, end=TOOL.end._replace(how=Ending.CUT)), "end", "end"),
    "unfinished": (replace(TOOL, end=None), "end", "end"),
    "the status": (with_head(TOOL, response=replace(TOOL.response, status=201)), "status", "status"),
    "a header": (with_headers(content_type="application/json"), "headers", "headers.content-type"),
    "the request": (with_request(system="Be brief."), "request", "request.body.system"),
    "the request's model": (with_request(model="claude-opus-5"), "request", "request.body.model"),
    "the method": (with_head(TOOL, request=replace(TOOL.request, method="GET")), "request", "request.method"),
}


@pytest.mark.parametrize("other, part, where", CHANGES.values(), ids=CHANGES)
def test_each_change_of_meaning_is_named_and_can_be_ignored(other, part, where):
    difference = diff(TOOL, other)
    assert not difference.same
    assert (part, where) in [(change.part, change.where) for change in difference.changes]
    assert diff(TOOL, other, ignore=[part, "findings", "events", "stop_reason"]).same
    where = where if part != "request" else where.removeprefix("request.body.")
    assert where not in [change.where for change in diff(TOOL, other, ignore=[where]).changes]


@pytest.mark.parametrize("other, part, where", CHANGES.values(), ids=CHANGES)
def test_a_difference_is_symmetric(other, part, where):
    there, back = diff(TOOL, other).changes, diff(other, TOOL).changes
    assert sorted(change.where for change in there if change.part != "events") == sorted(
        change.where for change in back if change.part != "events"
    )
    assert {(change.where, str(change.before)) for change in there if change.part != "events"} == {
        (change.where, str(change.after)) for change in back if change.part != "events"
    }


def without_number(recording, dropped):
    numbers = itertools.count(1)
    return with_events(recording, lambda name, payload: None if next(numbers) == dropped else payload)


@pytest.mark.parametrize("recording", STREAMS.values(), ids=STREAMS)
def test_a_dropped_event_is_a_difference_unless_it_is_a_ping_or_says_nothing(recording):
    count = sum(1 for _ in recording.events())
    for dropped in {1, 2, count // 2, count - 1, count}:
        other = without_number(recording, dropped)
        event = next(event for event in recording.events() if event.number == dropped)
        delta = event.data.get("delta") or {}
        texts = (delta.get("text"), delta.get("partial_json"), delta.get("thinking"))
        says_nothing = event.type == "ping" or "" in texts
        assert diff(recording, other).same is says_nothing


def test_text_and_thinking_are_parts_of_their_own():
    def upper(name, payload):
        delta = payload.get("delta", {})
        return {**payload, "delta": {**delta, "text": delta["text"].upper()}} if "text" in delta else payload

    assert diff(THINKING, with_events(THINKING, upper)).parts == ["text"]

    def shout(name, payload):
        delta = payload.get("delta", {})
        return {**payload, "delta": {**delta, "thinking": "!"}} if delta.get("thinking") else payload

    assert diff(THINKING, with_events(THINKING, shout)).parts == ["thinking"]


def test_findings_that_come_or_go_are_differences_and_those_about_times_are_not():
    crlf = with_body(TOOL, TOOL.body.replace(b"\n", b"\r\n", 3).replace(b"\r\n\n", b"\n\n"))
    assert "findings" in diff(TOOL, crlf).parts or diff(TOOL, crlf).same
    late = replace(TOOL, blocks=tuple(block._replace(t=block.t + 500) for block in TOOL.blocks))
    late = replace(late, end=TOOL.end._replace(t=TOOL.end.t + 500))
    assert diff(TOOL, late).same
    assert diff(TOOL, late, timing=2).parts == ["timing"]
    cut = diff(TOOL, without("message_stop"))
    assert "findings.message-stop-missing" in [change.where for change in cut.changes]


def test_a_null_is_as_good_as_nothing():
    def with_null(name, payload):
        return (
            payload if name != "message_delta" else {**payload, "usage": {**payload["usage"], "cache": None}}
        )

    assert diff(TOOL, with_events(TOOL, with_null)).same


def test_ids_of_earlier_answers_in_a_request_do_not_count_and_ids_in_a_tools_input_do():
    def asks(call, value):
        block = {"type": "tool_use", "id": call, "name": "x", "input": {"id": value}}
        result = {"type": "tool_result", "tool_use_id": call, "content": "ok"}
        turns = (("assistant", block), ("user", result))
        return with_request(messages=[{"role": role, "content": [each]} for role, each in turns])

    assert diff(asks("toolu_1", "a"), asks("toolu_2", "a")).same
    (change,) = diff(asks("toolu_1", "a"), asks("toolu_1", "b")).changes
    assert change.where == "request.body.messages[0].content[0].input.id"


def test_a_masked_text_equals_any_of_its_length_on_either_side():
    masked, plain = with_request(system="k" * 4 + "*" * 12), with_request(system="k" * 16)
    assert diff(masked, plain).same
    assert diff(plain, masked).same


def test_what_a_source_does_not_have_is_not_compared_and_said():
    bare = with_head(TOOL, request=replace(TOOL.request, body=None), extra={"absent": ["request", "usage"]})
    difference = diff(bare, COUNTED)
    assert difference.same
    assert [each.partition(":")[0] for each in difference.uncompared] == ["request", "usage"]


@pytest.mark.parametrize(
    "one, other, parts",
    [
        (small(b'{"input_tokens":7}'), small(b'{"input_tokens":8}'), ["body"]),
        (small(b"<p>a"), small(b"<p>b"), ["body"]),
        (small(), small(b"x"), ["form", "body"]),
        (small(b"{}", headers={}), small(b"{}", headers={"retry-after": "3", "date": "x"}), ["headers"]),
        (small(b'{"request_id":"req_1"}'), small(b'{"request_id":"req_2"}'), []),
        (with_head(TOOL, response=None), with_head(TOOL, response=None), []),
    ],
)
def test_bodies_that_are_no_stream_are_compared_too(one, other, parts):
    assert diff(one, other, ignore=["findings"]).parts == parts


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_any_two_recordings_have_a_difference_that_can_be_printed(name):
    difference = diff(TOOL, BUNDLED[name])
    assert str(difference).encode()
    assert json.dumps(difference.to_dict())
    assert difference.same is (diff(BUNDLED[name], TOOL).same)


@pytest.mark.parametrize("ignore, names", [("usage", "list"), (["a b]"], "path")])
def test_ignore_is_a_list_of_parts_and_paths(ignore, names):
    with pytest.raises(UsageError, match=names):
        diff(TOOL, TOOL, ignore=ignore)


def test_assert_same_says_what_differs():
    assert_same(TOOL, TOOL)
    with pytest.raises(AssertionError) as caught:
        assert_same(TOOL, BROMSO)
    assert 'content[0].input.location: "Tromsø, Norway" → "Bromsø, Norway"' in str(caught.value)
    assert_same(TOOL, BROMSO, ignore=["content[*].input.location"])


def test_sessions_are_compared_pair_by_pair():
    session = load_all(ROOT / "recordings/tool_session.jsonl")
    assert diff(session, session).same
    assert not diff(session, session[:1]).same
    assert diff(session, session[::-1]).same
