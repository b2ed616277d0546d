"""The walk over a JSON text finds the strings and numbers that a parser finds, where they stand."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from inspector.redact.json_values import values_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def path(around, name):
    return f"{around or ''}/{name.decode()}"


def leaves(value, here=""):
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, f"{here}/{json.dumps(name)[1:-1]}")
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, here + "/")
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield here, value


@given(JSON)
def test_every_string_and_number_and_its_place(value):
    text = json.dumps({"": value}).encode()
    found = [
        (kind, json.loads(b'"%b"' % text[start:end] if is_string else text[start:end]))
        for kind, start, end, is_string in values_of(text, path)
    ]
    assert found == list(leaves({"": value}))


def test_it_stops_behind_the_value():
    text = b'{"a":{"b":"c"},"d":"e"}'
    assert [text[start:end] for _, start, end, _ in values_of(text, path, text.index(b'{"b'))] == [b"c"]


def test_text_that_breaks_off_is_walked_as_far_as_it_goes():
    text = b'{"a":["b","c'
    assert [text[start:end] for _, start, end, _ in values_of(text, path)] == [b"b", b"c"]


def test_the_cost_is_linear_in_the_text():
    for count in (1000, 2000):
        assert len(list(values_of(b'{"a":[' * count + b"1", path))) == 1
