"""The choices beside the table: they name what exists, and what breaks the SDK is an error."""

from __future__ import annotations

import copy
import json

import pytest
import sdk
from streams import frame, recording

from inspector.checker import RULES, Severity, check
from inspector.checker.shape_choices import (
    ANY_TYPE,
    ERRORS,
    FIELD_MISSING,
    FIELD_TYPE_WRONG,
    OPTIONAL,
    REPORTED_BY,
)
from inspector.checker.shape_table import parse_type, table

EVENTS, OBJECTS = table()["events"], table()["objects"]


def exists(path):
    """Whether a path names a field of the table."""
    kind, *fields = path.replace("[]", "").split(".")
    names = [EVENTS[kind]]
    for field in fields:
        notations = [OBJECTS[name].get(field) or OBJECTS[name].get(f"{field}?") for name in names]
        types = [parse_type(notation) for notation in notations if notation]
        if not types:
            return False
        types += [type_.items for type_ in types if type_.items]
        names = [name for type_ in types for name in {*type_.tags.values(), type_.untagged} if name]
    return True


@pytest.mark.parametrize("path", [*REPORTED_BY, *ERRORS])
def test_a_choice_is_about_a_field_of_the_table(path):
    assert exists(path)


def test_a_path_that_is_not_in_the_table_would_be_noticed():
    assert not exists("message_start.message.colour")


@pytest.mark.parametrize("name", [*OPTIONAL, *ANY_TYPE])
def test_what_may_be_absent_is_an_object_or_a_field_of_one(name):
    owner, _, field = name.partition(".")
    assert owner in OBJECTS
    assert not field or field in OBJECTS[owner]


def test_a_fault_is_reported_by_a_rule():
    named = {rule for rules in REPORTED_BY.values() for rule in rules} | {FIELD_MISSING, FIELD_TYPE_WRONG}
    assert named <= set(RULES)


USAGE = {
    "input_tokens": 10,
    "output_tokens": 12,
    "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
    "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0},
    "output_tokens_details": {"thinking_tokens": 3},
}
CITATION = {"type": "page_location", "cited_text": "x", "document_index": 0, "document_title": None}
CITATION |= {"start_page_number": 1, "end_page_number": 2}
HIT = {"type": "web_search_result", "url": "u", "title": "t", "encrypted_content": "e", "page_age": None}
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "model": "c", "content": [], "usage": USAGE}


def block(index, start, *deltas):
    yield {"type": "content_block_start", "index": index, "content_block": start}
    yield from ({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas)
    yield {"type": "content_block_stop", "index": index}


EVERYTHING = [
    {"type": "message_start", "message": {**MESSAGE, "stop_reason": None, "stop_sequence": None}},
    *block(
        0,
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking_delta", "thinking": "Hm", "estimated_tokens": 3},
        {"type": "signature_delta", "signature": "s"},
    ),
    *block(
        1,
        {"type": "text", "text": "", "citations": []},
        {"type": "text_delta", "text": "Hi"},
        {"type": "citations_delta", "citation": CITATION},
    ),
    *block(2, {"type": "redacted_thinking", "data": "x"}),
    *block(
        3,
        {"type": "tool_use", "id": "t", "name": "f", "input": {}, "caller": {"type": "direct"}},
        {"type": "input_json_delta", "partial_json": '{"a": 1}'},
    ),
    *block(
        4,
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "input_json_delta", "partial_json": "{}"},
    ),
    *block(5, {"type": "web_search_tool_result", "tool_use_id": "s", "content": [HIT]}),
    *block(
        6,
        {"type": "compaction", "content": None},
        {"type": "compaction_delta", "content": "c", "encrypted_content": "e"},
    ),
    {
        "type": "message_delta",
        "delta": {"stop_reason": "tool_use", "stop_sequence": None, "container": None},
        "usage": USAGE,
    },
    {"type": "message_stop"},
]
"""A stream with every delta and most fields that servers send."""
KINDS = [event["type"] for event in EVERYTHING]


def places(value, path=()):
    for key, member in value.items() if isinstance(value, dict) else ():
        yield (*path, key)
        yield from places(member, (*path, key))


DAMAGE = [
    pytest.param(number, path, wrong, id=f"{number}-{'.'.join(path)}-{json.dumps(wrong)}")
    for number, event in enumerate(EVERYTHING)
    for path in places(event)
    for wrong in ("absent", 0.5)
]


def damaged(number, path, wrong):
    events = copy.deepcopy(EVERYTHING)
    parent = events[number]
    for key in path[:-1]:
        parent = parent[key]
    if wrong == "absent":
        del parent[path[-1]]
    else:
        parent[path[-1]] = wrong
    return stream(events)


def stream(events):
    frames = zip(KINDS, events, strict=True)
    return recording(b"".join(frame(kind, event) for kind, event in frames))


def test_the_stream_is_clean():
    assert [f for f in check(stream(EVERYTHING)) if f.severity is not Severity.INFO] == []
    assert sdk.run(stream(EVERYTHING)).stream == set()


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize(("number", "path", "wrong"), DAMAGE)
def test_a_field_without_which_the_sdk_breaks_is_an_error(number, path, wrong):
    sent = damaged(number, path, wrong)
    severities = {finding.severity for finding in check(sent)}
    if sdk.run(sent).stream:
        assert Severity.ERROR in severities


@pytest.mark.parametrize(("number", "path", "wrong"), [p for p in DAMAGE if p.values[2] == 0.5])
def test_a_field_with_a_wrong_type_is_never_overlooked(number, path, wrong):
    severities = {finding.severity for finding in check(damaged(number, path, wrong))}
    assert severities & {Severity.ERROR, Severity.WARNING}
