"""The table of shapes: it is the SDK's own, and every departure from it is found."""

from __future__ import annotations

import copy

import pytest
import sdk_shapes
from sdk_shapes import anthropic
from streams import delta, frame, opens, recording, start, stops

from inspector.checker import Checker, Severity, check
from inspector.checker.shape_choices import CONSTANTS
from inspector.checker.shape_table import _alternatives, event_shapes, table
from inspector.checker.shapes import MAX_FAULTS, ShapeFault, _compare_object, find_faults, is_right

EVENTS, OBJECTS = table()["events"], table()["objects"]
SCALARS = {"string": "x", "integer": 7, "number": 1.5, "boolean": True, "null": None, "any": "x"}


def test_the_shipped_table_is_what_the_sdk_says():
    if table()["source"] != f"anthropic {anthropic.__version__}":
        pytest.skip(f"made from {table()['source']}")
    assert sdk_shapes.FILE.read_text() == sdk_shapes.written(sdk_shapes.beta())


def tag(fields):
    return fields.get("type", fields.get("type?"))


def uncovered(theirs, notation, ours, path, seen):
    """Yield every place at which a value of the SDK's type is no value of the table's."""
    table_parts = _alternatives(ours)
    for part in _alternatives(notation):
        if part[0] in "[{":
            members = [each[1:-1] for each in table_parts if each[0] == part[0]]
            yield from uncovered(theirs, part[1:-1], members[0], path, seen) if members else [path]
        elif part in theirs:
            same = [
                name for name in table_parts if name in OBJECTS and tag(OBJECTS[name]) == tag(theirs[part])
            ]
            if not same:
                yield path
            elif (part, same[0]) not in seen:
                seen.add((part, same[0]))
                yield from uncovered_fields(theirs, theirs[part], OBJECTS[same[0]], path, seen)
        elif part not in table_parts and "any" not in table_parts:
            string = part == "string" or part[0] == "'"
            if not (string and any(each == "string" or each[0] == "'" for each in table_parts)):
                yield path


def uncovered_fields(theirs, fields, ours, path, seen):
    for key, notation in fields.items():
        name = key.removesuffix("?")
        known = next((each for each in (name, f"{name}?") if each in ours), None)
        if known is None or (key != name and known == name):
            yield f"{path}.{key}"  # unknown here, or optional there and required here
        else:
            yield from uncovered(theirs, notation, ours[known], f"{path}.{name}", seen)
    yield from (f"{path}.{key}" for key in ours if not key.endswith("?") and key not in fields)


@pytest.mark.parametrize("models", [sdk_shapes.beta, sdk_shapes.general])
def test_whatever_the_installed_sdk_expects_is_right_for_the_table(models):
    installed = models()
    assert set(installed["events"]) <= set(EVENTS)
    for kind, name in installed["events"].items():
        assert list(uncovered(installed["objects"], name, EVENTS[kind], kind, set())) == []


def test_every_notation_in_the_table_is_a_known_one():
    def check(notation):
        for part in _alternatives(notation):
            if part[0] in "[{":
                check(part[1:-1])
            else:
                assert part in SCALARS or part in OBJECTS or part[0] == part[-1] == "'"

    for fields in OBJECTS.values():
        for notation in fields.values():
            check(notation)


def values(notation):
    """Yield a value for every alternative of a type, null last."""
    for part in _alternatives(notation):
        if part[0] == "[":
            yield from ([value] for value in values(part[1:-1]))
        elif part[0] == "{":
            yield {"key": next(values(part[1:-1]))}
        elif part[0] == "'":
            yield part[1:-1]
        elif part in OBJECTS:
            yield {
                field: CONSTANTS.get(f"{part}.{field}", next(values(type_)))
                for field, type_ in ((key.removesuffix("?"), type_) for key, type_ in OBJECTS[part].items())
            }
        else:
            yield SCALARS[part]


def samples(notation, seen):
    """Yield (a right value, the objects that are new in it) until every object below has been in one."""
    for name in [part for part in _alternatives(notation) if part in OBJECTS and part not in seen]:
        seen.add(name)
        whole = next(values(name))
        yield whole, name
        for key, type_ in OBJECTS[name].items():
            for part in _alternatives(type_):
                inner = part[1:-1] if part[0] in "[{" else part
                for value, deepest in samples(inner, seen):
                    wrapped = {"[": [value], "{": {"key": value}}.get(part[0], value)
                    yield {**whole, key.removesuffix("?"): wrapped}, deepest


SAMPLES = [
    pytest.param(kind, payload, id=f"{kind}:{deepest}")
    for kind, name in EVENTS.items()
    for payload, deepest in samples(name, set())
]


def test_the_samples_have_every_object():
    assert {sample.id.partition(":")[2] for sample in SAMPLES} == set(OBJECTS)


def places(value, path=""):
    """Yield (parent, key, path) of every field and member, from the outside in."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in steps:
        inner = f"{path}[{key}]" if isinstance(value, list) else f"{path}.{key}".removeprefix(".")
        yield value, key, inner
        yield from places(member, inner)


def is_free(path):
    """Whether the table says nothing about a value."""
    return any(word in path for word in ("input.", "input_schema", "properties", "input_examples[0]"))


@pytest.mark.parametrize(("kind", "payload"), SAMPLES)
def test_a_right_event_has_no_fault(kind, payload):
    assert find_faults(kind, payload) == ()


@pytest.mark.parametrize(("kind", "payload"), SAMPLES)
def test_a_wrong_type_anywhere_is_found_at_its_path(kind, payload):
    payload = copy.deepcopy(payload)
    for parent, key, path in list(places(payload)):
        if is_free(path):
            continue
        right, parent[key] = parent[key], 0.5  # no field is a fraction
        faults = find_faults(kind, payload)
        parent[key] = right
        assert [(fault.path, fault.actual) for fault in faults] == [(path, "a number")]


@pytest.mark.parametrize(("kind", "payload"), SAMPLES)
def test_a_missing_field_is_found_at_its_path_if_it_is_required(kind, payload):
    payload = copy.deepcopy(payload)
    paths = set()
    for parent, key, path in list(places(payload)):
        if not isinstance(parent, dict) or is_free(path):
            continue
        right = parent.pop(key)
        faults = find_faults(kind, payload)
        parent[key] = right
        # Without its type, one object of several may be taken for another one.
        assert key == "type" or {(fault.path, fault.actual) for fault in faults} <= {(path, None)}
        paths |= {fault.path for fault in faults}
    assert {"type"} | ({"index"} & set(payload)) <= paths


def test_what_the_api_may_add_is_legal():
    new = {"type": "text", "text": "", "colour": 3, "citations": [{"type": "brand_new", "url": 7}]}
    event = {"type": "content_block_start", "index": 0, "content_block": new, "padding": [1]}
    assert find_faults("content_block_start", event) == ()
    event["content_block"] = {"type": "brand_new_block", "text": 7}
    assert find_faults("content_block_start", event) == ()
    assert find_faults("brand_new_event", {"type": 7}) == ()


NEW_IN_2_12 = [
    frame(
        "error",
        {
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "message": "m",
                "details": {"error_code": "image_dimensions_too_large"},
            },
        },
    ),
    start(
        input_transformations=[{"type": "thinking_dropped", "path": "messages.1.content.0", "reason": "r"}]
    ),
    start(usage={"input_tokens": 1, "output_tokens": 1, "iterations": [], "fallback_credit": None}),
]


@pytest.mark.parametrize("new", NEW_IN_2_12)
def test_what_is_new_in_anthropic_2_12_is_known(new):
    faults = [f for f in check(recording(new), select=["structure", "error-shape"]) if f.severity != "info"]
    assert faults == []


def test_null_is_missing_for_a_required_field_and_legal_for_many_others():
    (fault,) = find_faults(
        "content_block_start",
        {"type": "x", "index": 0, "content_block": {"type": "text", "text": None, "citations": None}},
    )
    assert fault == ShapeFault("content_block.text", "a string", "null", "field-missing", Severity.ERROR)


def test_an_event_with_many_faults_is_not_searched_to_its_end():
    content = [{"type": "text"}] * 1000
    payload = {"type": "message_start", "message": {"content": content}}
    assert len(find_faults("message_start", payload)) == MAX_FAULTS


@pytest.mark.parametrize(("tokens", "rules"), [(3, []), (None, []), ("3", ["field-type-wrong"])])
def test_a_delta_with_more_than_its_text_is_compared_on_the_fast_path_too(tokens, rules):
    chunks = start() + opens(0, "thinking") + delta(0, "a", "thinking_delta") * 2
    chunks += delta(0, "b", "thinking_delta", estimated_tokens=tokens)
    sent = recording(chunks + delta(0, "c", "thinking_delta") + stops(0))
    for short_cut in (True, False):
        checker = Checker(sent.head, short_cut=short_cut)
        checker.feed(sent.blocks)
        findings = checker.close(None).findings
        assert [f.rule for f in findings if f.rule != "recording-unfinished"] == rules


def spoiled(value):
    """Yield copies of a JSON value with one change each: a member taken away, added, or of another type."""
    if isinstance(value, dict):
        yield from ({**value, key: odd} for key in value for odd in ODD_MEMBERS)
        yield from ({name: member for name, member in value.items() if name != key} for key in value)
        yield from ({**value, f"{key}s": member} for key, member in value.items())
        yield {**value, "new": 1}
        yield from ({**value, key: odd} for key, member in value.items() for odd in spoiled(member))
    elif isinstance(value, list):
        yield from ([odd] for member in value[:1] for odd in spoiled(member))


ODD_MEMBERS = (None, "", "x", 0, -1, 2**70, 1.5, True, [], {}, [None], {"type": "texts"}, {"type": 7})


@pytest.mark.parametrize(("kind", "payload"), SAMPLES)
def test_an_event_is_right_if_and_only_if_it_has_no_difference(kind, payload):
    shape = event_shapes()[kind]
    for value in (payload, *spoiled(payload)):
        assert is_right(value, shape) == (not any(True for _ in _compare_object(value, shape))), value
